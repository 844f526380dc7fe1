"use strict";
/* Below the labels in a review: how far it is, and its file. */
(() => {
  const { make, byId } = chestx;

  /** Return the elements for a study, none where no review is on. */
  chestx.reviewFoot = (study) => {
    if (!chestx.reviewing.isOn) {
      return [];
    }
    if (!study.isReport) {
      return [make("p", { class: "none" }, "A film without a report: there is nothing to review.")];
    }
    return [...note(), progress(), actions(), ...warning()];
  };

  function note() {
    const what = chestx.reviewing.verdict;
    if (what?.kind !== "label" || !chestx.verdicts.get(what)) {
      return [];
    }
    const title = make("span", {}, chestx.nice(what.class), " ");
    return [make("p", { class: "judge" }, title, chestx.reviewing.noteHere())];
  }

  function progress() {
    const number = (count) => count.toLocaleString("en");
    const { reader, count, judged } = chestx.verdicts;
    const reports = number(chestx.about.reports);
    const done = `${number(judged)} of ${reports} reports judged`;
    return make("p", { class: "progress" }, `${reader}: ${done}, ${number(count)} verdicts`);
  }

  function actions() {
    const button = (id, words, act, title = null) =>
      make("button", { type: "button", id, title, onclick: act }, words);
    const rest = () => chestx.reviewing.restIsRight();
    const file = make("input", {
      type: "file",
      id: "load",
      class: "hidden",
      accept: ".json,application/json",
      onchange: load,
    });
    return make(
      "p",
      { class: "group" },
      button("rest", "The rest is right", rest, "All that is left here is right (a)"),
      button("save", "Save as file", save),
      make("label", { class: "button" }, "Load", file),
      button("who", "Reader", chestx.askReader),
    );
  }

  function warning() {
    const words =
      "This browser keeps nothing for pages on disk: " +
      "save the verdicts as a file before you close the page.";
    return chestx.verdicts.isKept ? [] : [make("p", { class: "fault", role: "alert" }, words)];
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
})();
