/** The controls beside the product's name: kind of price, period and markets. */

import { h } from "../dom.js";
import { t, word } from "../i18n.js";
import { MOST_LINES } from "../line_chart.js";
import { choice as dropDown } from "../parts.js";
import { PERIODS } from "./prices_query.js";

/**
 * Return the controls.
 * @param {Object} choice as `pricesData` resolves it
 * @param {function(Object): void} go changes filters
 */
export function choiceControls(choice, go) {
  return [
    h(
      "div",
      { class: "controls" },
      dropDown({
        id: "dataset",
        label: t("search.dataset"),
        options: choice.product.datasets.map((each) => [each, word("dataset", each)]),
        value: choice.dataset,
        onchange: (dataset) => go({ dataset, market: null }),
      }),
      dropDown({
        id: "period",
        label: t("search.period"),
        options: PERIODS.map((each) => [each, t(`period.${each}`)]),
        value: choice.period,
        onchange: (period) =>
          go(
            period === "custom"
              ? { period, since: choice.since, until: choice.last }
              : { period, since: null, until: null },
          ),
      }),
      choice.period === "custom" && [dayField("since", choice, go), dayField("until", choice, go)],
    ),
    markets(choice, go),
  ];
}

function dayField(name, choice, go) {
  const onchange = (event) => go({ period: "custom", [name]: event.target.value || null });
  return h(
    "div",
    { class: "field" },
    h("label", { for: name }, t(`search.${name}`)),
    h("input", { id: name, type: "date", value: choice[name] ?? "", max: choice.last, onchange }),
  );
}

function markets({ offered, markets: chosen }, go) {
  const boxes = offered.map(({ market }, place) => {
    const isChosen = chosen.includes(market);
    return h(
      "label",
      {},
      h("input", {
        type: "checkbox",
        name: "market",
        id: `market-${place}`,
        value: market,
        checked: isChosen,
        disabled: !isChosen && chosen.length >= MOST_LINES,
        onchange: () => go({ market: isChosen ? without(chosen, market) : [...chosen, market] }),
      }),
      h("span", {}, market),
    );
  });
  return h(
    "fieldset",
    { id: "market-choices" },
    h("legend", {}, t("search.markets", { count: chosen.length, offered: offered.length, most: MOST_LINES })),
    h("div", { class: "boxes", role: "group", "aria-label": t("search.marketList"), tabindex: "0" }, boxes),
  );
}

/** Return the names without one; the last one stays, for a chart of no market says nothing. */
function without(names, name) {
  return names.length > 1 ? names.filter((each) => each !== name) : names;
}
