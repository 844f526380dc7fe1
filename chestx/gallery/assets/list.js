"use strict";
/* The list of studies: only the rows that are seen are there. */
(() => {
  const { make, byId } = chestx;
  const ROW = 46; // pixels, as in the style sheet
  const SPARE = 6; // rows above and below
  const SCORED = ["high", "low"]; // orders of which the score of any class is the reason
  const rows = new Map();
  let found = [];
  let chosen = -1; // a place in `found`
  let query = null;

  chestx.list = {
    /** Show what was found, and the study that is open in it. */
    show(numbers, newQuery, number) {
      found = numbers;
      query = newQuery;
      byId("track").style.height = `${ROW * found.length}px`;
      rows.forEach((row) => row.remove());
      rows.clear();
      const total = chestx.index.ids.length;
      const all = found.length === total;
      const noun = total === 1 ? "study" : "studies";
      byId("count").textContent = all
        ? `${total.toLocaleString("en")} ${noun}`
        : `${found.length.toLocaleString("en")} of ${total.toLocaleString("en")} ${noun}`;
      this.mark(number);
    },
    /** Mark the study that is open. */
    mark(number) {
      chosen = found.indexOf(number);
      reveal();
      draw();
    },
    refresh() {
      rows.forEach((row) => row.remove());
      rows.clear();
      draw();
    },
    /** Return the study some steps from the one that is open, null at the ends. */
    step(by) {
      const at = Math.min(Math.max(chosen + by, 0), found.length - 1);
      return at === chosen || !found.length ? null : found[at];
    },
    get length() {
      return found.length;
    },
    get first() {
      return found[0];
    },
    has: (number) => found.includes(number),
    place: () => chosen,
  };

  function reveal() {
    const list = byId("list");
    if (chosen < 0) {
      list.scrollTop = 0;
      return;
    }
    const top = chosen * ROW;
    if (top < list.scrollTop) {
      list.scrollTop = top;
    } else if (top + ROW > list.scrollTop + list.clientHeight) {
      list.scrollTop = top + ROW - list.clientHeight;
    }
  }

  function draw() {
    const list = byId("list");
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - SPARE);
    const last = Math.min(
      found.length,
      Math.ceil((list.scrollTop + list.clientHeight) / ROW) + SPARE,
    );
    for (const [at, row] of rows) {
      if (at < first || at >= last) {
        row.remove();
        rows.delete(at);
      }
    }
    for (let at = first; at < last; at += 1) {
      if (!rows.has(at)) {
        const row = rowOf(found[at], at);
        row.style.top = `${at * ROW}px`;
        rows.set(at, row);
        byId("track").append(row);
      }
      rows.get(at).setAttribute("aria-selected", at === chosen);
    }
    if (rows.has(chosen)) {
      list.setAttribute("aria-activedescendant", `row-${found[chosen]}`);
    } else {
      list.removeAttribute("aria-activedescendant");
    }
  }

  function rowOf(number, at) {
    const verdicts = chestx.verdictMark(number);
    return make(
      "div",
      {
        class: "row",
        role: "option",
        id: `row-${number}`,
        "aria-posinset": at + 1,
        "aria-setsize": found.length,
        "aria-selected": "false",
        onclick: () => chestx.open(number),
      },
      make("span", { class: "id" }, chestx.index.ids[number]),
      make("span", { class: "mark" }, verdicts),
      make("span", { class: "said" }, summary(number)),
      make("span", { class: "score" }, score(number)),
    );
  }

  /** What the report says, in a line: present first, then uncertain. */
  function summary(number) {
    const { classes } = chestx.about;
    const of = (state) => classes.filter((_, name) => chestx.labelOf(number, name) === state);
    const present = of(4).map(chestx.nice);
    const unsure = of(3).map((name) => `${chestx.nice(name)} ?`);
    return [...present, ...unsure].join(", ") || "no finding";
  }

  function score(number) {
    if (query.class < 0 && !SCORED.includes(query.sort)) {
      return "";
    }
    const names = query.class < 0 ? [...chestx.about.classes.keys()] : [query.class];
    const scores = names.map((name) => chestx.scoreOf(number, name, query.run));
    const best = Math.max(...scores.map((one) => one ?? -1));
    return best < 0 ? "" : best.toFixed(2);
  }

  let asked = false;
  function redraw() {
    if (!asked) {
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        draw();
      });
    }
  }

  byId("list").addEventListener("scroll", redraw);
  new ResizeObserver(redraw).observe(byId("list"));
})();
