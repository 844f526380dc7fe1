"use strict";
/* What a reader says of labels and mentions: kept in this browser, saved as a file. */
(() => {
  const FORMAT = "chestx-review";
  const VERSION = 1;
  const STATES = ["present", "uncertain", "negated", ""];
  const VERDICTS = ["right", "wrong", "unsure"];
  const LAST = "chestx-reader";
  let reader = "";
  let isKept = true;
  let found = new Map(); // report id -> key -> verdict
  let numberOf = new Map(); // of the reports here, by id

  const key = ({ kind, class: name, start, end }) =>
    JSON.stringify(kind === "label" ? [kind, name] : [kind, name, start, end]);
  const place = () => `chestx-review/${chestx.about.gallery}/${reader}`;

  chestx.verdicts = {
    get reader() {
      return reader;
    },
    get isKept() {
      return isKept;
    },
    get count() {
      return [...found.values()].reduce((sum, of) => sum + of.size, 0);
    },
    /** How many reports have a verdict on each of their classes. */
    get judged() {
      return [...found.keys()].filter((id) => chestx.isJudged(numberOf.get(id))).length;
    },
    /** Take up the verdicts that this browser keeps of a reader. */
    open(name) {
      if (name === reader) {
        return; // what is here may be kept nowhere else
      }
      reader = name;
      found = new Map();
      numberOf = new Map(chestx.index.ids.map((id, number) => [id, number]));
      try {
        localStorage.setItem(LAST, reader);
        add(kept(localStorage.getItem(place())));
        isKept = true;
      } catch {
        isKept = false;
      }
    },
    lastReader() {
      try {
        return localStorage.getItem(LAST) ?? "";
      } catch {
        return "";
      }
    },
    get(verdict) {
      return found.get(verdict.report_id)?.get(key(verdict)) ?? null;
    },
    ofLabel(study, name) {
      return this.get({ report_id: study.id, kind: "label", class: chestx.about.classes[name] });
    },
    ofMention(study, { label, start, end }) {
      return this.get({ report_id: study.id, kind: "mention", class: label, start, end });
    },
    of: (id) => [...(found.get(id)?.values() ?? [])],
    put(...verdicts) {
      add(verdicts);
      keep();
    },
    remove(verdict) {
      const of = found.get(verdict.report_id);
      of?.delete(key(verdict));
      if (!of?.size) {
        found.delete(verdict.report_id);
      }
      keep();
    },
    /** The file that `chestx review merge` reads; in the order of the reports. */
    file() {
      const ids = [...found.keys()].sort((a, b) => numberOf.get(a) - numberOf.get(b));
      const content = {
        format: FORMAT,
        version: VERSION,
        reader,
        gallery: chestx.about.gallery,
        label_set: chestx.about.label_set,
        verdicts: ids.flatMap((id) => [...found.get(id).values()]),
      };
      return `${JSON.stringify(content, null, 1)}\n`;
    },
    /** Add the verdicts of a saved file; return how many, or throw what is wrong with it. */
    load(text) {
      const content = JSON.parse(text);
      if (
        content?.format !== FORMAT ||
        content.version !== VERSION ||
        !Array.isArray(content.verdicts)
      ) {
        throw new Error("this is no file of a review");
      }
      if (content.reader !== reader) {
        throw new Error(`these are the verdicts of ${content.reader}: give that name first`);
      }
      const fit = content.verdicts.filter(isVerdict);
      add(fit);
      keep();
      return [fit.length, content.verdicts.length];
    },
  };

  function add(verdicts) {
    for (const verdict of verdicts) {
      if (!found.has(verdict.report_id)) {
        found.set(verdict.report_id, new Map());
      }
      found.get(verdict.report_id).set(key(verdict), verdict);
    }
  }

  function kept(text) {
    const content = JSON.parse(text ?? "[]");
    return Array.isArray(content) ? content.filter(isVerdict) : [];
  }

  function keep() {
    try {
      const all = [...found.values()].flatMap((of) => [...of.values()]);
      localStorage.setItem(place(), JSON.stringify(all));
      isKept = true;
    } catch {
      isKept = false;
    }
  }

  function isVerdict(one) {
    const isMention = one?.kind === "mention";
    return (
      numberOf.has(one?.report_id) &&
      (isMention || one?.kind === "label") &&
      typeof one.class === "string" &&
      one.class !== "" &&
      STATES.includes(one.state) &&
      (isMention || one.state === stateHere(one)) &&
      VERDICTS.includes(one.verdict) &&
      (one.should_be === null || STATES.includes(one.should_be)) &&
      typeof one.note === "string" &&
      (!isMention || (Number.isInteger(one.start) && Number.isInteger(one.end)))
    );
  }

  /** What the label is now: a verdict on another state is none on this one. */
  function stateHere(one) {
    const name = chestx.about.classes.indexOf(one.class);
    return name < 0 ? null : chestx.STATES[chestx.labelOf(numberOf.get(one.report_id), name)];
  }

  /** The classes that a report is judged by: those of the label set. */
  const judged = (number) =>
    [...chestx.about.classes.keys()].filter((name) => chestx.labelOf(number, name));

  const labelsJudged = (number) =>
    chestx.verdicts.of(chestx.index.ids[number]).filter((one) => one.kind === "label").length;

  chestx.isJudged = (number) =>
    number < chestx.about.reports && labelsJudged(number) >= judged(number).length;

  chestx.ofVerdicts = (kind) => {
    const has = (number, verdict) =>
      chestx.verdicts.of(chestx.index.ids[number]).some((one) => one.verdict === verdict);
    return {
      open: (number) => number < chestx.about.reports && !chestx.isJudged(number),
      done: chestx.isJudged,
      wrong: (number) => has(number, "wrong"),
      unsure: (number) => has(number, "unsure"),
    }[kind];
  };

  chestx.verdictSign = (verdict) =>
    ({ right: "✓", wrong: "✗", unsure: "?" })[verdict?.verdict] ?? "";

  /** How far the review of a study is, for its row in the list. */
  chestx.verdictMark = (number) => {
    const of = reader ? chestx.verdicts.of(chestx.index.ids[number]) : [];
    if (!of.length) {
      return "";
    }
    return chestx.isJudged(number) ? "✓" : "…";
  };

  window.addEventListener("storage", (event) => {
    if (reader && event.key === place()) {
      found = new Map();
      add(kept(event.newValue));
      chestx.redraw();
    }
  });
})();
