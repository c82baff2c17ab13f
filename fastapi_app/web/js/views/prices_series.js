/** The price series: one chart for each unit, where the prices come from, and the table of them. */

import { address } from "../api.js";
import { alternative } from "../chart.js";
import { h } from "../dom.js";
import { day, instant, listed, number, pesos } from "../format.js";
import { t, word } from "../i18n.js";
import { lineChart } from "../line_chart.js";
import { answerLink, facts } from "../parts.js";
import { table } from "../table.js";
import { TABLES, query } from "./prices_query.js";

const MOST_ROWS = 500;
const MOST_LOADS = 8;

/**
 * Return the panel's content.
 * @param {Object} choice as `pricesData` resolves it
 * @param {{items: Array, more: boolean}} prices newest first
 * @param {{items: Array}|null} revisions null: they could not be asked for
 */
export function seriesContent(choice, prices, revisions) {
  const revised = new Set((revisions?.items ?? []).map(keyOf));
  const units = [...new Set(prices.items.map((each) => each.price_unit))].sort();
  return [
    prices.more && h("p", { class: "note" }, t("series.more", { count: number(prices.items.length) })),
    revisions === null && h("p", { class: "note" }, t("series.revisionsUnknown")),
    units.length > 1 && h("p", { class: "note" }, t("series.units")),
    ...units.flatMap((unit) => chartOf(choice, unit, prices.items, revised)),
    h("p", { class: "actions" }, csvLink(choice)),
    source(choice, prices.items),
    alternative(t("series.table"), dataTable(prices.items, revised)),
  ];
}

function keyOf({ market, day: first }) {
  return `${market}\n${first}`;
}

function chartOf(choice, unit, items, revised) {
  const lines = choice.markets
    .map((name, place) => ({
      name,
      place: place + 1,
      points: items
        .filter((each) => each.market === name && each.price_unit === unit)
        .map((each) => ({
          day: each.day,
          mean: each.mean_price_cop,
          low: each.min_price_cop,
          high: each.max_price_cop,
          isRevised: revised.has(keyOf(each)),
        }))
        .sort((one, other) => one.day.localeCompare(other.day)),
    }))
    .filter((line) => line.points.length > 0);
  if (!lines.length) return [];
  const label = t("series.unit", { unit: word("unit", unit) });
  const title = t("series.chart", {
    product: choice.product.product,
    dataset: word("dataset", choice.dataset),
    unit: label,
  });
  return [h("h3", {}, title), ...lineChart({ id: `price-chart-${unit}`, title, unit: label, lines })];
}

function csvLink(choice) {
  const url = address("/prices", { ...query(choice), format: "csv" });
  const fileName = `${choice.product.product}-${choice.dataset}.csv`.replaceAll(/[\s/\\]+/g, "-").toLowerCase();
  return answerLink(url, t("series.csv"), fileName, { id: "csv-link", class: "button", download: fileName });
}

/** Return where the prices come from: the source, the table, the loads, and the names that the source uses. */
function source(choice, items) {
  const loads = [...new Set(items.map((each) => each.load_id))].sort((one, other) => other - one);
  const shown = loads.slice(0, MOST_LOADS).map((load) => `#${load}`);
  const names = [...new Set(items.map((each) => each.product_in_source))];
  const rest = loads.length - shown.length;
  return facts([
    { term: t("series.source"), value: word("datasetSource", choice.dataset) },
    { term: t("series.storedIn"), value: h("code", {}, TABLES[choice.dataset] ?? choice.dataset) },
    { term: t("series.loads"), value: shown.join(" "), note: rest ? t("series.moreLoads", { count: rest }) : null },
    { term: t("series.inSource"), value: listed(names) },
    {
      term: t("series.count"),
      value: number(items.length),
      note: t("series.span", { from: day(items.at(-1).day), to: day(items[0].last_day) }),
    },
  ]);
}

function dataTable(items, revised) {
  const rows = items.slice(0, MOST_ROWS);
  const hasRange = rows.some((row) => row.min_price_cop !== null || row.max_price_cop !== null);
  const price = (title, name) => ({ title, number: true, cell: (row) => pesos(row[name]), sort: (row) => row[name] });
  return table({
    caption: t("series.caption", { count: number(rows.length), all: number(items.length) }),
    rows,
    columns: [
      { title: t("series.day"), head: true, cell: period, sort: (row) => row.day },
      { title: t("series.market"), cell: (row) => row.market, sort: (row) => row.market },
      hasRange && price(t("series.min"), "min_price_cop"),
      price(t("series.mean"), "mean_price_cop"),
      hasRange && price(t("series.max"), "max_price_cop"),
      { title: t("series.per"), cell: (row) => word("unit", row.price_unit) },
      { title: t("series.isRevised"), cell: (row) => (revised.has(keyOf(row)) ? t("yes") : t("no")) },
      { title: t("series.known"), cell: (row) => instant(row.seen_from_utc) },
      { title: t("series.load"), number: true, cell: (row) => `#${row.load_id}` },
    ].filter(Boolean),
  });
}

/** Return the day of a price, or the first and the last of its week or month. */
export function period(row) {
  return row.last_day && row.last_day !== row.day ? `${day(row.day)} – ${day(row.last_day)}` : day(row.day);
}
