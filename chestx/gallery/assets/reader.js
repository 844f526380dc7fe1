"use strict";
/* Asks who is reading. */
(() => {
  const { make, byId } = chestx;

  chestx.askReader = () => {
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
    const fault = make("p", { class: "fault", role: "alert" });
    const form = make(
      "form",
      { method: "dialog" },
      make("h2", { id: "reader-title" }, "Who is reading?"),
      make(
        "p",
        {},
        "Verdicts are kept in this browser under this name, " +
          "and leave it only as a file that you save.",
      ),
      make("label", {}, "Name ", name),
      fault,
      make(
        "p",
        { class: "group" },
        make("button", { type: "submit", id: "reader-ok" }, "Begin"),
        make("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Cancel"),
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const wanted = name.value.trim();
      const { reader, isKept, count } = chestx.verdicts;
      if (wanted && wanted !== reader && count && !isKept) {
        fault.textContent = `Save the verdicts of ${reader} as a file first: nothing else keeps them.`;
      } else if (wanted) {
        chestx.verdicts.open(wanted);
        dialog.close();
        chestx.reviewing.start();
      }
    });
    dialog.replaceChildren(form);
    dialog.showModal();
    name.select();
  };
})();
