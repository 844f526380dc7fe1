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
        chestx.askReader();
        return;
      }
      turn(!isOn);
    },
    /** Begin with the reader who has just been named. */
    start() {
      turn(true);
    },
    show(newStudy) {
      if (study !== newStudy) {
        study = newStudy;
        const [first] = chestx.labels.rows(study);
        at = study.isReport && first !== undefined ? { name: first } : null;
      }
    },
    /** A mention outside of the label set is nothing to judge: the keys judge nothing there. */
    point(place) {
      if (isOn) {
        at = study.mentions[place.mention].label ? place : null;
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
          noteOf(mentionVerdict(of, mention), place),
        ),
      ];
    },
    get verdict() {
      return here();
    },
    noteHere: () => noteOf(here(), at),
    restIsRight,
    key,
  };

  function turn(on) {
    isOn = on;
    document.body.classList.toggle("is-reviewing", isOn);
    byId("review").setAttribute("aria-pressed", isOn);
    chestx.say(`Review ${isOn ? "on" : "off"}`);
    if (!isOn) {
      chestx.filters.leaveReview();
    }
    chestx.refresh();
  }

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
    const id = idOf(place);
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

  const idOf = ({ name, mention }) => (name === undefined ? `m${mention}` : `c${name}`);

  function noteOf(what, place) {
    const verdict = chestx.verdicts.get(what);
    if (!verdict) {
      return [];
    }
    return make("input", {
      class: "note",
      type: "text",
      value: verdict.note,
      placeholder: "note",
      id: `${idOf(place)}-note`,
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
    const names = chestx.labels.rows(study).filter((name) => chestx.labelOf(study.number, name));
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
      chestx.report.reason(place.name);
      chestx.redrawLabels();
      byId("labels").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    } else {
      chestx.report.choose(place.mention);
    }
    const what = here();
    chestx.say(`${chestx.nice(what.class)}, ${what.state || "not mentioned"}`);
  }

  /** All that is not judged yet is right, the classes that are not mentioned too. */
  function restIsRight() {
    const open = chestx.labels
      .rows(study)
      .filter((name) => chestx.labelOf(study.number, name))
      .map((name) => labelVerdict(study, name))
      .filter((what) => !chestx.verdicts.get(what));
    chestx.verdicts.put(
      ...open.map((what) => ({ ...what, verdict: "right", should_be: null, note: "" })),
    );
    chestx.judged();
  }

  function toMissed() {
    const name = chestx.labels
      .rows(study)
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
    if (chestx.isLoading()) {
      return event.key in KEYS || "1234aem".includes(event.key);
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
      if (verdict?.verdict !== KEYS[event.key]) {
        judge(what, KEYS[event.key], at); // a second click takes a verdict back, a second key does not
      }
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
      byId(at ? `${idOf(at)}-note` : "")?.focus();
    } else {
      return false;
    }
    return true;
  }
})();
