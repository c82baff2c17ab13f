/** The panel of the sources: figures of the whole store, and a row for each source. */

import { h } from "../dom.js";
import { ago, dayOrInstant, instant, number } from "../format.js";
import { t, word } from "../i18n.js";
import { badge, facts } from "../parts.js";
import { table } from "../table.js";

const DAGS = {
  sipsa: "dane_sipsa_prices_ingestion",
  landing: "file_ingestion_from_excel",
  binance: "bitcoin_data_ingestion",
};
const LOAD_TONES = { succeeded: "good", failed: "bad", abandoned: "bad", running: "plain" };

/** Return the panel's content. */
export function sourcesContent(quality) {
  return [
    facts(
      [
        { term: t("sources.rejected"), value: number(quality.rejected_rows) },
        { term: t("sources.quarantined"), value: number(quality.quarantined_files) },
        {
          term: t("sources.missing"),
          value: number(quality.missing_candles),
          note: t("sources.gaps", { count: number(quality.gap_count) }),
        },
        { term: t("sources.unmapped"), value: number(quality.unmapped_names), note: t("sources.unmappedNote") },
      ],
      "figures",
    ),
    table({
      caption: t("sources.caption", { at: instant(quality.checked_at_utc) }),
      id: "sources",
      rows: quality.sources,
      columns: [
        { title: t("sources.source"), head: true, cell: name },
        { title: t("sources.freshness"), wide: true, cell: freshness },
        { title: t("sources.lastLoad"), cell: lastLoad },
        { title: t("sources.rows"), cell: (row) => rowCounts(row.last_load) },
        { title: t("sources.trouble"), wide: true, cell: trouble },
      ],
    }),
  ];
}

function name(row) {
  const part = [row.dataset && word("dataset", row.dataset), row.scope].filter(Boolean).join(" · ");
  return [word("source", row.source), part && h("small", {}, part), row.origin && h("small", {}, row.origin)];
}

function freshness(row) {
  if (!row.last_load) {
    return [badge(t("sources.neverLoaded"), "warn"), h("small", {}, t("sources.filledBy", { dag: DAGS[row.source] }))];
  }
  const [text, tone] =
    row.fresh === null
      ? [t("sources.unknown"), "plain"]
      : row.fresh
        ? [t("sources.fresh"), "good"]
        : [t("sources.stale"), "bad"];
  return [
    badge(text, tone),
    h("small", {}, t("sources.newest", { newest: dayOrInstant(row.newest) })),
    h("small", { lang: "en" }, row.rule),
  ];
}

function lastLoad(row) {
  const load = row.last_load;
  if (!load) return t("sources.never");
  const isLater = row.last_success_at_utc && load.status !== "succeeded";
  return [
    badge(word("loadStatus", load.status), LOAD_TONES[load.status] ?? "plain"),
    h("small", {}, `#${load.load_id} · ${instant(load.started_at_utc)}`),
    h("small", {}, ago(load.started_at_utc)),
    isLater && h("small", {}, t("sources.lastSuccess", { at: instant(row.last_success_at_utc) })),
  ];
}

/** Return what became of the rows of a load, or of a file. */
export function rowCounts(load) {
  if (!load || load.rows_read === null) return t("none");
  const count = (key, value) => h("div", {}, h("dt", {}, t(key)), h("dd", {}, number(value ?? 0)));
  return h(
    "dl",
    { class: "counts" },
    count("sources.read", load.rows_read),
    count("sources.inserted", load.rows_inserted),
    count("sources.updated", load.rows_updated),
    count("sources.unchanged", load.rows_unchanged),
    count("sources.rejectedRows", load.rows_rejected),
  );
}

function trouble({ last_load: load }) {
  const told = [load?.error, ...(load?.notes ?? [])].filter(Boolean);
  return told.length ? told.map((text) => h("p", { lang: "en" }, text)) : t("none");
}
