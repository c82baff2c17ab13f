/** Questions to the read API. */

import { t } from "./i18n.js";
import { keep, kept } from "./keeping.js";

const KEY = "key";
/** Told to the document when the API asks for a key. */
export const KEY_NEEDED = "mercado:key-needed";

/** What the API, or the way to it, has against a question. */
export class Problem extends Error {
  constructor(status, title, detail) {
    super(detail);
    Object.assign(this, { name: "Problem", status, title, detail });
  }
}

/** Keep the key for this tab. */
export function useKey(key) {
  keep(KEY, key, "sessionStorage");
}

/** Return whether a key is in use. */
export function hasKey() {
  return Boolean(kept(KEY, "sessionStorage"));
}

/** Return a path with its query; lists become repeated names, and what is empty is left out. */
export function address(path, query = {}) {
  const parts = Object.entries(query).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
  const stated = new URLSearchParams(
    parts.filter(([, value]) => value !== null && value !== undefined && value !== ""),
  );
  return stated.size ? `${path}?${stated}` : path;
}

/**
 * Return an answer's JSON.
 * @throws {Problem} the API refuses, or does not answer
 * @throws {DOMException} the question was withdrawn by its signal
 */
export async function get(path, query = {}, signal = undefined) {
  return (await ask(address(path, query), signal)).json();
}

/**
 * Return the items of a list, page after page.
 * @returns {Promise<{items: Array, more: boolean}>} `more`: there are pages beyond those asked for
 */
export async function getAll(path, query, signal, { pages = 4 } = {}) {
  const items = [];
  let cursor = null;
  for (let page = 0; page < pages; page += 1) {
    const answer = await get(path, { ...query, cursor }, signal);
    items.push(...answer.items);
    cursor = answer.next;
    if (!cursor) break;
  }
  return { items, more: Boolean(cursor) };
}

/** Save an answer as a file. A plain link cannot send the key. */
export async function download(url, fileName) {
  const blob = await (await ask(url)).blob();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function ask(url, signal) {
  const key = kept(KEY, "sessionStorage");
  let answer;
  try {
    answer = await fetch(url, { signal, headers: key ? { "X-API-Key": key } : {} });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, t("error.network"), t("error.networkDetail"));
  }
  if (answer.ok) return answer;
  if (answer.status === 401) document.dispatchEvent(new CustomEvent(KEY_NEEDED));
  throw await problemOf(answer);
}

async function problemOf(answer) {
  const isProblem = answer.headers.get("content-type")?.includes("json");
  const told = isProblem ? await answer.json() : {};
  const faults = (told.errors ?? []).map((fault) => `${fault.field}: ${fault.message}`);
  const detail = [told.detail ?? answer.statusText, ...faults].join(" ");
  return new Problem(answer.status, told.title ?? t("error.status", { status: answer.status }), detail);
}
