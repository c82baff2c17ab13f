/** Candles, what was forecast for each of them, and the forecast beyond the last. */

import { described, legendEntries, readout } from "./candle_words.js";
import { frame, legend, responsive } from "./chart.js";
import { s } from "./dom.js";
import { t } from "./i18n.js";
import { extent } from "./scales.js";

const STRIP = 20;

/**
 * Return the chart and its legend.
 * @param {Object} data
 * @param {Array} data.candles oldest first, one at least
 * @param {Array} data.past forecasts of these candles, at most one for each
 * @param {Object|null} data.forecast the newest, as GET /predict answers it
 * @param {string} data.asset in which prices are
 */
export function candleChart(data) {
  const step = stepOf(data.candles);
  return [responsive((width) => draw(data, step, width)), legend(legendEntries(data))];
}

/** Return the length of a candle in milliseconds: the least distance of two. */
function stepOf(candles) {
  const opens = candles.map((candle) => Date.parse(candle.open_time_utc));
  const steps = opens.slice(1).map((open, place) => open - opens[place]);
  return steps.length ? Math.min(...steps) : 3_600_000;
}

function draw(data, step, width) {
  const { candles, past, forecast, asset } = data;
  const first = Date.parse(candles[0].open_time_utc);
  const end = forecast ? Date.parse(forecast.target_close_utc) : Date.parse(candles.at(-1).open_time_utc) + step;
  const lows = [...candles.map((each) => each.low_price), ...past.map((each) => each.lower_price)];
  const highs = [...candles.map((each) => each.high_price), ...past.map((each) => each.upper_price)];
  const ends = forecast ? [forecast.price_interval.lower_price, forecast.price_interval.upper_price] : [];
  const chart = frame({
    id: "candle-chart",
    width,
    height: heightOf(width),
    times: [first, end + step / 2],
    values: extent([...lows, ...highs, ...ends]),
    unit: `${asset} · UTC`,
    title: t("candles.chart", { symbol: candles[0].symbol, interval: candles[0].interval, count: candles.length }),
    description: described(data),
    strip: past.length ? STRIP : 0,
  });
  const slot = chart.x(first + step) - chart.x(first);
  const center = (closeText) => chart.x(Date.parse(closeText) - step / 2);
  chart.svg.append(
    s(
      "g",
      {},
      past.map((each) => pastMark(each, center(each.target_close_utc), slot, chart)),
    ),
    s(
      "g",
      {},
      candles.map((each) => candle(each, chart.x(Date.parse(each.open_time_utc) + step / 2), slot, chart.y)),
    ),
  );
  if (forecast) chart.svg.append(forecastMark(forecast, center(forecast.target_close_utc), slot, chart.y));
  return { svg: chart.svg, at: pointed(data, chart, first, step) };
}

/** Return a height that suits a width, both in CSS pixels: a phone's chart is nearly square. */
function heightOf(width) {
  return Math.round(Math.min(480, Math.max(300, width * 0.56)));
}

function candle(each, x, slot, y) {
  const rises = each.close_price >= each.open_price;
  const [top, bottom] = [
    y(Math.max(each.open_price, each.close_price)),
    y(Math.min(each.open_price, each.close_price)),
  ];
  const width = Math.max(1, Math.min(12, slot * 0.62));
  return s(
    "g",
    { class: rises ? "candle rises" : "candle falls" },
    s("line", { x1: x, x2: x, y1: y(each.high_price), y2: y(each.low_price) }),
    s("rect", { x: x - width / 2, width, y: top, height: Math.max(1, bottom - top) }),
  );
}

function pastMark(each, x, slot, chart) {
  const [top, bottom] = [chart.y(each.upper_price), chart.y(each.lower_price)];
  const size = Math.max(2, Math.min(7, slot * 0.7));
  const place = { x: x - size / 2, y: chart.bottom - STRIP / 2 - size / 2, width: size, height: size };
  const judged = each.hit === null ? "waits" : each.hit ? "hit" : "miss";
  return s(
    "g",
    {},
    s("rect", { class: "past-interval", x: x - slot / 2, width: slot, y: top, height: Math.max(1, bottom - top) }),
    s("rect", { class: `verdict ${judged}${size < 5 ? " tiny" : ""}`, ...place }),
    each.covered === false &&
      s("circle", { class: "outside", cx: x, cy: chart.y(each.actual_close), r: Math.max(3, size / 2 + 1) }),
  );
}

function forecastMark(forecast, x, slot, y) {
  const { lower_price: lower, upper_price: upper } = forecast.price_interval;
  const width = Math.max(6, Math.min(16, slot));
  return s(
    "g",
    { class: "forecast-mark" },
    s("rect", { x: x - width / 2, width, y: y(upper), height: Math.max(1, y(lower) - y(upper)) }),
    s("line", {
      x1: x - width / 2 - 2,
      x2: x + width / 2 + 2,
      y1: y(forecast.forecast_price),
      y2: y(forecast.forecast_price),
    }),
  );
}

function pointed({ candles, past }, chart, first, step) {
  const byOpen = new Map(candles.map((each) => [Date.parse(each.open_time_utc), each]));
  const byClose = new Map(past.map((each) => [Date.parse(each.target_close_utc), each]));
  const slot = chart.x(first + step) - chart.x(first);
  return (place) => {
    const open = first + Math.floor((place - chart.left) / slot) * step;
    const found = byOpen.get(open);
    if (!found) return null;
    return { x: chart.x(open + step / 2), text: readout(found, byClose.get(open + step)) };
  };
}
