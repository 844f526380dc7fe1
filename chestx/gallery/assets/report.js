"use strict";
/* The report with its mentions, and for the one that is chosen the reason. */
(() => {
  const { make, byId, SIGNS } = chestx;
  const LONGEST = 60_000; // characters that are laid out at once
  let study = null;
  let chosen = -1; // a place in `study.mentions`
  let whole = false;

  chestx.report = {
    show(newStudy) {
      if (study !== newStudy) {
        study = newStudy;
        chosen = -1;
        whole = false;
      }
      draw();
    },
    choose(at) {
      chestx.reviewing?.point({ mention: at });
      reveal(at);
    },
    /** Show why a class has its label: the first mention that says so, or the first of the class. */
    reason(name) {
      const label = chestx.about.classes[name];
      const state = chestx.STATES[chestx.labelOf(study.number, name)];
      const of = [...study.mentions.keys()].filter((at) => study.mentions[at].label === label);
      const at = of.find((one) => study.mentions[one].status === state) ?? of[0];
      if (at !== undefined) {
        reveal(at);
      }
    },
    get count() {
      return study?.mentions.length ?? 0;
    },
    get chosen() {
      return chosen;
    },
    refresh: draw,
  };

  function reveal(at) {
    chosen = at;
    mark();
    drawWhy();
    byId("report")
      .querySelector(".mention[aria-pressed=true]")
      ?.scrollIntoView({ block: "nearest" });
  }

  function draw() {
    const place = byId("report");
    place.hidden = !study || (!study.isReport && study.text === null);
    if (place.hidden) {
      return;
    }
    place.replaceChildren(
      make("h2", {}, "Report"),
      ...body(),
      make("div", { class: "why", id: "why", role: "status" }),
    );
    mark();
    drawWhy();
  }

  function body() {
    if (study.text === null || study.mentions.some((mention) => mention.words !== undefined)) {
      const reason =
        study.text === null
          ? "The text of the report was not found."
          : "The report has changed since it was mined: these are the mentions of then.";
      const words = study.mentions.map((mention, at) =>
        make("li", {}, button(mention.words ?? "", [at])),
      );
      return [make("p", { class: "none" }, reason), make("ul", { class: "mentions" }, words)];
    }
    // Offsets count characters; strings of JavaScript count some of them twice.
    const text = /[\ud800-\udfff]/.test(study.text) ? Array.from(study.text) : study.text;
    const slice = (start, end) =>
      typeof text === "string" ? text.slice(start, end) : text.slice(start, end).join("");
    const end = whole ? text.length : Math.min(text.length, LONGEST);
    const parts = [];
    let at = 0;
    for (const group of groups(study.mentions)) {
      if (group.start >= end) {
        break;
      }
      parts.push(slice(at, group.start), button(slice(group.start, group.end), group.mentions));
      at = group.end;
    }
    parts.push(slice(at, end));
    const words = make("div", { class: "text", lang: "en" }, parts);
    if (end === text.length) {
      return [words];
    }
    const left = (text.length - end).toLocaleString("en");
    const more = make(
      "button",
      {
        type: "button",
        onclick: () => {
          whole = true;
          draw();
        },
      },
      `Show ${left} characters more`,
    );
    return [words, more];
  }

  /** Mentions that share a place in the text: one phrase may mean several findings. */
  function groups(mentions) {
    const order = [...mentions.keys()].sort(
      (a, b) => mentions[a].start - mentions[b].start || mentions[a].end - mentions[b].end,
    );
    const found = [];
    for (const at of order) {
      const { start, end } = mentions[at];
      const last = found.at(-1);
      if (last && start < last.end) {
        last.end = Math.max(last.end, end);
        last.mentions.push(at);
      } else {
        found.push({ start, end, mentions: [at] });
      }
    }
    return found;
  }

  function button(words, mentions) {
    const { status } = study.mentions[mentions[0]];
    const choose = () => chestx.report.choose(next(mentions));
    return make(
      "span",
      {
        class: `mention ${status}`,
        role: "button",
        tabindex: "0",
        "data-mentions": mentions.join(),
        "aria-pressed": "false",
        onclick: choose,
        onfocus: () => chosenIn(mentions) || choose(),
        onkeydown: (event) => {
          if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            choose();
          }
        },
      },
      make("span", { class: "sign", "aria-hidden": "true" }, `${SIGNS[status] ?? ""}\u2060`),
      words,
      make("span", { class: "hidden" }, ` (${status})`),
      make("span", { class: "verdict", "aria-hidden": "true" }),
    );
  }

  function chosenIn(mentions) {
    return mentions.includes(chosen);
  }

  /** Choosing a phrase again goes to the next of its findings. */
  function next(mentions) {
    return mentions[(mentions.indexOf(chosen) + 1) % mentions.length];
  }

  function mark() {
    for (const element of byId("report").querySelectorAll(".mention")) {
      const mentions = element.dataset.mentions.split(",").map(Number);
      const verdicts = mentions.map((at) => chestx.verdicts.ofMention(study, study.mentions[at]));
      element.setAttribute("aria-pressed", chosenIn(mentions));
      element.querySelector(".verdict").textContent = chestx.verdictSign(verdicts.find(Boolean));
    }
  }

  function drawWhy() {
    const mention = study.mentions[chosen];
    byId("why").replaceChildren(
      ...(mention
        ? why(mention)
        : [
            make(
              "p",
              { class: "none" },
              study.mentions.length ? "Choose a mention to see why." : "No mention.",
            ),
          ]),
    );
  }

  function why(mention) {
    const { status, certainty, rule, evidence, label, concept, section, counts } = mention;
    const [source, ...patterns] = chestx.about.rules[rule] ?? [];
    const verdict = certainty === "definite" ? "" : ` (${certainty})`;
    const facts = [
      ["Finding", concept],
      ["Class", label ? chestx.nice(label) : "none of the label set"],
      counts ? ["Counts as", `${counts} in ${chestx.about.label_set}`] : null,
      ["Section", section],
      ["Rule", rule || "none matched: what is named is present"],
      source ? ["Source", source] : null,
      evidence ? ["Path", path(evidence)] : null,
    ].filter(Boolean);
    const judge = chestx.reviewing?.controlsOfMention(study, mention) ?? [];
    return [
      make("div", { class: "head-line" }, make("span", {}, chestx.chip(status), verdict), judge),
      make(
        "dl",
        {},
        facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))),
      ),
      ...(patterns.length ? [patternsOf(patterns)] : []),
    ];
  }

  function patternsOf(patterns) {
    const list = patterns.map((one) => make("li", {}, make("code", {}, one)));
    return make("details", {}, make("summary", {}, "Patterns of the rule"), make("ul", {}, list));
  }

  /** The path that a rule met in the graph, its relations set apart from its words. */
  function path(evidence) {
    const parts = evidence.split(/ (<<|>>|<|>)(\S+) /);
    const shown = [];
    for (let at = 0; at < parts.length; at += 3) {
      if (at) {
        const [direction, relation] = [parts[at - 2], parts[at - 1]];
        const words = direction[0] === "<" ? `← ${relation}` : `${relation} →`;
        shown.push(make("span", { class: "relation" }, words), " ");
      }
      shown.push(make("span", { class: "word" }, parts[at]), " ");
    }
    return make("span", { class: "path", title: evidence }, shown);
  }
})();
