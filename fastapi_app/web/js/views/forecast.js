/** The forecast: candles, the newest forecast, how good it has been, and the versions of the model. */

import { get } from "../api.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { choice, once } from "../parts.js";
import { candlesPanel } from "./forecast_candles.js";
import { newestPanel } from "./forecast_newest.js";
import { skillPanel } from "./forecast_skill.js";
import { versionsPanel } from "./forecast_versions.js";

const SERIES = ["symbol", "interval"];

/**
 * Return the view.
 * @param {Object} page
 * @param {URLSearchParams} page.filters `candles`, `symbol`, `interval`
 * @param {function(Object): void} page.go changes filters
 * @param {function(): Promise} page.platform GET /platform
 */
export function forecastView(page) {
  const state = { filters: page.filters, newest: null };
  const models = once(() => get("/models"));
  const served = () => models().then(servedSeries, () => []);
  const source = {
    filters: () => state.filters,
    series: async () => chosenSeries(state.filters, await offered(served, page)),
    model: async () => {
      const modelled = await served();
      const shown = chosenSeries(state.filters, modelled);
      return modelled.find((each) => isSame(each, shown)) ?? {};
    },
    newest: ({ again }) => {
      if (again || !state.newest) state.newest = source.model().then((series) => get("/predict", series));
      return state.newest;
    },
  };
  const candles = candlesPanel(source, page.go);
  const panels = [newestPanel(source), candles, skillPanel(source), versionsPanel(source)];
  const tools = h("div", { class: "tools" });
  addSeriesChoice(tools, page, served);
  const heading = h("span", {}, t("view.forecast"));
  served().then((modelled) => {
    if (modelled.length) heading.textContent = t("view.forecasts");
  });
  return {
    title: t("view.forecast"),
    heading,
    lead: t("forecast.lead"),
    tools,
    content: h(
      "div",
      { class: "grid-forecast" },
      panels.map((each) => each.element),
    ),
    panels,
    update: (filters) => {
      const isAnother = SERIES.some((name) => filters.get(name) !== state.filters.get(name));
      state.filters = filters;
      for (const each of isAnother ? panels : [candles]) each.load();
    },
  };
}

/** Return the series that have a model, the default one's first; none when a choice of them would offer nothing. */
function servedSeries({ items }) {
  return items.length > 1 ? items.map(({ symbol, interval }) => ({ symbol, interval })) : [];
}

/** Return the series to choose from: those that have a model, then those of which there are candles only. */
async function offered(served, page) {
  const [modelled, { series }] = await Promise.all([served(), page.platform()]);
  return [...modelled, ...series.filter((each) => !modelled.some((other) => isSame(each, other)))];
}

function isSame(one, other) {
  return SERIES.every((name) => one[name] === other[name]);
}

/** Return the series that the filters name, or else the first; null when there is none. */
function chosenSeries(filters, all) {
  const named = { symbol: filters.get("symbol"), interval: filters.get("interval") };
  if (named.symbol && named.interval) return named;
  return all.length ? { symbol: all[0].symbol, interval: all[0].interval } : null;
}

async function addSeriesChoice(tools, page, served) {
  const series = await offered(served, page).catch(() => []);
  if (series.length < 2) return;
  const shown = chosenSeries(page.filters, series);
  const name = (each) => `${each.symbol} ${each.interval}`;
  tools.append(
    choice({
      id: "series",
      label: t("forecast.series"),
      options: series.map((each) => [name(each), name(each)]),
      value: name(shown),
      onchange: (value) => {
        const [symbol, interval] = value.split(" ");
        page.go({ symbol, interval });
      },
    }),
  );
}
