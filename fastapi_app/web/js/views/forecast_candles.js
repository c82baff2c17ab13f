/** The panel with the candle chart. */

import { get } from "../api.js";
import { candleChart } from "../candle_chart.js";
import { alternative } from "../chart.js";
import { h } from "../dom.js";
import { instant, number } from "../format.js";
import { t } from "../i18n.js";
import { panel } from "../panel.js";
import { segments } from "../parts.js";
import { table } from "../table.js";

const COUNTS = ["24", "72", "168"];
const QUOTES = ["USDT", "USDC", "FDUSD", "USD", "EUR", "BTC", "ETH"];
// Live forecasts say what was known then; replayed ones were computed later.
const PREFERENCE = ["latest", "as_of", "replayed", "given"];

/** Return the panel; `go` changes the page's filters, and after `follow` its control shows what they say. */
export function candlesPanel(source, go) {
  const chosen = () => (COUNTS.includes(source.filters().get("candles")) ? source.filters().get("candles") : "72");
  const counts = segments({
    name: "candles",
    label: t("candles.count"),
    options: COUNTS.map((count) => [count, count]),
    value: chosen(),
    onchange: (candles) => go({ candles }),
  });
  const drawn = panel({
    name: "candles",
    title: t("candles.title"),
    tools: [counts],
    ask: (signal) => ask(source, Number(chosen()), signal),
    emptiness: (answer) => (answer.candles.length ? null : t("candles.empty")),
    draw,
  });
  return {
    ...drawn,
    follow: () => {
      counts.querySelector(`[value="${chosen()}"]`).checked = true;
    },
  };
}

async function ask(source, count, signal) {
  const series = await source.series();
  if (!series) return { candles: [] };
  const [page, made, newest] = await Promise.allSettled([
    get("/candles", { ...series, limit: count }, signal),
    get("/forecasts", { ...series, limit: count * 5 }, signal),
    source.newest({ again: false }),
  ]);
  if (page.status === "rejected") throw page.reason;
  const candles = page.value.items.reverse();
  const forecast = newest.value; // nothing when it failed, or when there is no model
  const fits = forecast && forecast.symbol === series.symbol && forecast.interval === series.interval;
  return {
    candles,
    past: made.status === "fulfilled" ? bestOfEach(made.value.items, candles) : [],
    forecast: fits ? forecast : null,
    asset: QUOTES.find((quote) => series.symbol.endsWith(quote)) ?? "",
    isPastKnown: made.status === "fulfilled",
  };
}

/** Return, oldest first, one forecast of each candle that has any: live before replayed, then the newest version. */
function bestOfEach(forecasts, candles) {
  const first = candles.length ? Date.parse(candles[0].open_time_utc) : Infinity;
  const last = candles.length ? Date.parse(candles.at(-1).close_time_utc) + 1 : 0;
  const rank = (each) => PREFERENCE.indexOf(each.kind) * 1e6 - each.model_version;
  const best = new Map();
  for (const each of forecasts) {
    const target = Date.parse(each.target_close_utc);
    if (target <= first || target > last) continue;
    if (!best.has(target) || rank(each) < rank(best.get(target))) best.set(target, each);
  }
  return [...best.keys()].sort((one, other) => one - other).map((target) => best.get(target));
}

function draw(data) {
  return [
    ...candleChart(data),
    !data.isPastKnown && h("p", { class: "note" }, t("candles.pastUnknown")),
    alternative(t("candles.table"), dataTable(data)),
  ];
}

function dataTable({ candles, past, asset }) {
  const made = new Map(past.map((each) => [Date.parse(each.target_close_utc), each]));
  const rows = candles.toReversed().map((each) => ({
    ...each,
    made: made.get(Date.parse(each.close_time_utc) + 1) ?? made.get(Date.parse(each.close_time_utc)),
  }));
  const price = (name) => ({
    title: t(`candles.${name}`),
    number: true,
    cell: (row) => number(row[`${name}_price`], 2),
  });
  return table({
    caption: t("candles.caption", { asset }),
    rows,
    columns: [
      { title: t("candles.opens"), head: true, cell: (row) => instant(row.open_time_utc) },
      ...["open", "high", "low", "close"].map(price),
      {
        title: t("candles.interval"),
        number: true,
        cell: ({ made: each }) =>
          each ? `${number(each.lower_price, 2)} – ${number(each.upper_price, 2)}` : t("none"),
      },
      { title: t("candles.direction"), cell: ({ made: each }) => (each ? judged(each) : t("none")) },
    ],
  });
}

function judged(each) {
  const named = t(`direction.${each.direction}`);
  return each.hit === null ? named : `${named}: ${t(each.hit ? "candles.hit" : "candles.miss")}`;
}
