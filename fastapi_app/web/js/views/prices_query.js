/** What the prices view's filters mean: product, kind of price, markets and period, and what they find. */

import { get, getAll } from "../api.js";
import { MOST_LINES } from "../line_chart.js";
import { once } from "../parts.js";

/** Periods to choose from, in days before the product's newest price; `all` and `custom` beside them. */
export const PERIODS = ["30", "90", "365", "all", "custom"];
const FIRST_PERIOD = "365";
const FIRST_MARKETS = 4;
const DAY_MS = 86_400_000;
const DAYS_OF_DATASET = { market_weekly: 6, workbook_weekly: 6, market_monthly: 30 };

/** Where each kind of price is kept. */
export const TABLES = {
  city_daily: "sipsa_data.sipsa_prices",
  market_daily: "sipsa_data.sipsa_market_prices_daily",
  market_weekly: "sipsa_data.sipsa_market_prices_weekly",
  market_monthly: "sipsa_data.sipsa_market_prices_monthly",
  workbook_daily: "sipsa_data.mayoristas_prices",
  workbook_weekly: "sipsa_data.mayoristas_prices_weekly",
};

/**
 * Return the questions that the filters lead to; each is asked when it is first needed, and once.
 * @param {URLSearchParams} filters
 * @param {AbortSignal} signal
 */
export function pricesData(filters, signal) {
  const choice = once(() => resolve(filters, signal));
  const ofChoice = (ask) => once(async () => ((await choice()).product ? ask(await choice()) : null));
  return {
    choice,
    prices: ofChoice((chosen) => getAll("/prices", { ...query(chosen), limit: 10_000 }, signal)),
    revisions: ofChoice((chosen) => getAll("/prices/revisions", { ...query(chosen), limit: 1000 }, signal)),
    comparison: ofChoice(({ product, dataset }) =>
      get("/prices/comparison", { product: product.product, dataset }, signal),
    ),
  };
}

/** Return the query for /prices that a choice means. */
export function query({ product, dataset, markets, since, until }) {
  return { product: product.product, dataset, market: markets, since, until };
}

/** Ask what may be chosen, and settle what is. `product` is null when there is none of the name, or none at all. */
async function resolve(filters, signal) {
  const asked = filters.get("product");
  const product = asked ? await named(asked, signal) : await first(signal);
  if (!product) return { product: null, asked };
  const stated = filters.get("dataset");
  const dataset = product.datasets.includes(stated) ? stated : product.datasets[0];
  const offered = (await getAll("/markets", { product: product.product, dataset, limit: 1000 }, signal)).items;
  const names = offered.map((each) => each.market);
  const wanted = filters.getAll("market").filter((name) => names.includes(name));
  const markets = (wanted.length ? wanted : names).slice(0, wanted.length ? MOST_LINES : FIRST_MARKETS);
  const last =
    offered
      .map((each) => each.last_day)
      .sort()
      .at(-1) ?? product.last_day;
  return { product, dataset, offered, markets, ...period(filters, last, dataset) };
}

async function named(product, signal) {
  const { items } = await getAll("/products", { q: product, limit: 1000 }, signal);
  return items.find((each) => each.product === product) ?? null;
}

/** Return the product that most markets have, so that the first look shows something. */
async function first(signal) {
  const { items } = await get("/products", { limit: 200 }, signal);
  return items.reduce((best, each) => (best && best.market_count >= each.market_count ? best : each), null);
}

function period(filters, last, dataset) {
  const stated = filters.get("period");
  const [since, until] = [filters.get("since"), filters.get("until")];
  const name = PERIODS.includes(stated) ? stated : since || until ? "custom" : FIRST_PERIOD;
  if (name === "custom") return { period: name, since, until, last };
  if (name === "all" || !last) return { period: name, since: null, until: null, last };
  const reach = Math.max(Number(name), DAYS_OF_DATASET[dataset] ?? 0);
  return { period: name, since: daysBefore(last, reach), until: null, last };
}

/** Return the calendar day so many days before another. */
export function daysBefore(text, days) {
  return new Date(Date.parse(text) - days * DAY_MS).toISOString().slice(0, 10);
}
