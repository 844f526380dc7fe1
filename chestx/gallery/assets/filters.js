"use strict";
/* What is looked for: the form, and the same in the address. */
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
  const OF_REVIEW = "judged"; // no address leads into a review
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

  chestx.filters = {
    query,
    prepare,
    /** Take the query from the form. */
    read() {
      for (const [name, value] of new FormData(form)) {
        query[name] = parse[name]?.(value) ?? value;
      }
    },
    /** Look for all verdicts again: without a review nobody sees what is looked for. */
    leaveReview() {
      if (query[OF_REVIEW]) {
        form.elements[OF_REVIEW].value = "";
        form.dispatchEvent(new Event("input"));
      }
    },
    clear() {
      Object.assign(query, DEFAULTS, { run: query.run });
      write();
    },
    /** Put what differs from the defaults into the words of an address, by names. */
    toWords(words) {
      for (const [name, value] of Object.entries(query)) {
        if (value !== DEFAULTS[name] && name !== OF_REVIEW) {
          words.set(name, listOf(name)?.[value] ?? value);
        }
      }
    },
    /** Take the query from the words of an address; what they do not know is as by default. */
    fromWords(words) {
      for (const [name, byDefault] of Object.entries(DEFAULTS)) {
        const value = words.get(name) ?? byDefault;
        const list = listOf(name);
        query[name] = list && words.has(name) ? placeIn(list, value, byDefault) : value;
        if (!isOffered(form.elements[name], query[name])) {
          query[name] = byDefault;
        }
      }
      query[OF_REVIEW] = DEFAULTS[OF_REVIEW];
      query.at = parse.at(query.at);
      write();
    },
  };

  const parse = {
    class: Number,
    run: Number,
    at: (value) => {
      const at = Number(value);
      return value === "" || Number.isNaN(at) ? DEFAULTS.at : Math.min(Math.max(at, 0), 1);
    },
  };

  function listOf(name) {
    return { class: chestx.about.classes, run: chestx.about.runs }[name];
  }

  function placeIn(list, value, byDefault) {
    const place = list.indexOf(value);
    return place < 0 ? byDefault : place;
  }

  function isOffered({ options }, value) {
    return !options || [...options].some((option) => option.value === String(value));
  }

  function write() {
    for (const [name, value] of Object.entries(query)) {
      form.elements[name].value = value;
    }
  }

  function options(element, entries) {
    element.replaceChildren(...entries.map(([value, words]) => make("option", { value }, words)));
  }

  /** Offer what there is, and hide what is of no use here. */
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
})();
