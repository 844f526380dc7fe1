"use strict";
/* The classes of a study: what the report says, what the model sees, what is true. */
(() => {
  const { make, byId, STATES } = chestx;
  const ORDER = [4, 4, 2, 1, 0]; // by code: present, uncertain, negated, then the others
  let study = null;

  chestx.labels = {
    show(newStudy, name, run) {
      study = newStudy;
      draw(name, run);
    },
    /** The classes in the order of the rows: what is mentioned comes first. */
    rows(of) {
      const names = [...chestx.about.classes.keys()];
      const rank = (name) => ORDER[chestx.labelOf(of.number, name)];
      return names.sort((a, b) => rank(a) - rank(b) || a - b);
    },
  };

  function draw(name, run) {
    const place = byId("labels");
    place.hidden = !study;
    if (!study) {
      return;
    }
    const review = chestx.reviewing?.isOn && study.isReport;
    // Who judges what the report says should not see what others made of it.
    const hasScores = chestx.about.runs.length > 0 && !review;
    const hasTruth = chestx.about.truth && !review;
    const scores = chestx.film.current?.seen[run]?.scores ?? [];
    const heads = [
      "Class",
      study.isReport ? "Report" : "Label",
      hasScores && "Model",
      hasTruth && "Truth",
      review && "Verdict",
    ].filter(Boolean);
    const head = make(
      "tr",
      {},
      heads.map((words) => make("th", { scope: "col" }, words)),
    );
    const rows = chestx.labels
      .rows(study)
      .map((one) => row(one, { name, score: scores[one] ?? null, hasScores, hasTruth, review }));
    place.replaceChildren(
      make("h2", {}, "Labels"),
      make(
        "table",
        { class: review ? "review" : "" },
        make("thead", {}, head),
        make("tbody", {}, rows),
      ),
      ...chestx.reviewFoot(study),
    );
  }

  function row(one, { name, score, hasScores, hasTruth, review }) {
    const label = chestx.labelOf(study.number, one);
    const truth = chestx.truthOf(study.number, one);
    const title = chestx.nice(chestx.about.classes[one]);
    const cells = [
      make(
        "th",
        { scope: "row" },
        make(
          "button",
          {
            type: "button",
            class: "class",
            id: `show-${one}`,
            "aria-pressed": one === name,
            title: `Show ${title} alone`,
            onclick: () => chestx.choose(one === name ? -1 : one),
          },
          title,
        ),
      ),
      make("td", {}, label > 1 ? chestx.chip(STATES[label]) : none(label)),
      hasScores ? make("td", { class: "score" }, score === null ? none() : bar(score)) : null,
      hasTruth ? make("td", {}, truth > 1 ? chestx.chip(STATES[truth]) : none(truth)) : null,
      review
        ? make("td", { class: "judge" }, label ? chestx.reviewing.controlsOfLabel(study, one) : [])
        : null,
    ];
    const classes = [
      label > 1 || truth > 1 ? "" : "dim",
      hasTruth && truth && label && truth !== label ? "differs" : "",
    ];
    return make(
      "tr",
      {
        class: classes.join(" ").trim(),
        "data-class": one,
        "aria-current": review && chestx.reviewing.isAt({ name: one }) ? "true" : null,
      },
      cells,
    );
  }

  function none(code) {
    const words = code ? "not mentioned" : "none";
    return make(
      "span",
      { class: "none" },
      make("span", { "aria-hidden": "true" }, "·"),
      make("span", { class: "hidden" }, words),
    );
  }

  function bar(score) {
    const inner = make("i", {});
    inner.style.width = `${100 * score}%`;
    return [
      make("span", { class: "meter", "aria-hidden": "true" }, inner),
      make("span", {}, score.toFixed(2)),
    ];
  }
})();
