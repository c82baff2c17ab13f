/** The address after `#`: the view, and its filters as a query, so that a link shows what its sender saw. */

export const VIEWS = ["forecast", "prices", "health"];

/** Return the view and the filters that the address names. */
export function here() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  return { view: VIEWS.includes(path) ? path : VIEWS[0], filters: new URLSearchParams(query) };
}

/** Return the address of a view with filters; those that are empty are left out. */
export function linkTo(view, filters = new URLSearchParams()) {
  const stated = new URLSearchParams([...filters].filter(([, value]) => value !== ""));
  return stated.size ? `#/${view}?${stated}` : `#/${view}`;
}

/** Return filters with some of them changed; null takes one away, a list repeats it. */
export function changed(filters, changes) {
  const result = new URLSearchParams(filters);
  for (const [name, value] of Object.entries(changes)) {
    result.delete(name);
    for (const each of [value].flat()) if (each !== null) result.append(name, each);
  }
  return result;
}
