/** The page's language, and its texts in it. */

import { keep } from "./keeping.js";
import { en } from "./texts/en.js";
import { es } from "./texts/es.js";

const TEXTS = { en, es };
const LOCALES = { en: "en-GB", es: "es-CO" };

/** Return `en` or `es`. */
export function language() {
  return document.documentElement.lang === "es" ? "es" : "en";
}

/** Return the locale by which numbers and dates are written. */
export function locale() {
  return LOCALES[language()];
}

/** Change the language, and keep it. */
export function setLanguage(chosen) {
  document.documentElement.lang = chosen;
  keep("language", chosen);
}

/**
 * Return a text.
 * @param {string} key
 * @param {Object} values what stands in its braces
 */
export function t(key, values = {}) {
  const text = TEXTS[language()][key];
  if (text === undefined) throw new Error(`there is no text ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Return the text for a word of the API, such as a status; the word itself where it is a new one. */
export function word(group, value) {
  return TEXTS[language()][`${group}.${value}`] ?? String(value);
}
