/** The form for the API's key. */

import { get, useKey } from "./api.js";
import { h, refill } from "./dom.js";
import { t } from "./i18n.js";

/** Return the form; `onaccepted` is called when the API has answered with the key. */
export function keyForm(onaccepted) {
  const input = h("input", {
    id: "api-key",
    type: "password",
    required: true,
    autocomplete: "off",
    "aria-describedby": "key-help",
  });
  const fault = h("p", { class: "fault", role: "alert" });
  const onsubmit = async (event) => {
    event.preventDefault();
    refill(fault);
    useKey(input.value);
    try {
      await get("/platform");
      onaccepted();
    } catch (error) {
      refill(fault, error.status === 401 ? t("key.wrong") : error.message);
      input.focus();
    }
  };
  return h(
    "form",
    { id: "key-form", class: "panel", onsubmit },
    h("h2", {}, t("key.title")),
    h("p", { id: "key-help" }, t("key.help")),
    h("div", { class: "field" }, h("label", { for: "api-key" }, t("key.label")), input),
    h("button", { type: "submit" }, t("key.submit")),
    fault,
  );
}
