/** Food prices: search a product, choose markets, see the series with its revisions, compare the markets. */

import { get } from "../api.js";
import { combobox } from "../combobox.js";
import { h } from "../dom.js";
import { day } from "../format.js";
import { t } from "../i18n.js";
import { panel } from "../panel.js";
import { choiceControls } from "./prices_choice.js";
import { comparisonTable, revisionsTable } from "./prices_tables.js";
import { pricesData } from "./prices_query.js";
import { seriesContent } from "./prices_series.js";

const OFFERS = 12;

/**
 * Return the view.
 * @param {Object} page
 * @param {URLSearchParams} page.filters `product`, `dataset`, `market` (repeated), `period`, `since`, `until`
 * @param {function(Object): void} page.go changes filters
 */
export function pricesView(page) {
  const state = { filters: page.filters, withdrawal: new AbortController() };
  state.data = pricesData(page.filters, state.withdrawal.signal);
  const field = productField(page);
  const panels = [
    panel({
      name: "search",
      title: t("search.title"),
      tools: [field.element],
      ask: () => state.data.choice(),
      emptiness: nothing,
      draw: (choice) => {
        field.set(choice.product.product);
        return choiceControls(choice, page.go);
      },
    }),
    dependent("series", () => withRevisions(state.data), seriesContent),
    dependent("comparison", () => Promise.all([state.data.choice(), state.data.comparison()]), comparisonTable),
    dependent("revisions", () => Promise.all([state.data.choice(), state.data.revisions()]), revisionsTable),
  ];
  const update = (filters) => {
    const isSameProduct = ["product", "dataset"].every((name) => filters.get(name) === state.filters.get(name));
    state.withdrawal.abort();
    state.withdrawal = new AbortController();
    state.filters = filters;
    state.data = pricesData(filters, state.withdrawal.signal);
    const [search, series, comparison, revisions] = panels;
    const isComparisonDone = isSameProduct && comparison.element.dataset.state === "ready";
    for (const each of [search, series, revisions, ...(isComparisonDone ? [] : [comparison])]) each.load();
  };
  return {
    title: t("view.prices"),
    lead: t("prices.lead"),
    content: h(
      "div",
      { class: "grid-prices" },
      panels.map((each) => each.element),
    ),
    panels,
    update,
    stop: () => state.withdrawal.abort(),
  };
}

/** Return a panel whose content follows the choice: its answer has the choice first, then the list that it shows. */
function dependent(name, ask, draw) {
  return panel({
    name,
    title: t(`${name}.title`),
    ask,
    emptiness: ([choice, found]) => nothing(choice) ?? (found.items.length ? null : t(`${name}.empty`)),
    draw: (answer) => draw(...answer),
  });
}

/** Return choice, prices and revisions; where only the revisions fail, null in their place. */
async function withRevisions(data) {
  const choice = await data.choice();
  const [prices, revisions] = await Promise.allSettled([data.prices(), data.revisions()]);
  if (prices.status === "rejected") throw prices.reason;
  return [choice, prices.value, revisions.status === "fulfilled" ? revisions.value : null];
}

function nothing(choice) {
  if (choice.product) return null;
  return choice.asked ? t("search.unknown", { product: choice.asked }) : t("search.empty");
}

function productField(page) {
  return combobox({
    id: "product-search",
    listId: "product-options",
    label: t("search.product"),
    value: page.filters.get("product") ?? "",
    find: async (q, signal) => (await get("/products", { q, limit: OFFERS }, signal)).items,
    describe: (item) => ({
      text: item.product,
      note: t("search.offer", { count: item.market_count, last: day(item.last_day) }),
    }),
    onchoice: (item) => page.go({ product: item.product, dataset: null, market: null }),
  });
}
