/** What surrounds every view: header with tabs and switches, banner, footer. */

import { byId, h, refill } from "./dom.js";
import { language, setLanguage, t } from "./i18n.js";
import { keep } from "./keeping.js";
import { outward } from "./parts.js";
import { VIEWS, linkTo } from "./router.js";

const LANGUAGES = { en: "English", es: "Español" };

/** Write the texts around the views in the page's language; `onlanguage` is called when it has changed. */
export function drawShell(onlanguage) {
  byId("skip-link").textContent = t("skip");
  byId("skip-link").onclick = (event) => {
    event.preventDefault(); // What follows # names a view here.
    byId("main").focus();
  };
  byId("tabs").setAttribute("aria-label", t("nav"));
  refill(
    byId("tabs"),
    VIEWS.map((view) => h("a", { href: linkTo(view), "data-tab": view }, t(`tab.${view}`))),
  );
  drawThemeToggle();
  drawLanguageToggle(onlanguage);
}

/** Mark the tab of the view that is open. */
export function markTab(view) {
  for (const tab of byId("tabs").children) {
    if (tab.dataset.tab === view) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
}

/** Show what GET /platform tells; null while, or because, it is not known. */
export function drawPlatform(platform) {
  const isSimulated = platform?.simulated === true;
  byId("simulated-banner").hidden = !isSimulated;
  refill(byId("simulated-banner"), h("strong", {}, t("simulated")), " ", t("simulatedNote"));
  const links = platform?.links ?? { docs: "/docs" };
  const shown = Object.entries(links).filter(([, url]) => url);
  byId("platform-links").setAttribute("aria-label", t("links"));
  refill(
    byId("platform-links"),
    h(
      "ul",
      {},
      shown.map(([name, url]) => h("li", {}, outward(url, t(`link.${name}`)))),
    ),
  );
  byId("platform-version").textContent = platform ? t("version", { version: platform.version }) : "";
  byId("footer-note").textContent = t("footer");
}

function drawThemeToggle() {
  const button = byId("theme-toggle");
  const isDark = () =>
    (document.documentElement.dataset.theme ??
      (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const show = () => {
    button.setAttribute("aria-pressed", String(isDark()));
    button.setAttribute("aria-label", t("theme"));
    button.title = t("theme");
  };
  button.onclick = () => {
    const chosen = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = chosen;
    keep("theme", chosen);
    show();
  };
  show();
}

function drawLanguageToggle(onlanguage) {
  const button = byId("language-toggle");
  const other = language() === "es" ? "en" : "es";
  button.textContent = LANGUAGES[other];
  button.lang = other;
  button.onclick = () => {
    setLanguage(other);
    onlanguage();
  };
}
