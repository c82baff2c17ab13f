/** Tables that scroll inside a region of their own, can be sorted by a column, and can be read page by page. */

import { get } from "./api.js";
import { h, refill } from "./dom.js";
import { t } from "./i18n.js";

/**
 * Return a table in a region that can be scrolled by keyboard.
 * @param {Object} options
 * @param {string} options.caption names table and region
 * @param {Array} options.columns each {title, cell: row => content, sort?: row => value, number?, wide?, head?: bool}
 * @param {Array} options.rows
 * @param {string} options.id of the table
 * @param {{column: number, descending: boolean}} options.order of the rows as they are given
 */
export function table({ caption, columns, rows, id = null, order = null, quiet = false }) {
  const body = h("tbody");
  const heads = columns.map((column) => h("th", { scope: "col", class: column.number ? "number" : null }));
  const state = { order, rows };

  const draw = () => {
    refill(
      body,
      state.rows.map((row) =>
        h(
          "tr",
          {},
          columns.map((column) => cell(column, row)),
        ),
      ),
    );
    columns.forEach((column, place) => {
      const isOrdered = state.order?.column === place;
      if (column.sort) heads[place].setAttribute("aria-sort", direction(isOrdered, state.order));
    });
  };
  const sortBy = (place) => {
    const descending = state.order?.column === place ? !state.order.descending : Boolean(columns[place].number);
    state.order = { column: place, descending };
    state.rows = sorted(state.rows, columns[place].sort, descending);
    draw();
  };
  columns.forEach((column, place) =>
    refill(
      heads[place],
      column.sort
        ? h("button", { type: "button", class: "sort", onclick: () => sortBy(place) }, column.title)
        : column.title,
    ),
  );
  draw();
  return h(
    "div",
    { class: "scroll", role: "region", "aria-label": t("table.region", { caption }), tabindex: "0" },
    h(
      "table",
      { id },
      h("caption", { class: quiet ? "visually-hidden" : null }, caption),
      h("thead", {}, h("tr", {}, heads)),
      body,
    ),
  );
}

/**
 * Return a list of the API as a table with a button for the pages after the first.
 * @param {Object} options as of `table`, and
 * @param {{items: Array, next: string|null}} options.first page
 * @param {string} options.path
 * @param {Object} options.query
 * @param {function(Error): void} options.onfault
 */
export function pagedTable({ first, path, query, ...options }) {
  const holder = h("div");
  let earlier = [];
  let page = first;

  /** Ask for the page behind the last of the cursors; until it is there, the page that is shown stays. */
  const turn = async (cursors, { currentTarget: button }) => {
    button.disabled = true;
    try {
      page = await get(path, { ...query, cursor: cursors.at(-1) ?? null });
      earlier = cursors;
      draw();
    } catch (error) {
      refill(holder.querySelector(".fault"), error.detail ?? error.message);
      button.disabled = false;
    }
  };
  const draw = () => {
    const back = h("button", { type: "button", disabled: earlier.length === 0 }, t("pager.previous"));
    const on = h("button", { type: "button", disabled: !page.next }, t("pager.next"));
    on.addEventListener("click", (event) => turn([...earlier, page.next], event));
    back.addEventListener("click", (event) => turn(earlier.slice(0, -1), event));
    const isLong = page.next || earlier.length > 0;
    const pager = h(
      "nav",
      { class: "pager", "aria-label": t("pager.label", { caption: options.caption }) },
      back,
      t("pager.page", { page: earlier.length + 1 }),
      on,
    );
    refill(holder, table({ ...options, rows: page.items }), isLong && pager, h("p", { class: "fault", role: "alert" }));
  };
  draw();
  return holder;
}

function cell(column, row) {
  const content = column.cell(row);
  const kind = column.number ? "number" : column.wide ? "wide" : null;
  return column.head ? h("th", { scope: "row" }, content) : h("td", { class: kind }, content);
}

function direction(isOrdered, order) {
  if (!isOrdered) return "none";
  return order.descending ? "descending" : "ascending";
}

/** Return rows by a value; those without one are last, whichever the direction. */
function sorted(rows, value, descending) {
  const sign = descending ? -1 : 1;
  const known = (row) => value(row) !== null && value(row) !== undefined;
  const compare = (one, other) => {
    const [a, b] = [value(one), value(other)];
    return sign * (typeof a === "string" ? a.localeCompare(b) : a - b);
  };
  return [...rows.filter(known).sort(compare), ...rows.filter((row) => !known(row))];
}
