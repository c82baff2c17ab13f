/** The forecast: candles, the newest forecast, how good it has been, and the versions of the model. */

import { get } from "../api.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { choice } from "../parts.js";
import { candlesPanel } from "./forecast_candles.js";
import { newestPanel } from "./forecast_newest.js";
import { skillPanel } from "./forecast_skill.js";
import { versionsPanel } from "./forecast_versions.js";

/**
 * Return the view.
 * @param {Object} page
 * @param {URLSearchParams} page.filters `candles`, `symbol`, `interval`
 * @param {function(Object): void} page.go changes filters
 * @param {function(): Promise} page.platform GET /platform
 */
export function forecastView(page) {
  const state = { filters: page.filters, newest: null };
  const source = {
    filters: () => state.filters,
    series: async () => chosenSeries(state.filters, (await page.platform()).series),
    newest: ({ again }) => {
      if (again || !state.newest) state.newest = get("/predict");
      return state.newest;
    },
  };
  const newest = newestPanel(source);
  const candles = candlesPanel(source, page.go);
  const panels = [newest, candles, skillPanel(source), versionsPanel()];
  const tools = h("div", { class: "tools" });
  addSeriesChoice(tools, page);
  return {
    title: t("view.forecast"),
    lead: t("forecast.lead"),
    tools,
    content: h(
      "div",
      { class: "grid-forecast" },
      panels.map((each) => each.element),
    ),
    panels,
    update: (filters) => {
      state.filters = filters;
      candles.load();
    },
  };
}

/** Return the series that the filters name, or else the first; null when there is none. */
function chosenSeries(filters, all) {
  const named = { symbol: filters.get("symbol"), interval: filters.get("interval") };
  return named.symbol && named.interval ? named : (all[0] ?? null);
}

async function addSeriesChoice(tools, page) {
  const { series } = await page.platform().catch(() => ({ series: [] }));
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
