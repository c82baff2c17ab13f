/** The panel with the newest forecast. */

import { h } from "../dom.js";
import { ago, instant, number, percent } from "../format.js";
import { t } from "../i18n.js";
import { panel } from "../panel.js";
import { answerLink, badge, facts } from "../parts.js";

/** Return the panel. */
export function newestPanel(source) {
  return panel({
    name: "forecast",
    title: t("forecast.title"),
    ask: () => source.newest({ again: true }),
    emptiness: (forecast) => (forecast ? null : t("forecast.noModel")),
    draw,
    notice: (error) => (error.status === 503 ? nothingToForecast(error) : null),
  });
}

function draw(forecast) {
  const { lower_price: lower, upper_price: upper, coverage } = forecast.price_interval;
  const percentUp = percent(forecast.probability_up);
  return [
    h(
      "p",
      { class: `direction ${forecast.direction}` },
      h("span", { class: "arrow", "aria-hidden": "true" }, forecast.direction === "up" ? "▲" : "▼"),
      h("span", {}, t(`direction.${forecast.direction}`)),
      h("span", { class: "probability" }, t("forecast.up", { share: percentUp })),
    ),
    h("div", { class: "badges" }, warnings(forecast)),
    facts([
      { term: t("forecast.series"), value: `${forecast.symbol} ${forecast.interval}` },
      { term: t("forecast.price"), value: number(forecast.forecast_price, 2) },
      {
        term: t("forecast.interval", { share: percent(coverage, 0) }),
        value: `${number(lower, 2)} – ${number(upper, 2)}`,
      },
      { term: t("forecast.lastClose"), value: number(forecast.last_close, 2) },
      { term: t("forecast.expected"), value: basisPoints(forecast.expected_log_return) },
      { term: t("forecast.asOf"), value: instant(forecast.as_of_utc), note: ago(forecast.as_of_utc) },
      { term: t("forecast.target"), value: instant(forecast.target_close_utc) },
      {
        term: t("forecast.model"),
        value: t("forecast.version", { name: forecast.model.name, version: forecast.model.version }),
      },
      { term: t("forecast.origin"), value: forecast.data_origin },
    ]),
    h("p", {}, passport(forecast.prediction_id)),
    h("p", { class: "note" }, t(forecast.interval === "1h" ? "forecast.caution" : "forecast.cautionLonger")),
  ];
}

function passport(id) {
  return answerLink(`/predictions/${encodeURIComponent(id)}`, t("forecast.passport"), `prediction-${id}.json`);
}

function warnings(forecast) {
  const found = [];
  found.push(
    forecast.stale
      ? badge(t("forecast.stale", { from: instant(forecast.stale_from_utc) }), "warn")
      : badge(t("forecast.current"), "good"),
  );
  if (forecast.unlike_training)
    found.push(badge(t("forecast.unlike", { share: percent(forecast.unusual_share, 0) }), "warn"));
  if (forecast.filled_candles) found.push(badge(t("forecast.filled", { count: forecast.filled_candles }), "warn"));
  return found;
}

function basisPoints(logReturn) {
  return t("forecast.basisPoints", { count: number(logReturn * 10_000, 2, { signDisplay: "exceptZero" }) });
}

/** A platform without a champion is a young one, not a broken one. */
function nothingToForecast(error) {
  return [
    h("p", { lang: "en" }, h("strong", {}, error.title), " ", error.detail),
    h("p", {}, t("forecast.todo")),
    h(
      "ol",
      {},
      ["bitcoin_data_ingestion", "bitcoin_training_pipeline"].map((dag) =>
        h("li", {}, h("code", {}, dag), " ", t(`forecast.todo.${dag}`)),
      ),
    ),
  ];
}
