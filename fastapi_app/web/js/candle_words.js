/** What the candle chart says in words: its description, its legend, and the line about one candle. */

import { mark } from "./chart.js";
import { s } from "./dom.js";
import { instant, number, percent } from "./format.js";
import { t } from "./i18n.js";

/** Return the chart's description for who cannot see it; `data` is that of `candleChart`. */
export function described({ candles, past, forecast }) {
  const [first, last] = [candles[0], candles.at(-1)];
  const ends = { from: instant(first.open_time_utc), to: instant(last.open_time_utc) };
  const told = [t("candles.description", { ...ends, close: number(last.close_price, 2) })];
  const judged = past.filter((each) => each.hit !== null);
  const hits = judged.filter((each) => each.hit).length;
  if (judged.length) told.push(t("candles.descriptionPast", { count: judged.length, hits }));
  if (forecast) {
    const price = number(forecast.forecast_price, 2);
    told.push(t("candles.descriptionForecast", { price, ...bounds(forecast.price_interval) }));
  }
  return told.join(" ");
}

/** Return the line about a candle and, where there is one, about the forecast of its close. */
export function readout(candle, made) {
  const prices = ["open", "high", "low", "close"].map((name) => [name, number(candle[`${name}_price`], 2)]);
  const text = t("candles.readout", { at: instant(candle.open_time_utc), ...Object.fromEntries(prices) });
  if (!made) return text;
  return `${text} · ${t("candles.readoutForecast", { up: percent(made.probability_up), ...bounds(made) })}`;
}

/** Return the legend's entries, for what is drawn only. */
export function legendEntries({ past, forecast }) {
  const shown = [
    { mark: candleMark("rises"), text: t("candles.rises") },
    { mark: candleMark("falls"), text: t("candles.falls") },
  ];
  if (forecast) shown.push({ mark: forecastSample(), text: t("candles.forecast") });
  if (past.length) {
    shown.push(
      { mark: box("past-interval"), text: t("candles.pastInterval") },
      { mark: box("verdict hit"), text: t("candles.hit") },
      { mark: box("verdict miss"), text: t("candles.miss") },
      { mark: mark(s("circle", { class: "outside", cx: 11, cy: 6, r: 4 })), text: t("candles.outside") },
    );
  }
  return shown;
}

function bounds({ lower_price: lower, upper_price: upper }) {
  return { lower: number(lower, 2), upper: number(upper, 2) };
}

function box(name) {
  return mark(s("rect", { class: name, x: 6, y: 1, width: 10, height: 10 }));
}

function candleMark(name) {
  const wick = s("line", { x1: 11, x2: 11, y1: 0, y2: 12 });
  return mark(s("g", { class: `candle ${name}` }, wick, s("rect", { x: 8, y: 3, width: 6, height: 6 })));
}

function forecastSample() {
  const band = s("rect", { x: 5, y: 0, width: 12, height: 12 });
  return mark(s("g", { class: "forecast-mark" }, band, s("line", { x1: 3, x2: 19, y1: 6, y2: 6 })));
}
