/** What all charts share: a frame with axes, a size that follows the page, a line that tells what is pointed at. */

import { ATTACHED, freshId, h, refill, s } from "./dom.js";
import { dateText, number } from "./format.js";
import { t } from "./i18n.js";
import { linear, roundTicks, timeTicks } from "./scales.js";

const MARGIN = { top: 26, right: 14, bottom: 26, left: 62 };
const LABELS = {
  hour: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  day: { day: "numeric", month: "short" },
  month: { month: "short", year: "2-digit" },
  year: { year: "numeric" },
};

/**
 * Return an empty chart with its axes.
 * @param {Object} options
 * @param {number} options.width in CSS pixels
 * @param {number} options.height
 * @param {[number, number]} options.times domain of x, in milliseconds
 * @param {[number, number]} options.values domain of y
 * @param {string} options.unit of y
 * @param {string} options.title what a screen reader says first
 * @param {string} options.description and then
 * @param {number} options.strip height kept free below the values
 */
export function frame({ id, width, height, times, values, unit, title, description, strip = 0 }) {
  const names = [freshId("title"), freshId("desc")];
  const bottom = height - MARGIN.bottom;
  const x = linear(times, [MARGIN.left, width - MARGIN.right]);
  const y = linear(values, [bottom - strip, MARGIN.top]);
  const svg = s(
    "svg",
    {
      id,
      class: "chart",
      role: "img",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      "aria-labelledby": names.join(" "),
    },
    s("title", { id: names[0] }, title),
    s("desc", { id: names[1] }, description),
    valueAxis({ values, y, unit, right: width - MARGIN.right }),
    timeAxis({ times, x, bottom, count: Math.max(2, Math.floor(width / 85)) }),
  );
  return { svg, x, y, bottom, left: MARGIN.left, right: width - MARGIN.right };
}

/**
 * Return a holder in which a chart is drawn again when its width changes.
 * @param {function(number): {svg: SVGElement, at: function(number): {x, text}}} draw for a width; `at` reads an x
 */
export function responsive(draw) {
  const readout = h("p", { class: "readout", "aria-hidden": "true" }, t("chart.hint"));
  const holder = h("div", { class: "chart-holder" });
  let width = 0;
  const fit = () => {
    const found = Math.floor(holder.clientWidth);
    if (found === width || found === 0) return;
    width = found;
    refill(holder, withPointer(draw(width), readout));
  };
  holder.addEventListener(ATTACHED, fit);
  new ResizeObserver(fit).observe(holder);
  return h("div", { class: "chart-block" }, readout, holder);
}

/** Return a chart's alternative: the table of its data, folded away. */
export function alternative(summary, content) {
  return h("details", {}, h("summary", {}, summary), content);
}

/** Return a legend: each entry a class for its mark, and a text. */
export function legend(entries) {
  const item = ({ mark, text }) => h("li", {}, mark, h("span", {}, text));
  return h("ul", { class: "legend" }, entries.map(item));
}

/** Return the small picture that stands before a text in a legend. */
export function mark(...shapes) {
  return s("svg", { class: "mark", width: 22, height: 12, viewBox: "0 0 22 12", "aria-hidden": "true" }, shapes);
}

function valueAxis({ values, y, unit, right }) {
  const { ticks, digits } = roundTicks(values, 5);
  const lines = ticks.map((tick) => [
    s("line", { class: "grid", x1: MARGIN.left, x2: right, y1: y(tick), y2: y(tick) }),
    s(
      "text",
      { class: "tick", x: MARGIN.left - 8, y: y(tick), dy: "0.32em", "text-anchor": "end" },
      number(tick, digits),
    ),
  ]);
  return s("g", { "aria-hidden": "true" }, lines, s("text", { class: "unit", x: 0, y: 12 }, unit));
}

function timeAxis({ times, x, bottom, count }) {
  const { ticks, parts } = timeTicks(times, count);
  const text = (tick) => {
    const isMidnight = parts === "hour" && tick % 86_400_000 === 0;
    return dateText(tick, LABELS[isMidnight ? "day" : parts]);
  };
  const labels = ticks.map((tick) => [
    s("line", { class: "tick-line", x1: x(tick), x2: x(tick), y1: bottom, y2: bottom + 4 }),
    s("text", { class: "tick", x: x(tick), y: bottom + 18, "text-anchor": "middle" }, text(tick)),
  ]);
  return s("g", { "aria-hidden": "true" }, labels);
}

function withPointer({ svg, at }, readout) {
  const line = s("line", { class: "pointer", y1: MARGIN.top, y2: svg.getAttribute("height") - MARGIN.bottom });
  svg.append(line);
  const leave = () => {
    line.classList.remove("shown");
    readout.textContent = t("chart.hint");
  };
  svg.addEventListener("pointermove", (event) => {
    const found = at(event.clientX - svg.getBoundingClientRect().left);
    if (!found) return;
    line.setAttribute("x1", found.x);
    line.setAttribute("x2", found.x);
    line.classList.add("shown");
    readout.textContent = found.text;
  });
  svg.addEventListener("pointerleave", leave);
  return svg;
}
