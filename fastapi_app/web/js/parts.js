/** Small parts that several views are made of. */

import { download, hasKey } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";

/** Return a link to another service; only its text when the address is none that a browser should follow. */
export function outward(url, text) {
  const isWeb = URL.canParse(url ?? "", location.href) && /^https?:$/.test(new URL(url, location.href).protocol);
  return isWeb ? h("a", { href: url, rel: "noreferrer" }, text) : h("span", {}, text);
}

/**
 * Return a link to an answer of the API. With a key in use the answer is fetched and saved, for a plain link cannot
 * send the key.
 */
export function answerLink(url, text, fileName, attributes = {}) {
  const onclick = async (event) => {
    if (!hasKey()) return;
    event.preventDefault();
    const link = event.currentTarget;
    try {
      await download(url, fileName);
    } catch (error) {
      link.after(h("span", { class: "fault", role: "alert" }, ` ${t("notSaved")} ${error.detail ?? error.message}`));
    }
  };
  return h("a", { href: url, onclick, ...attributes }, text);
}

/** Return a sentence of the API, which speaks English in every language of the page. */
export function original(sentence) {
  return h("span", { lang: "en" }, sentence);
}

/**
 * Return a badge.
 * @param {"good"|"bad"|"warn"|"plain"} tone never the only bearer of the meaning: the text says it, too
 */
export function badge(text, tone = "plain") {
  return h("span", { class: `badge ${tone}` }, text);
}

/** Return figures as a list of terms, each {term, value, note}. */
export function facts(entries, className = "facts") {
  const entry = ({ term, value, note }) =>
    h("div", {}, h("dt", {}, term), h("dd", {}, value, note && h("small", {}, note)));
  return h("dl", { class: className }, entries.filter(Boolean).map(entry));
}

/**
 * Return a drop-down list with its label.
 * @param {Array<[string, string]>} options value and text of each
 * @param {function(string): void} onchange
 */
export function choice({ id, label, options, value, onchange }) {
  const items = options.map(([each, text]) => h("option", { value: each, selected: each === value }, text));
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    h("select", { id, onchange: (event) => onchange(event.target.value) }, items),
  );
}

/** Return one of several buttons to choose from, as a group of radio buttons. */
export function segments({ name, label, options, value, onchange }) {
  const segment = ([each, text]) =>
    h(
      "label",
      {},
      h("input", { type: "radio", name, value: each, checked: each === value, onchange: () => onchange(each) }),
      h("span", {}, text),
    );
  return h("fieldset", { class: "segments" }, h("legend", { class: "visually-hidden" }, label), options.map(segment));
}

/**
 * Return a function that asks once and remembers the answer; a failure is forgotten.
 * @param {function(): Promise} ask
 */
export function once(ask) {
  let asked = null;
  return () => {
    asked ??= ask().catch((error) => {
      asked = null;
      throw error;
    });
    return asked;
  };
}
