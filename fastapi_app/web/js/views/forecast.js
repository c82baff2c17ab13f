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
  const modelled = once(async () => (await get("/models")).items.map(({ symbol, interval }) => ({ symbol, interval })));
  const source = {
    filters: () => state.filters,
    series: async () => chosenSeries(state.filters, await offered(modelled, page)),
    // Null: the chosen series has none. What names no series is the default model's; it may be the only one.
    model: async () => {
      const all = await modelled();
      const shown = chosenSeries(state.filters, all);
      if (!all.some((each) => isSame(each, shown))) return null;
      return all.length > 1 ? shown : {};
    },
    newest: ({ again }) => {
      if (again || !state.newest) {
        state.newest = source.model().then((series) => (series ? get("/predict", series) : null));
      }
      return state.newest;
    },
  };
  const candles = candlesPanel(source, page.go);
  const panels = [newestPanel(source), candles, skillPanel(source), versionsPanel(source)];
  const tools = h("div", { class: "tools" });
  const list = addSeriesChoice(tools, page, modelled, state);
  const heading = h("span", {}, t("view.forecast"));
  modelled().then(
    (all) => {
      if (all.length > 1) heading.textContent = t("view.forecasts");
    },
    () => {}, // the panels say it
  );
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
      list.then((follow) => follow());
      candles.follow();
      for (const each of isAnother ? panels : [candles]) each.load();
    },
  };
}

/** Return the series to choose from: those that have a model, then those of which there are candles only. */
async function offered(modelled, page) {
  const [all, { series }] = await Promise.all([modelled().catch(() => []), page.platform()]);
  return [...all, ...series.filter((each) => !all.some((other) => isSame(each, other)))];
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

/** Add the list of series if there are two, and return what lets it follow the filters. */
async function addSeriesChoice(tools, page, modelled, state) {
  const series = await offered(modelled, page).catch(() => []);
  if (series.length < 2) return () => {};
  const name = (each) => `${each.symbol} ${each.interval}`;
  const chosen = () => name(chosenSeries(state.filters, series));
  const list = choice({
    id: "series",
    label: t("forecast.series"),
    options: series.map((each) => [name(each), name(each)]),
    value: chosen(),
    onchange: (value) => {
      const [symbol, interval] = value.split(" ");
      page.go({ symbol, interval });
    },
  });
  tools.append(list);
  return () => {
    list.querySelector("select").value = chosen();
  };
}
