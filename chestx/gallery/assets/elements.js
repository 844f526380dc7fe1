"use strict";
/* Elements out of plain values. Text is only ever text: nothing here reads markup. */
window.chestx = {};

chestx.STATES = ["", "", "negated", "uncertain", "present"];
chestx.SIGNS = { present: "+", negated: "−", uncertain: "?" };

chestx.byId = (id) => document.getElementById(id);

/** Make an element. Attributes that are null or false are left out, but those of ARIA say so. */
chestx.make = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) {
      element.addEventListener(key.slice(2), value);
    } else if (value !== null && (value !== false || key.startsWith("aria-"))) {
      element.setAttribute(key, value === true && !key.startsWith("aria-") ? "" : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null));
  return element;
};

chestx.drawn = (name, attributes = {}) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  return element;
};

/** A state as a word with its sign and colour. */
chestx.chip = (state) => chestx.make("span", { class: `chip ${state}` }, state || "not mentioned");

chestx.nice = (name) => name.replaceAll("_", " ");

chestx.say = (words) => {
  chestx.byId("say").textContent = words;
};
