/** Prices of several markets in one unit, each with the range of its day where the source has one. */

import { frame, legend, mark, responsive } from "./chart.js";
import { s } from "./dom.js";
import { day, pesos } from "./format.js";
import { t } from "./i18n.js";
import { extent } from "./scales.js";

const HEIGHT = 340;
/** As many lines as there are colours that can be told apart. */
export const MOST_LINES = 8;

/**
 * Return the chart and its legend.
 * @param {Object} data
 * @param {string} data.id
 * @param {string} data.title
 * @param {string} data.unit label of the axis
 * @param {Array} data.lines each {name, place, points}: points oldest first, {day, mean, low, high, isRevised}
 */
export function lineChart(data) {
  const hasRevised = data.lines.some((line) => line.points.some((point) => point.isRevised));
  const entries = data.lines.map(({ name, place }) => ({
    mark: mark(s("line", { class: `line line-${place}`, x1: 1, x2: 21, y1: 6, y2: 6 })),
    text: name,
  }));
  if (hasRevised)
    entries.push({ mark: mark(s("circle", { class: "revised", cx: 11, cy: 6, r: 4 })), text: t("series.revised") });
  return [responsive((width) => draw(data, width)), legend(entries)];
}

function draw({ id, title, unit, lines }, width) {
  const points = lines.flatMap((line) => line.points);
  const times = points.map((point) => Date.parse(point.day));
  const [from, to] = extent(times, 0.02);
  const chart = frame({
    id,
    width,
    height: HEIGHT,
    times: [from, to],
    values: extent(points.flatMap(({ mean, low, high }) => [mean, low ?? NaN, high ?? NaN])),
    unit,
    title,
    description: lines.map(described).join(" "),
  });
  chart.svg.classList.add("price-chart");
  chart.svg.append(
    s(
      "g",
      {},
      lines.map((line) => band(line, chart)),
    ),
    s(
      "g",
      {},
      lines.map((line) => path(line, chart)),
    ),
  );
  return { svg: chart.svg, at: pointed(lines, times, chart) };
}

function band({ points, place }, { x, y }) {
  const known = points.filter(({ low, high }) => low !== null && high !== null);
  if (known.length < 2) return null;
  const edge = (list, name) =>
    list.map((point) => `${x(Date.parse(point.day)).toFixed(1)},${y(point[name]).toFixed(1)}`);
  const outline = [...edge(known, "high"), ...edge([...known].reverse(), "low")];
  return s("polygon", { class: `band band-${place}`, points: outline.join(" ") });
}

function path({ points, place }, { x, y }) {
  const places = points.map((point) => [x(Date.parse(point.day)), y(point.mean), point]);
  const isSparse = points.length <= 40;
  return s(
    "g",
    {},
    s("polyline", {
      class: `line line-${place}`,
      points: places.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(" "),
    }),
    isSparse && places.map(([cx, cy]) => s("circle", { class: `dot dot-${place}`, cx, cy, r: 2.5 })),
    places.filter(([, , point]) => point.isRevised).map(([cx, cy]) => s("circle", { class: "revised", cx, cy, r: 5 })),
  );
}

function pointed(lines, times, chart) {
  const days = [...new Set(times)].sort((one, other) => one - other);
  return (place) => {
    const nearest = days.reduce((best, each) =>
      Math.abs(chart.x(each) - place) < Math.abs(chart.x(best) - place) ? each : best,
    );
    const told = lines.flatMap(({ name, points }) =>
      points
        .filter((point) => Date.parse(point.day) === nearest)
        .map((point) => `${name} ${pesos(point.mean)}${range(point)}`),
    );
    return { x: chart.x(nearest), text: [day(nearest), ...told].join(" · ") };
  };
}

function range({ low, high }) {
  return low === null || high === null ? "" : ` (${pesos(low)}–${pesos(high)})`;
}

function described({ name, points }) {
  const [first, last] = [points[0], points.at(-1)];
  return t("series.description", {
    name,
    count: points.length,
    from: day(first.day),
    first: pesos(first.mean),
    to: day(last.day),
    last: pesos(last.mean),
  });
}
