/** Numbers, days and instants as the reader's language writes them. Instants are in UTC, and say so. */

import { locale, t } from "./i18n.js";

const made = new Map();
const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** Return a number; unknown where it is null. */
export function number(value, digits = 0, options = {}) {
  if (value === null || value === undefined) return t("unknown");
  return formatter("NumberFormat", { minimumFractionDigits: digits, maximumFractionDigits: digits, ...options }).format(
    value,
  );
}

/** Return an amount of Colombian pesos without its currency: decimals only where the source has them. */
export function pesos(value) {
  if (value === null || value === undefined) return t("none");
  return formatter("NumberFormat", { maximumFractionDigits: 2 }).format(value);
}

/** Return a share (0.5) as a percentage. */
export function percent(share, digits = 1, options = {}) {
  return number(share, digits, { style: "percent", ...options });
}

/** Return a change in per cent (1.5 is 1.5 %), with its sign. */
export function change(percentage) {
  if (percentage === null || percentage === undefined) return t("none");
  return percent(percentage / 100, 1, { signDisplay: "exceptZero" });
}

/** Return a calendar day, given as YYYY-MM-DD or as its first instant in UTC, in milliseconds. */
export function day(text) {
  return text ? dateText(text, { day: "numeric", month: "short", year: "numeric" }) : t("none");
}

/** Return an instant to the minute, in UTC. */
export function instant(text) {
  if (!text) return t("none");
  const options = {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  };
  return `${dateText(text, options)} UTC`;
}

/** Return a day or an instant, whichever it is. */
export function dayOrInstant(text) {
  return text && text.length > 10 ? instant(text) : day(text);
}

/** Return how long ago an instant was. */
export function ago(text, now = Date.now()) {
  const passed = Date.parse(text) - now;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(passed) >= length) ?? UNITS[2];
  return formatter("RelativeTimeFormat", { numeric: "always" }).format(Math.trunc(passed / size), unit);
}

/** Return a date with the parts asked for, in UTC. */
export function dateText(value, options) {
  return formatter("DateTimeFormat", { timeZone: "UTC", ...options }).format(new Date(value));
}

/** Return texts as a list in words. */
export function listed(texts) {
  return formatter("ListFormat", {}).format(texts);
}

function formatter(kind, options) {
  const key = `${kind} ${locale()} ${JSON.stringify(options)}`;
  if (!made.has(key)) made.set(key, new Intl[kind](locale(), options));
  return made.get(key);
}
