// Runs before the first paint, so that neither the theme nor the language changes before the reader's eyes.
// A classic script: a module would run after the paint, and the page's policy allows no script inside the document.
(() => {
  const root = document.documentElement;
  const kept = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null; // Storage is switched off: the system's theme and the browser's language are used.
    }
  };
  const theme = kept("mercado.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const language = kept("mercado.language") ?? navigator.language;
  root.lang = language.toLowerCase().startsWith("es") ? "es" : "en";
})();
