/** The tables of the prices view: the markets compared, and the amounts that were changed later. */

import { h } from "../dom.js";
import { change, day, instant, number, pesos } from "../format.js";
import { t, word } from "../i18n.js";
import { table } from "../table.js";
import { period } from "./prices_series.js";

/** Return the comparison of all markets that have the product. */
export function comparisonTable(choice, { items }) {
  const units = new Set(items.map((each) => each.price_unit));
  return [
    units.size > 1 && h("p", { class: "note" }, t("comparison.units")),
    table({
      caption: t("comparison.caption", { product: choice.product.product, dataset: word("dataset", choice.dataset) }),
      id: "comparison",
      rows: items,
      order: { column: 1, descending: true },
      columns: [
        { title: t("series.market"), head: true, cell: (row) => row.market, sort: (row) => row.market },
        {
          title: t("comparison.price"),
          number: true,
          cell: (row) => pesos(row.mean_price_cop),
          sort: (row) => row.mean_price_cop,
        },
        { title: t("series.per"), cell: (row) => word("unit", row.price_unit), sort: (row) => row.price_unit },
        { title: t("comparison.change"), number: true, cell: changed, sort: (row) => row.change_pct },
        {
          title: t("comparison.previous"),
          number: true,
          cell: (row) => pesos(row.previous_price_cop),
          sort: (row) => row.previous_price_cop,
        },
        { title: t("series.day"), cell: (row) => day(row.day), sort: (row) => row.day },
        { title: t("comparison.previousDay"), cell: (row) => day(row.previous_day), sort: (row) => row.previous_day },
        { title: t("series.load"), number: true, cell: (row) => `#${row.load_id}` },
      ],
    }),
  ];
}

function changed({ change_pct: percentage }) {
  const tone = percentage > 0 ? "dearer" : percentage < 0 ? "cheaper" : "same";
  return h("span", { class: `change ${tone}` }, change(percentage));
}

/** Return the earlier amounts of prices that the source has changed since. */
export function revisionsTable(choice, { items, more }) {
  return [
    h("p", { class: "note" }, t("revisions.note")),
    more && h("p", { class: "note" }, t("series.more", { count: number(items.length) })),
    table({
      caption: t("revisions.caption", { product: choice.product.product }),
      id: "revisions",
      rows: items,
      columns: [
        { title: t("series.day"), head: true, cell: period, sort: (row) => row.day },
        { title: t("series.market"), cell: (row) => row.market, sort: (row) => row.market },
        {
          title: t("revisions.earlier"),
          number: true,
          cell: (row) => pesos(row.mean_price_cop),
          sort: (row) => row.mean_price_cop,
        },
        { title: t("series.per"), cell: (row) => word("unit", row.price_unit) },
        { title: t("revisions.from"), cell: (row) => instant(row.seen_from_utc), sort: (row) => row.seen_from_utc },
        { title: t("revisions.until"), cell: (row) => instant(row.seen_until_utc), sort: (row) => row.seen_until_utc },
        { title: t("series.load"), number: true, cell: (row) => `#${row.load_id}` },
      ],
    }),
  ];
}
