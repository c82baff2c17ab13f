/** A part of a view that asks, waits, fails and is drawn by itself: one that fails takes no other with it. */

import { ATTACHED, h, refill } from "./dom.js";
import { t } from "./i18n.js";

/** Told by a panel, and bubbling, when its state has changed. */
export const PANEL_CHANGED = "mercado:panel";

/**
 * Return a panel; `load` begins its work, and withdraws the question before.
 * @param {Object} options
 * @param {string} options.name hook for tests and for styles
 * @param {string} options.title
 * @param {function(AbortSignal): Promise} options.ask
 * @param {function(*): Node[]} options.draw of the answer
 * @param {function(*): (string|null)} options.emptiness what to say when there is nothing; null when there is something
 * @param {function(Error): (Node[]|null)} options.notice what to show in place of an expected problem
 * @param {Node[]} options.tools controls that stay when the answer changes
 */
export function panel({ name, title, ask, draw, emptiness = () => null, notice = () => null, tools = [] }) {
  const body = h("div", { class: "panel-body" });
  const heading = h("h2", { id: `panel-${name}` }, title);
  const element = h(
    "section",
    { class: "panel", "data-panel": name, "data-state": "loading", "aria-labelledby": heading.id },
    h("div", { class: "panel-head" }, heading, ...tools),
    body,
  );
  let withdrawal = new AbortController();

  const show = (state, ...content) => {
    const focused = body.contains(document.activeElement) ? document.activeElement.id : null;
    refill(body, ...content);
    if (focused) document.getElementById(focused)?.focus();
    for (const holder of body.querySelectorAll(".chart-holder")) holder.dispatchEvent(new Event(ATTACHED));
    tell(state);
  };
  const tell = (state) => {
    element.dataset.state = state;
    body.removeAttribute("aria-busy");
    element.dispatchEvent(new CustomEvent(PANEL_CHANGED, { bubbles: true }));
  };
  const fail = (error) => {
    const expected = notice(error);
    if (expected) show("notice", ...expected);
    else show("error", problem(error, load));
  };

  async function load() {
    withdrawal.abort();
    withdrawal = new AbortController();
    const { signal } = withdrawal;
    begin(element, body);
    element.dispatchEvent(new CustomEvent(PANEL_CHANGED, { bubbles: true }));
    try {
      const answer = await ask(signal);
      if (signal.aborted) return;
      const nothing = emptiness(answer);
      if (nothing) show("empty", h("p", { class: "empty" }, nothing));
      else show("ready", ...draw(answer));
    } catch (error) {
      if (!signal.aborted) fail(error);
      if (!signal.aborted && error.name !== "Problem") console.error(error);
    }
  }

  return { element, load, stop: () => withdrawal.abort() };
}

function begin(element, body) {
  if (element.dataset.state === "error" || !body.hasChildNodes()) {
    refill(body, h("p", { class: "loading" }, t("loading")));
  }
  element.dataset.state = "loading";
  body.setAttribute("aria-busy", "true");
}

function problem(error, again) {
  return h(
    "div",
    { class: "problem", role: "alert" },
    h("p", {}, h("strong", {}, error.title ?? t("error.page")), " ", error.detail ?? error.message),
    h("button", { type: "button", onclick: again }, t("retry")),
  );
}
