"use strict";
/* The page of the studies: which one is open, and the address that leads to it. */
(() => {
  const { byId, filters } = chestx;
  const { query } = filters;
  const form = byId("filters");
  const LAYERS = { t: "truth", f: "found", h: "heat", i: "inverted" }; // as letters of the address
  const SHOWN = "tf";
  const open = { number: -1, study: null, name: -1 };

  chestx.open = async (number) => {
    open.number = number;
    chestx.list.mark(number);
    chestx.keep();
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

  /** Tell whether what is shown is still the study before. */
  chestx.isLoading = () => open.number !== open.study?.number;

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
    chestx.keep();
    chestx.redraw();
    if (name >= 0 && open.study?.isReport) {
      chestx.report.reason(name);
    }
  };

  /** Open the study some steps further in the list. */
  chestx.go = (by) => {
    const number = chestx.list.step(by);
    if (number !== null) {
      chestx.open(number);
    }
  };

  chestx.redraw = () => {
    const { study } = open;
    if (!study) {
      return;
    }
    byId("app").classList.toggle("no-film", !study.films.length);
    byId("app").classList.toggle("no-report", !study.isReport);
    chestx.reviewing.show(study);
    drawHead(study);
    chestx.film.show(study, query.run, open.name);
    chestx.report.show(study);
    chestx.redrawLabels();
  };

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
    filters.read();
    const found = search();
    if (!found.includes(open.number) && found.length) {
      chestx.open(found[0]);
    } else {
      chestx.keep();
      chestx.redraw();
    }
  }

  /** Keep in the address what is looked for and what is open. */
  chestx.keep = () => {
    const words = new URLSearchParams();
    filters.toWords(words);
    if (open.number >= 0) {
      words.set("id", chestx.index.ids[open.number]);
    }
    if (open.name >= 0) {
      words.set("only", chestx.about.classes[open.name]);
    }
    const { layers } = chestx.film;
    const letters = Object.keys(LAYERS).filter((letter) => layers[LAYERS[letter]]);
    if (letters.join("") !== SHOWN) {
      words.set("layers", letters.join(""));
    }
    history.replaceState(null, "", `#${words}`);
  };

  function restore() {
    const words = new URLSearchParams(location.hash.slice(1));
    filters.fromWords(words);
    open.name = chestx.about.classes.indexOf(words.get("only") ?? "");
    const letters = words.get("layers") ?? SHOWN;
    for (const [letter, layer] of Object.entries(LAYERS)) {
      chestx.film.layers[layer] = letters.includes(letter);
    }
    const found = search();
    const wanted = words.has("id") ? chestx.index.ids.indexOf(words.get("id")) : -1;
    const number = wanted >= 0 ? wanted : found[0];
    if (number !== undefined) {
      chestx.open(number);
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
    filters.prepare();
    restore();
    form.addEventListener("input", changed);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      filters.clear();
      changed();
    });
    byId("previous").addEventListener("click", () => chestx.go(-1));
    byId("next").addEventListener("click", () => chestx.go(1));
    byId("review").addEventListener("click", () => chestx.reviewing.toggle());
    byId("help").addEventListener("click", chestx.help);
    window.addEventListener("hashchange", restore);
    document.body.dataset.ready = "yes";
  }

  start();
})();
