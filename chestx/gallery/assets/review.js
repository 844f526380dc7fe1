"use strict";
/* Review: a reader goes through labels and mentions and says which are right. */
(() => {
  const { make, byId } = chestx;
  const STATES = ["present", "uncertain", "negated", ""];
  const KEYS = { r: "right", w: "wrong", u: "unsure" };
  let isOn = false;
  let at = null; // { name } of a label or { mention }
  let study = null;

  chestx.reviewing = {
    get isOn() {
      return isOn;
    },
    toggle() {
      if (!isOn && !chestx.verdicts.reader) {
        askReader();
        return;
      }
      isOn = !isOn;
      document.body.classList.toggle("is-reviewing", isOn);
      byId("review").setAttribute("aria-pressed", isOn);
      chestx.say(`Review ${isOn ? "on" : "off"}`);
      chestx.refresh();
    },
    show(newStudy) {
      if (study !== newStudy) {
        study = newStudy;
        at =
          study.isReport && chestx.labels.rows().length ? { name: chestx.labels.rows()[0] } : null;
      }
    },
    point(place) {
      if (isOn) {
        at = place;
        chestx.redrawLabels();
      }
    },
    isAt: (place) => at !== null && at.name === place.name && at.mention === place.mention,
    controlsOfLabel: (of, name) => controls(labelVerdict(of, name), { name }),
    controlsOfMention(of, mention) {
      if (!isOn || !of.isReport || !mention.label) {
        return [];
      }
      const place = { mention: of.mentions.indexOf(mention) };
      return [
        make(
          "div",
          { class: "judge" },
          controls(mentionVerdict(of, mention), place),
          noteOf(mentionVerdict(of, mention)),
        ),
      ];
    },
    foot,
    key,
  };

  function labelVerdict(of, name) {
    return {
      report_id: of.id,
      kind: "label",
      class: chestx.about.classes[name],
      state: chestx.STATES[chestx.labelOf(of.number, name)],
    };
  }

  function mentionVerdict(of, { label, start, end, status }) {
    return { report_id: of.id, kind: "mention", class: label, start, end, state: status };
  }

  /** Three buttons, and for what is wrong the state that is right. */
  function controls(what, place) {
    const verdict = chestx.verdicts.get(what);
    const title = chestx.nice(what.class);
    const id = place.name === undefined ? `m${place.mention}` : `c${place.name}`;
    const buttons = Object.entries(KEYS).map(([letter, word]) =>
      make(
        "button",
        {
          type: "button",
          class: word,
          id: `${id}-${word}`,
          "aria-pressed": verdict?.verdict === word,
          "aria-label": `${title}: ${word}`,
          title: `${word} (${letter})`,
          onclick: () => judge(what, word, place),
        },
        chestx.verdictSign({ verdict: word }),
      ),
    );
    if (verdict?.verdict !== "wrong") {
      return [make("span", { class: "group" }, buttons)];
    }
    const others = STATES.filter((state) => state !== what.state);
    const choice = make(
      "select",
      {
        id: `${id}-should`,
        "aria-label": `${title} should be`,
        onchange: (event) => correct(what, event.target.value),
      },
      make("option", { value: "?", selected: verdict.should_be === null }, "should be"),
      others.map((state) =>
        make(
          "option",
          { value: state, selected: verdict.should_be === state },
          state || "not mentioned",
        ),
      ),
    );
    return [make("span", { class: "group" }, buttons), choice];
  }

  function noteOf(what) {
    const verdict = chestx.verdicts.get(what);
    if (!verdict) {
      return [];
    }
    return make("input", {
      class: "note",
      type: "text",
      value: verdict.note,
      placeholder: "note",
      id: "note",
      "aria-label": `Note on ${chestx.nice(what.class)}`,
      onchange: (event) => chestx.verdicts.put({ ...verdict, note: event.target.value }),
    });
  }

  function judge(what, word, place) {
    const before = chestx.verdicts.get(what);
    at = place;
    if (before?.verdict === word) {
      chestx.verdicts.remove(what);
    } else {
      chestx.verdicts.put({ ...what, verdict: word, should_be: null, note: before?.note ?? "" });
    }
    chestx.say(`${chestx.nice(what.class)}: ${before?.verdict === word ? "no verdict" : word}`);
    chestx.judged();
  }

  function correct(what, state) {
    const verdict = chestx.verdicts.get(what);
    chestx.verdicts.put({ ...verdict, should_be: state === "?" ? null : state });
    chestx.say(`${chestx.nice(what.class)} should be ${state || "not mentioned"}`);
    chestx.judged();
  }

  function here() {
    if (!at || !study) {
      return null;
    }
    return at.name === undefined
      ? mentionVerdict(study, study.mentions[at.mention])
      : labelVerdict(study, at.name);
  }

  /** The places of a study in order: the labels, then the mentions that have a class. */
  function places() {
    const names = chestx.labels.rows().filter((name) => chestx.labelOf(study.number, name));
    const mentions = [...study.mentions.keys()].filter((one) => study.mentions[one].label);
    return [...names.map((name) => ({ name })), ...mentions.map((mention) => ({ mention }))];
  }

  function move(by) {
    const all = places();
    const now = all.findIndex((place) => chestx.reviewing.isAt(place));
    goTo(all[Math.min(Math.max(now + by, 0), all.length - 1)]);
  }

  function goTo(place) {
    if (!place) {
      return;
    }
    if (place.mention === undefined) {
      at = place;
      chestx.redrawLabels();
      byId("labels").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    } else {
      chestx.report.choose(place.mention);
      byId("report")
        .querySelector(".mention[aria-pressed=true]")
        ?.scrollIntoView({ block: "nearest" });
    }
    const what = here();
    chestx.say(`${chestx.nice(what.class)}, ${what.state || "not mentioned"}`);
  }

  /** All that is not judged yet is right, the classes that are not mentioned too. */
  function restIsRight() {
    for (const name of chestx.labels.rows()) {
      const what = labelVerdict(study, name);
      if (chestx.labelOf(study.number, name) && !chestx.verdicts.get(what)) {
        chestx.verdicts.put({ ...what, verdict: "right", should_be: null, note: "" });
      }
    }
    chestx.judged();
  }

  function toMissed() {
    const name = chestx.labels
      .rows()
      .find(
        (one) => chestx.labelOf(study.number, one) === 1 && !chestx.verdicts.ofLabel(study, one),
      );
    if (name !== undefined) {
      goTo({ name });
    }
  }

  /** Take a key; return whether it was one of the review. */
  function key(event) {
    if (!isOn || !study?.isReport) {
      return false;
    }
    const what = here();
    const verdict = what && chestx.verdicts.get(what);
    if (verdict?.verdict === "wrong" && "1234".includes(event.key)) {
      const state = STATES[Number(event.key) - 1];
      if (state !== what.state) {
        correct(what, state);
        move(1);
      }
    } else if (what && event.key in KEYS) {
      judge(what, KEYS[event.key], at);
      if (event.key !== "w") {
        move(1);
      }
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "a") {
      restIsRight();
    } else if (event.key === "m") {
      toMissed();
    } else if (event.key === "e") {
      byId("note")?.focus();
    } else {
      return false;
    }
    return true;
  }

  function foot(of) {
    if (!isOn) {
      return [];
    }
    if (!of.isReport) {
      return [make("p", { class: "none" }, "A film without a report: there is nothing to review.")];
    }
    const reports = chestx.about.reports;
    const done = [...Array(reports).keys()].filter(chestx.isJudged).length;
    const what = here();
    const label = what?.kind === "label" && chestx.verdicts.get(what);
    return [
      ...(label
        ? [
            make(
              "p",
              { class: "judge" },
              make("span", {}, chestx.nice(what.class), " "),
              noteOf(what),
            ),
          ]
        : []),
      make(
        "p",
        { class: "progress" },
        `${chestx.verdicts.reader}: ${done.toLocaleString("en")} of ${reports.toLocaleString("en")} reports judged, ` +
          `${chestx.verdicts.count.toLocaleString("en")} verdicts`,
      ),
      make(
        "p",
        { class: "group" },
        make(
          "button",
          {
            type: "button",
            id: "rest",
            onclick: restIsRight,
            title: "All that is left here is right (a)",
          },
          "The rest is right",
        ),
        make("button", { type: "button", id: "save", onclick: save }, "Save as file"),
        make(
          "label",
          { class: "button" },
          "Load",
          make("input", {
            type: "file",
            id: "load",
            class: "hidden",
            accept: ".json,application/json",
            onchange: load,
          }),
        ),
        make("button", { type: "button", id: "who", class: "quiet", onclick: askReader }, "Reader"),
      ),
      ...(chestx.verdicts.isKept
        ? []
        : [
            make(
              "p",
              { class: "fault", role: "alert" },
              "This browser keeps nothing for pages on disk: save the verdicts as a file before you close the page.",
            ),
          ]),
    ];
  }

  function save() {
    const file = new Blob([chestx.verdicts.file()], { type: "application/json" });
    const name = chestx.verdicts.reader.replace(/[^\p{L}\p{N}]+/gu, "-");
    const link = make("a", {
      href: URL.createObjectURL(file),
      download: `review-${name}-${chestx.about.gallery}.json`,
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    chestx.say("Verdicts saved");
  }

  async function load(event) {
    const [file] = event.target.files;
    try {
      const [fit, all] = chestx.verdicts.load(await file.text());
      chestx.say(`${fit} of ${all} verdicts loaded`);
      chestx.judged();
    } catch (error) {
      const words = error instanceof SyntaxError ? "this is no file of a review" : error.message;
      byId("labels").append(make("p", { class: "fault", role: "alert" }, `Not loaded: ${words}.`));
    }
  }

  function askReader() {
    const dialog = byId("reader");
    const name = make("input", {
      type: "text",
      name: "reader",
      id: "reader-name",
      required: true,
      maxlength: "80",
      autocomplete: "off",
      value: chestx.verdicts.reader || chestx.verdicts.lastReader(),
    });
    const form = make(
      "form",
      { method: "dialog" },
      make("h2", { id: "reader-title" }, "Who is reading?"),
      make(
        "p",
        {},
        "Verdicts are kept in this browser under this name, and leave it only as a file that you save.",
      ),
      make("label", {}, "Name ", name),
      make(
        "p",
        { class: "group" },
        make("button", { type: "submit", id: "reader-ok" }, "Begin"),
        make("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Cancel"),
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (name.value.trim()) {
        chestx.verdicts.open(name.value.trim());
        dialog.close();
        isOn = false;
        chestx.reviewing.toggle();
      }
    });
    dialog.replaceChildren(form);
    dialog.showModal();
    name.select();
  }
})();
