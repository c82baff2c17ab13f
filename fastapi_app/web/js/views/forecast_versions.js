/** The panel with the model's versions. */

import { get } from "../api.js";
import { h } from "../dom.js";
import { instant } from "../format.js";
import { t, word } from "../i18n.js";
import { panel } from "../panel.js";
import { badge, original, outward } from "../parts.js";
import { table } from "../table.js";

const SHOWN_DIGITS = 12;

/** Return the panel. */
export function versionsPanel(source) {
  return panel({
    name: "versions",
    title: t("versions.title"),
    ask: async (signal) => {
      const series = await source.model();
      return series ? get("/model/versions", series, signal) : null;
    },
    emptiness: (answer) => {
      if (!answer) return t("forecast.noModel");
      return answer.items.length ? null : t("versions.empty");
    },
    draw: (answer) => [versions(answer.items)],
  });
}

function versions(items) {
  return table({
    caption: t("versions.caption"),
    id: "versions",
    rows: items,
    columns: [
      {
        title: t("versions.version"),
        head: true,
        cell: (row) => [`${row.version} `, row.aliases.map((alias) => badge(alias, "good"))],
      },
      {
        title: t("versions.verdict"),
        cell: (row) => (row.verdict ? word("gate", row.verdict) : t("versions.unjudged")),
      },
      { title: t("versions.reason"), wide: true, cell: (row) => (row.reason ? original(row.reason) : t("none")) },
      { title: t("versions.created"), cell: (row) => instant(row.created_at_utc) },
      {
        title: t("versions.inMlflow"),
        cell: (row) => [
          outward(row.url, t("versions.open", { version: row.version })),
          h("small", {}, t("versions.run"), " ", h("code", {}, row.run_id.slice(0, SHOWN_DIGITS))),
        ],
      },
    ],
  });
}
