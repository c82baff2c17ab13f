/** Data health: what each source brought last, how fresh it is, and what was refused or is missing. */

import { get } from "../api.js";
import { h } from "../dom.js";
import { dayOrInstant, instant, number } from "../format.js";
import { t, word } from "../i18n.js";
import { panel } from "../panel.js";
import { badge, choice, original } from "../parts.js";
import { pagedTable } from "../table.js";
import { rowCounts, sourcesContent } from "./health_sources.js";

const SOURCES = ["sipsa", "landing", "binance"];
const STATUSES = ["refused", "loaded"];
const PAGE = 25;
const SHOWN_DIGITS = 12;

/**
 * Return the view.
 * @param {Object} page
 * @param {URLSearchParams} page.filters `rejected` (a source), `files` (a status)
 * @param {function(Object): void} page.go changes filters
 */
export function healthView(page) {
  const state = { filters: page.filters };
  const chosen = (name, allowed, otherwise) =>
    allowed.includes(state.filters.get(name)) ? state.filters.get(name) : otherwise;
  const sources = panel({
    name: "sources",
    title: t("sources.title"),
    ask: (signal) => get("/quality", {}, signal),
    emptiness: (answer) => (answer.sources.length ? null : t("sources.empty")),
    draw: sourcesContent,
  });
  const rejected = listPanel({
    name: "rejected",
    path: "/quality/rejected-rows",
    query: () => ({ source: chosen("rejected", SOURCES, null), limit: PAGE }),
    columns: rejectedColumns,
    id: "rejected-rows",
    tools: [
      choice({
        id: "rejected-source",
        label: t("rejected.source"),
        options: [["", t("all")], ...SOURCES.map((each) => [each, word("source", each)])],
        value: chosen("rejected", SOURCES, ""),
        onchange: (source) => page.go({ rejected: source }),
      }),
    ],
  });
  const files = listPanel({
    name: "files",
    path: "/quality/files",
    query: () => ({ status: chosen("files", STATUSES, null), limit: PAGE }),
    columns: fileColumns,
    id: "files",
    tools: [
      choice({
        id: "files-status",
        label: t("files.status"),
        options: [["", t("all")], ...STATUSES.map((each) => [each, word("fileStatus", each)])],
        value: chosen("files", STATUSES, ""),
        onchange: (status) => page.go({ files: status }),
      }),
    ],
  });
  const gaps = listPanel({
    name: "gaps",
    path: "/quality/gaps",
    query: () => ({ limit: PAGE }),
    columns: gapColumns,
    id: "gaps",
  });
  const panels = [sources, rejected, files, gaps];
  return {
    title: t("view.health"),
    lead: t("health.lead"),
    content: h(
      "div",
      { class: "grid-health" },
      panels.map((each) => each.element),
    ),
    panels,
    update: (filters) => {
      const before = state.filters;
      state.filters = filters;
      if (before.get("rejected") !== filters.get("rejected")) rejected.load();
      if (before.get("files") !== filters.get("files")) files.load();
    },
  };
}

function listPanel({ name, path, query, columns, id, tools = [] }) {
  return panel({
    name,
    title: t(`${name}.title`),
    tools,
    ask: (signal) => get(path, query(), signal),
    emptiness: (answer) => (answer.items.length ? null : t(`${name}.empty`)),
    draw: (first) => [
      h("p", { class: "note" }, t(`${name}.note`)),
      pagedTable({ first, path, query: query(), columns: columns(), id, caption: t(`${name}.title`), quiet: true }),
    ],
  });
}

function rejectedColumns() {
  return [
    { title: t("rejected.load"), head: true, cell: (row) => `#${row.load_id}` },
    { title: t("rejected.from"), cell: (row) => [word("source", row.source), h("small", {}, scopeOf(row))] },
    { title: t("rejected.place"), cell: (row) => row.place },
    { title: t("rejected.rule"), wide: true, cell: (row) => original(row.rule) },
    { title: t("rejected.raw"), wide: true, cell: (row) => h("code", { class: "raw" }, row.raw_text) },
    { title: t("rejected.at"), cell: (row) => instant(row.started_at_utc) },
  ];
}

/** Return the part of the source; of a workbook the first of its digest's 64 digits, as in the list of workbooks. */
function scopeOf({ scope }) {
  return /^[0-9a-f]{64}$/.test(scope) ? scope.slice(0, SHOWN_DIGITS) : scope;
}

function fileColumns() {
  return [
    {
      title: t("files.name"),
      head: true,
      cell: (row) => [row.file_names.join(", "), h("small", {}, row.file_sha256.slice(0, SHOWN_DIGITS))],
    },
    {
      title: t("files.status"),
      cell: (row) => badge(word("fileStatus", row.status), row.status === "refused" ? "bad" : "good"),
    },
    { title: t("files.reason"), wide: true, cell: reasons },
    { title: t("files.date"), cell: (row) => dayOrInstant(row.report_date) },
    { title: t("files.rows"), cell: rowCounts },
    {
      title: t("files.kept"),
      wide: true,
      cell: (row) => [row.kept_at ? h("code", {}, row.kept_at) : t("none"), removed(row)],
    },
    { title: t("files.seen"), cell: (row) => instant(row.last_seen_utc) },
  ];
}

function removed({ removed_at_utc: at }) {
  return at && h("small", {}, t("files.removed", { at: instant(at) }));
}

function reasons(row) {
  const told = [row.error, ...(row.notes ?? [])].filter(Boolean);
  return [
    told.length ? told.map((text) => h("p", { lang: "en" }, text)) : t("none"),
    row.status === "refused" && h("p", { class: "todo" }, t("files.todo")),
  ];
}

function gapColumns() {
  return [
    { title: t("gaps.series"), head: true, cell: (row) => `${row.symbol} ${row.interval}` },
    { title: t("gaps.first"), cell: (row) => instant(row.first_missing_open_time_utc) },
    { title: t("gaps.last"), cell: (row) => instant(row.last_missing_open_time_utc) },
    { title: t("gaps.count"), number: true, cell: (row) => number(row.missing_count) },
    {
      title: t("gaps.kind"),
      wide: true,
      cell: (row) => [word("gap", row.kind), h("small", {}, t(`gaps.${row.kind}`))],
    },
  ];
}
