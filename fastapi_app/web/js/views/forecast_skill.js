/** The panel that tells how good the forecasts have really been lately. */

import { get } from "../api.js";
import { h, s } from "../dom.js";
import { ago, instant, number, percent } from "../format.js";
import { t, word } from "../i18n.js";
import { panel } from "../panel.js";
import { badge, facts, original, outward } from "../parts.js";
import { linear } from "../scales.js";
import { table } from "../table.js";

const TONES = { healthy: "good", drift: "bad", decay: "bad", unknown: "warn" };
const PLOT = { width: 120, height: 18, low: 0.4, high: 0.6 };

/** Return the panel. */
export function skillPanel(source) {
  return panel({
    name: "skill",
    title: t("skill.title"),
    ask: async (signal) => {
      const series = await source.series();
      return series ? get("/monitoring", { ...series, limit: 1 }, signal) : { items: [] };
    },
    emptiness: (answer) => (answer.items.length ? null : t("skill.empty")),
    draw: (answer) => draw(answer.items[0]),
  });
}

function draw(look) {
  const groups = grouped(look.figures);
  const headline = groups.filter((each) => each.kind === "live").sort((one, other) => other.days - one.days)[0];
  return [
    h(
      "p",
      { class: "badges" },
      badge(word("verdict", look.verdict), TONES[look.verdict] ?? "plain"),
      h("span", {}, t("skill.looked", { at: instant(look.monitored_at_utc), ago: ago(look.monitored_at_utc) })),
    ),
    look.reasons.length > 0 &&
      h(
        "ul",
        { class: "reasons" },
        look.reasons.map((reason) => h("li", {}, original(reason))),
      ),
    headline ? live(headline) : h("p", { class: "note" }, t("skill.noLive")),
    groups.length > 0 && figures(groups),
    h("p", { class: "note" }, t("skill.note")),
    facts([
      { term: t("skill.drifted"), value: number(look.drifted_features) },
      {
        term: t("skill.retraining"),
        value: word("retraining", look.retraining),
        note: look.retraining_reason && original(look.retraining_reason),
      },
    ]),
    look.report && h("p", {}, outward(look.report, t("skill.report"))),
  ];
}

/** Return the live figures of the longest window as large numbers. */
function live(group) {
  const told = (name, text) => (group[name]?.value == null ? t("unknown") : text(group[name]));
  const between = (name) =>
    group[name]?.low == null
      ? null
      : t("skill.between", { low: percent(group[name].low), high: percent(group[name].high) });
  return h(
    "div",
    {},
    h("h3", {}, t("skill.live", { version: group.version, days: group.days, count: number(group.count) })),
    facts(
      [
        { term: t("skill.hitRate"), value: told("hit_rate", ({ value }) => percent(value)), note: between("hit_rate") },
        { term: t("skill.logLoss"), value: told("log_loss", ({ value }) => number(value, 4)), note: t("skill.coin") },
        {
          term: t("skill.coverage"),
          value: told("coverage", ({ value }) => percent(value)),
          note: between("coverage") ?? t("skill.promised"),
        },
      ],
      "figures",
    ),
  );
}

/** Return one entry for each version, window and kind, with its figures by name. */
function grouped(figuresOfLook) {
  const groups = new Map();
  for (const each of figuresOfLook) {
    const key = [each.kind, each.model_version, each.window_days].join(" ");
    const group = groups.get(key) ?? {
      kind: each.kind,
      version: each.model_version,
      days: each.window_days,
      count: each.row_count,
    };
    groups.set(key, { ...group, [each.figure]: each });
  }
  return [...groups.values()].sort(
    (one, other) => one.kind.localeCompare(other.kind) || other.version - one.version || one.days - other.days,
  );
}

function figures(groups) {
  const value = (name, text) => (group) => (group[name]?.value == null ? t("unknown") : text(group[name].value));
  const column = (title, name, text) => ({ title, number: true, cell: value(name, text) });
  return table({
    caption: t("skill.caption"),
    rows: groups,
    columns: [
      { title: t("skill.kind"), head: true, cell: (group) => word("kind", group.kind) },
      { title: t("skill.version"), number: true, cell: (group) => group.version },
      { title: t("skill.days"), number: true, cell: (group) => group.days },
      { title: t("skill.count"), number: true, cell: (group) => number(group.count) },
      { title: t("skill.hitRateInterval"), cell: (group) => [hitRate(group.hit_rate), plot(group.hit_rate)] },
      column(t("skill.promisedRate"), "promised_hit_rate", (share) => percent(share)),
      column(t("skill.logLoss"), "log_loss", (nats) => number(nats, 4)),
      column(t("skill.maeSkill"), "mae_skill", (share) => percent(share, 2, { signDisplay: "exceptZero" })),
      column(t("skill.coverage"), "coverage", (share) => percent(share)),
    ],
  });
}

function hitRate(figure) {
  if (figure?.value == null) return t("unknown");
  const interval = figure.low == null ? "" : ` (${percent(figure.low)} – ${percent(figure.high)})`;
  return h("span", { class: "amount" }, percent(figure.value) + interval);
}

/** Return the hit rate with its interval beside a coin's, as a small picture of what the text beside it says. */
function plot(figure) {
  if (figure?.value == null || figure.low == null) return null;
  const { width, height } = PLOT;
  const x = linear([Math.min(PLOT.low, figure.low), Math.max(PLOT.high, figure.high)], [4, width - 4]);
  return s(
    "svg",
    { class: "interval-plot", width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
    s("line", { class: "coin", x1: x(0.5), x2: x(0.5), y1: 0, y2: height }),
    s("line", { class: "whisker", x1: x(figure.low), x2: x(figure.high), y1: height / 2, y2: height / 2 }),
    s("circle", { class: "estimate", cx: x(figure.value), cy: height / 2, r: 4 }),
  );
}
