"use strict";
/* The keys of the page, and the list of them. */
(() => {
  const { make, byId } = chestx;
  const HELP = [
    ["j, k", "next, previous study"],
    ["/", "search"],
    ["0 to 9", "one class on the film, 0 all"],
    ["t, f, h", "truth, found, heatmap"],
    ["i", "invert the film"],
    ["+, -, z", "enlarge, shrink, whole film as it is"],
    ["⇧ drag", "contrast to the sides, brightness up and down"],
    ["[, ]", "previous, next film of the study"],
    ["n, p", "next, previous mention"],
    ["v", "review mode"],
    ["↓, ↑", "review: next, previous label or mention"],
    ["r, w, u", "review: right, wrong, unsure"],
    ["1 to 4", "review, after w: should be present, uncertain, negated, not mentioned"],
    ["a", "review: the rest is right"],
    ["m", "review: to the classes not mentioned"],
    ["e", "review: note"],
    ["?", "these keys"],
  ];

  chestx.help = () => {
    const dialog = byId("keys");
    dialog.replaceChildren(
      make(
        "form",
        { method: "dialog" },
        make("h2", { id: "keys-title" }, "Keys"),
        make(
          "dl",
          { class: "keys" },
          HELP.map(([keys, words]) =>
            make("div", {}, make("dt", {}, make("kbd", {}, keys)), make("dd", {}, words)),
          ),
        ),
        make("button", {}, "Close"),
      ),
    );
    dialog.showModal();
  };

  function mentionStep(by) {
    const count = chestx.report.count;
    if (count) {
      const at = chestx.report.chosen;
      chestx.report.choose(at < 0 ? (by > 0 ? 0 : count - 1) : (at + by + count) % count);
    }
  }

  const KEYS = {
    j: () => chestx.go(1),
    k: () => chestx.go(-1),
    "/": () => byId("q").focus(),
    "?": () => chestx.help(),
    t: () => chestx.film.toggle("truth"),
    f: () => chestx.film.toggle("found"),
    h: () => chestx.film.toggle("heat"),
    i: () => chestx.film.toggle("inverted"),
    "+": () => chestx.film.zoom(1.4),
    "=": () => chestx.film.zoom(1.4),
    "-": () => chestx.film.zoom(1 / 1.4),
    z: () => chestx.film.whole(),
    "[": () => chestx.film.turn(-1),
    "]": () => chestx.film.turn(1),
    n: () => mentionStep(1),
    p: () => mentionStep(-1),
    v: () => chestx.reviewing.toggle(),
  };

  function onKey(event) {
    const typing = event.target.closest("input, select, textarea, dialog");
    if (event.key === "Escape" && typing && !event.target.closest("dialog")) {
      event.target.blur();
      return;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (chestx.reviewing.key(event)) {
      event.preventDefault();
    } else if (/^[0-9]$/.test(event.key)) {
      const names = [-1, ...chestx.film.classes()];
      if (Number(event.key) < names.length) {
        chestx.choose(names[Number(event.key)]);
      }
    } else if (Object.hasOwn(KEYS, event.key)) {
      event.preventDefault();
      KEYS[event.key]();
    } else if (event.target === byId("list")) {
      inList(event);
    }
  }

  function inList(event) {
    const page = Math.max(1, Math.floor(byId("list").clientHeight / 46) - 1);
    const steps = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    };
    if (event.key in steps) {
      event.preventDefault();
      chestx.go(steps[event.key]);
    }
  }

  document.addEventListener("keydown", onKey);
})();
