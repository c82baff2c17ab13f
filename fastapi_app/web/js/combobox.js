/** A field that offers what fits while one types: ARIA's editable combobox with a list. */

import { freshId, h, refill } from "./dom.js";
import { t } from "./i18n.js";

const PAUSE_MS = 150;

/**
 * Return the field with its label and its list.
 * @param {Object} options
 * @param {string} options.id of the input
 * @param {string} options.listId of the list
 * @param {string} options.label
 * @param {string} options.value
 * @param {function(string, AbortSignal): Promise<Array>} options.find what fits a text
 * @param {function(*): {text: string, note: string}} options.describe an offer
 * @param {function(*): void} options.onchoice
 */
export function combobox({ id, listId, label, value, find, describe, onchoice }) {
  const state = { offers: [], active: -1, withdrawal: new AbortController(), timer: 0, chosen: value };
  const list = h("ul", { id: listId, role: "listbox", "aria-label": label, hidden: true });
  const told = h("p", { class: "visually-hidden", role: "status" });
  const input = h("input", {
    id,
    type: "text",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    value,
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": listId,
  });

  const close = () => {
    list.hidden = true;
    state.active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (offer) => {
    state.chosen = describe(offer).text;
    input.value = state.chosen;
    close();
    onchoice(offer);
  };
  const activate = (place) => {
    const options = [...list.querySelectorAll("[role=option]")];
    if (!options.length) return;
    state.active = (place + options.length) % options.length;
    options.forEach((option, each) => option.setAttribute("aria-selected", String(each === state.active)));
    options[state.active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[state.active].id);
  };
  const open = (offers) => {
    state.offers = offers;
    state.active = -1;
    refill(list, offers.length ? offers.map((offer) => option(offer, describe, choose)) : nothing());
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    input.removeAttribute("aria-activedescendant");
    told.textContent = t("combobox.count", { count: offers.length });
  };
  const search = async () => {
    state.withdrawal.abort();
    state.withdrawal = new AbortController();
    const { signal } = state.withdrawal;
    try {
      const offers = await find(input.value === state.chosen ? "" : input.value, signal);
      if (!signal.aborted && document.activeElement === input) open(offers);
    } catch (error) {
      if (signal.aborted) return;
      refill(list, h("li", { class: "fault" }, error.detail ?? error.message));
      list.hidden = false;
    }
  };
  const later = () => {
    clearTimeout(state.timer);
    state.timer = setTimeout(search, PAUSE_MS);
  };
  const restore = () => {
    clearTimeout(state.timer);
    state.withdrawal.abort();
    input.value = state.chosen;
    close();
  };

  input.addEventListener("input", later);
  input.addEventListener("click", () => list.hidden && search());
  input.addEventListener("blur", restore);
  input.addEventListener("keydown", (event) => {
    const isOpen = !list.hidden;
    const moves = { ArrowDown: state.active + 1, ArrowUp: state.active < 0 ? -1 : state.active - 1 };
    if (event.key in moves) isOpen ? activate(moves[event.key]) : search();
    else if (event.key === "Enter" && isOpen && state.offers.length) choose(state.offers[Math.max(state.active, 0)]);
    else if (event.key === "Escape") restore();
    else return;
    event.preventDefault();
  });

  const element = h("div", { class: "field combobox" }, h("label", { for: id }, label), input, list, told);
  const set = (text) => {
    state.chosen = text;
    if (document.activeElement !== input || list.hidden) input.value = text;
  };
  return { element, set };
}

function option(offer, describe, choose) {
  const { text, note } = describe(offer);
  // Chosen when the pointer goes down: the field keeps its focus, which a click would take away first.
  const onpointerdown = (event) => {
    event.preventDefault();
    choose(offer);
  };
  return h(
    "li",
    { id: freshId("option"), role: "option", "aria-selected": "false", onpointerdown },
    h("span", {}, text),
    h("small", {}, note),
  );
}

function nothing() {
  return h("li", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, t("combobox.nothing"));
}
