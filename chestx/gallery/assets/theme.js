"use strict";
/* Light or dark: what the system says, until the reader says otherwise. */
(() => {
  const KEY = "chestx-theme";
  const THEMES = ["auto", "light", "dark"];
  const root = document.documentElement;

  function kept() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // a browser that keeps nothing for pages on disk
    }
  }

  function apply(theme) {
    root.dataset.theme = theme;
    const button = document.getElementById("theme");
    if (button) {
      button.textContent = `Theme: ${theme}`;
    }
  }

  function next() {
    const theme = THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length];
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // It lasts as long as the page.
    }
    apply(theme);
  }

  const theme = THEMES.includes(kept()) ? kept() : "auto";
  apply(theme);
  document.addEventListener("DOMContentLoaded", () => {
    apply(theme);
    document.getElementById("theme").addEventListener("click", next);
  });
})();
