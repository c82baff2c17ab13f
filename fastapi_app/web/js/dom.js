/** Elements from plain calls. Every text becomes a text node, so nothing that data holds is ever read as markup. */

/** Told to what has to be measured, once it is in the page. */
export const ATTACHED = "mercado:attached";
const SVG = "http://www.w3.org/2000/svg";

/**
 * Return an HTML element.
 * @param {string} tag
 * @param {Object} attributes functions named `on…` listen, true sets an empty attribute, null and false are left out
 * @param {...(Node|string|number|null|Array)} children null is left out, lists are flattened
 */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** Return an SVG element; otherwise as `h`. */
export function s(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** Take what an element holds away, and put other children in its place. */
export function refill(element, ...children) {
  element.replaceChildren(...nodes(children));
  return element;
}

/** Return the element with this id; it must be in the page. */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element #${id}`);
  return element;
}

let lastId = 0;

/** Return an id that no other element has. */
export function freshId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...nodes(children));
  return element;
}

function nodes(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)));
}
