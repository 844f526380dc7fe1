"use strict";
/* The page of the studies: what is looked for, what is open, and the keys. */
(() => {
  const { make, byId } = chestx;
  const form = byId("filters");
  const DEFAULTS = {
    q: "",
    class: -1,
    label: "",
    split: "",
    agree: "",
    show: "",
    run: 0,
    at: 0.5,
    sort: "",
    judged: "",
  };
  const query = { ...DEFAULTS };
  const AGREE = {
    "": "any",
    "label-truth": "label and truth differ",
    "label-model": "label and model differ",
    "model-truth": "model and truth differ",
    none: "nothing differs",
  };
  const SORTS = {
    "": "as listed",
    id: "id",
    high: "score, highest",
    low: "score, lowest",
    gap: "disagreement",
  };
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
  const open = { number: -1, study: null, name: -1 };

  chestx.open = async (number) => {
    open.number = number;
    chestx.list.mark(number);
    keep();
    let study;
    try {
      study = await chestx.loadStudy(number);
    } catch (error) {
      fault(error.message);
      return;
    }
    if (open.number === number) {
      open.study = study;
      chestx.redraw();
      chestx.say(`${study.id}, ${chestx.list.place() + 1} of ${chestx.list.length}`);
      preload(number);
    }
  };

  /** Have the films of the neighbours ready. */
  async function preload(number) {
    const neighbour = chestx.list.step(1);
    if (
      neighbour !== null &&
      Math.floor(neighbour / chestx.about.chunk) === Math.floor(number / chestx.about.chunk)
    ) {
      const study = await chestx.loadStudy(neighbour);
      if (study.films[0]?.source) {
        new Image().src = study.films[0].source;
      }
    }
  }

  /** Show one class alone on the film, or all again with -1. */
  chestx.choose = (name) => {
    open.name = name;
    keep();
    chestx.redraw();
  };

  chestx.redraw = () => {
    const { study } = open;
    if (!study) {
      return;
    }
    byId("app").classList.toggle("no-film", !study.films.length);
    byId("app").classList.toggle("no-report", !study.isReport);
    chestx.reviewing.show(bare(study));
    drawHead(study);
    chestx.film.show(study, query.run, open.name);
    chestx.report.show(study);
    chestx.redrawLabels();
  };

  // The rows of the labels must be known before a review can point at the first.
  function bare(study) {
    chestx.labels.show(study, open.name, query.run);
    return study;
  }

  chestx.redrawLabels = () => {
    const held = document.activeElement?.id;
    chestx.labels.show(open.study, open.name, query.run);
    if (held) {
      byId(held)?.focus({ preventScroll: true });
    }
  };

  /** A verdict was given: what shows verdicts is drawn again. */
  chestx.judged = () => {
    const held = document.activeElement?.id;
    chestx.report.refresh();
    chestx.redrawLabels();
    chestx.list.refresh();
    if (held) {
      byId(held)?.focus({ preventScroll: true });
    }
  };

  chestx.refresh = () => {
    chestx.list.refresh();
    chestx.redraw();
  };

  function drawHead(study) {
    const film = chestx.film.current ?? study.films[0];
    const split = chestx.about.splits[chestx.index.splits[study.number]];
    const facts = [
      film && film.image !== study.id ? film.image : null,
      film ? `patient ${film.patient}` : null,
      film?.age == null ? null : `${film.age} years`,
      film?.sex ? ({ F: "female", M: "male" }[film.sex] ?? film.sex) : null,
      film?.view || null,
      split ? `split ${split.replace("_", " and ")}` : null,
    ].filter(Boolean);
    byId("name").textContent = study.id;
    byId("name").title = study.id;
    byId("facts").textContent = facts.join(" · ");
    document.title = `${study.id} · chestx gallery`;
  }

  function search() {
    const found = chestx.find(query);
    chestx.list.show(found, query, open.number);
    return found;
  }

  function changed() {
    read();
    const found = search();
    if (!found.includes(open.number) && found.length) {
      chestx.open(found[0]);
    } else {
      keep();
      chestx.redraw();
    }
  }

  function read() {
    for (const [name, value] of new FormData(form)) {
      query[name] = ["class", "run"].includes(name)
        ? Number(value)
        : name === "at"
          ? Number(value) || 0
          : value;
    }
  }

  function write() {
    for (const [name, value] of Object.entries(query)) {
      if (form.elements[name]) {
        form.elements[name].value = value;
      }
    }
  }

  /** Keep in the address what is looked for and what is open. */
  function keep() {
    const { classes, runs } = chestx.about;
    const words = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== DEFAULTS[name]) {
        words.set(name, name === "class" ? classes[value] : name === "run" ? runs[value] : value);
      }
    }
    if (open.number >= 0) {
      words.set("id", chestx.index.ids[open.number]);
    }
    if (open.name >= 0) {
      words.set("only", classes[open.name]);
    }
    const { truth, found, heat, inverted } = chestx.film.layers;
    const layers = `${truth ? "t" : ""}${found ? "f" : ""}${heat ? "h" : ""}${inverted ? "i" : ""}`;
    if (layers !== "tf") {
      words.set("layers", layers);
    }
    history.replaceState(null, "", `#${words}`);
  }
  chestx.keep = keep;

  function restore() {
    const words = new URLSearchParams(location.hash.slice(1));
    const { classes, runs } = chestx.about;
    for (const name of Object.keys(DEFAULTS)) {
      const value = words.get(name);
      query[name] =
        value === null
          ? DEFAULTS[name]
          : name === "class"
            ? classes.indexOf(value)
            : name === "run"
              ? Math.max(0, runs.indexOf(value))
              : name === "at"
                ? Math.min(Math.max(Number(value) || 0, 0), 1)
                : value;
    }
    open.name = classes.indexOf(words.get("only") ?? "");
    const layers = words.get("layers") ?? "tf";
    Object.assign(chestx.film.layers, {
      truth: layers.includes("t"),
      found: layers.includes("f"),
      heat: layers.includes("h"),
      inverted: layers.includes("i"),
    });
    write();
    const found = search();
    const wanted = words.has("id") ? chestx.index.ids.indexOf(words.get("id")) : -1;
    const number = wanted >= 0 ? wanted : found[0];
    if (number !== undefined) {
      chestx.open(number);
    }
  }

  function options(element, entries) {
    element.replaceChildren(...entries.map(([value, words]) => make("option", { value }, words)));
  }

  function prepare() {
    const { about } = chestx;
    const listed = (names) => names.map((name, at) => [at, chestx.nice(name)]);
    chestx.hasFilms = about.folders.length > 0 || about.studies > about.reports;
    options(byId("class"), [[-1, "any"], ...listed(about.classes)]);
    options(byId("run"), listed(about.runs));
    options(
      byId("split"),
      ["", ...about.splits.slice(1)].map((name) => [name, name.replace("_", " and ") || "any"]),
    );
    const kinds = Object.entries(AGREE).filter(
      ([kind]) =>
        (about.truth || !kind.includes("truth")) && (about.runs.length || !kind.includes("model")),
    );
    options(byId("agree"), kinds);
    options(
      byId("sort"),
      Object.entries(SORTS).filter(([sort]) => about.runs.length || ["", "id"].includes(sort)),
    );
    const there = {
      films: chestx.hasFilms,
      reports: about.reports > 0,
      runs: about.runs.length > 0,
      compared: about.truth || about.runs.length > 0,
      splits: chestx.index.splits.some(Boolean),
    };
    for (const element of document.querySelectorAll("[data-if]")) {
      element.hidden = !there[element.dataset.if];
    }
    byId("review").hidden = !about.reports;
    byId("app").classList.toggle("no-film", !chestx.hasFilms);
  }

  function help() {
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
  }

  function mentionStep(by) {
    const count = open.study?.mentions.length;
    if (count) {
      const at = chestx.report.chosen;
      chestx.report.choose(at < 0 ? (by > 0 ? 0 : count - 1) : (at + by + count) % count);
      byId("report")
        .querySelector(".mention[aria-pressed=true]")
        ?.scrollIntoView({ block: "nearest" });
    }
  }

  function go(by) {
    const number = chestx.list.step(by);
    if (number !== null) {
      chestx.open(number);
    }
  }

  const KEYS = {
    j: () => go(1),
    k: () => go(-1),
    "/": () => byId("q").focus(),
    "?": help,
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
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !open.study) {
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
      go(steps[event.key]);
    }
  }

  function fault(words) {
    byId("count").textContent =
      `The gallery cannot be read: ${words}. Make it again with chestx gallery.`;
  }

  async function start() {
    try {
      await chestx.loadIndex();
    } catch (error) {
      fault(error.message);
      return;
    }
    prepare();
    restore();
    form.addEventListener("input", changed);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      Object.assign(query, DEFAULTS, { run: query.run });
      write();
      changed();
    });
    byId("previous").addEventListener("click", () => go(-1));
    byId("next").addEventListener("click", () => go(1));
    byId("review").addEventListener("click", () => chestx.reviewing.toggle());
    byId("help").addEventListener("click", help);
    document.addEventListener("keydown", onKey);
    window.addEventListener("hashchange", restore);
    document.body.dataset.ready = "yes";
  }

  start();
})();
