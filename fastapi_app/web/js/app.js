/** The page: opens the view that the address names, and keeps the two in step. */

import { KEY_NEEDED, get } from "./api.js";
import { byId, h, refill } from "./dom.js";
import { t } from "./i18n.js";
import { keyForm } from "./key_form.js";
import { PANEL_CHANGED } from "./panel.js";
import { once } from "./parts.js";
import { changed, here, linkTo } from "./router.js";
import { drawPlatform, drawShell, markTab } from "./shell.js";
import { forecastView } from "./views/forecast.js";
import { healthView } from "./views/health.js";
import { pricesView } from "./views/prices.js";

const MAKERS = { forecast: forecastView, prices: pricesView, health: healthView };
const main = byId("main");
const open = { name: null, view: null, address: null };
let platform = once(() => get("/platform"));

/** Change filters of the open view, as a new entry of the browser's history. */
function go(changes) {
  const { view, filters } = here();
  history.pushState(null, "", linkTo(view, changed(filters, changes)));
  follow();
}

/** Show what the address names: another view, or the open one with other filters. */
function follow() {
  const { view, filters } = here();
  const address = linkTo(view, filters);
  if (address === open.address) return;
  const isAnother = view !== open.name;
  const isFirst = open.name === null;
  open.address = address;
  if (isAnother) show(view, filters);
  else open.view.update(filters);
  if (isAnother && !isFirst) main.querySelector("h1").focus();
}

function show(name, filters) {
  close();
  const view = MAKERS[name]({ filters, go, platform: () => platform() });
  Object.assign(open, { name, view });
  main.dataset.view = name;
  document.title = `${view.title} · Mercado`;
  markTab(name);
  refill(
    main,
    h(
      "div",
      { class: "view-head" },
      h("div", {}, h("h1", { tabindex: "-1" }, view.heading ?? view.title), h("p", { class: "lead" }, view.lead)),
      view.tools,
    ),
    view.content,
  );
  for (const panel of view.panels) panel.load();
}

function close() {
  for (const panel of open.view?.panels ?? []) panel.stop();
  open.view?.stop?.();
}

/** Begin anew: after the language or the key has changed. */
function restart() {
  Object.assign(open, { name: null, address: null });
  drawShell(restart);
  platform = once(() => get("/platform"));
  tellPlatform();
  follow();
}

async function tellPlatform() {
  drawPlatform(null);
  drawPlatform(await platform().catch(() => null));
}

/** Give the whole view the state that its panels have together. */
function judge() {
  const states = [...main.querySelectorAll("[data-panel]")].map((panel) => panel.dataset.state);
  if (!states.length) return;
  const state = states.includes("loading") ? "loading" : states.every((each) => each === "error") ? "error" : "ready";
  if (main.dataset.state === state) return;
  main.dataset.state = state;
  byId("status").textContent = t(`status.${state}`, { view: open.view.title });
}

function askForKey() {
  if (document.getElementById("key-form")) return;
  close();
  Object.assign(open, { name: null, address: null });
  refill(main, h("h1", { tabindex: "-1" }, t("key.heading")), keyForm(restart));
  main.dataset.state = "error";
  byId("api-key").focus();
}

main.addEventListener(PANEL_CHANGED, judge);
document.addEventListener(KEY_NEEDED, askForKey);
addEventListener("hashchange", follow);
addEventListener("popstate", follow);
restart();
