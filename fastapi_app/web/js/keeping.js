/** What the browser keeps: choices for good, the key until the tab is closed. */

/** Return what was kept under a name, or null. */
export function kept(name, storage = "localStorage") {
  try {
    return window[storage].getItem(`mercado.${name}`);
  } catch {
    return null; // Storage is switched off: the choice holds until the page is left.
  }
}

/** Keep a value under a name. */
export function keep(name, value, storage = "localStorage") {
  try {
    window[storage].setItem(`mercado.${name}`, value);
  } catch {
    // As above: there is nothing that the reader would have to do.
  }
}
