"use strict";
/* The film, and on it what radiologists and models have marked. */
(() => {
  const {
    make,
    byId,
    marks: { HIT_AT },
  } = chestx;
  const MOST = 12; // times enlarged
  const layers = { truth: true, found: true, heat: false, inverted: false };
  let study = null;
  let number = 0; // of the study's films
  let name = -1; // the class that is shown alone
  let run = 0;
  let view = { scale: 1, x: 0, y: 0 };
  let grey = { brightness: 1, contrast: 1 };
  const sheet = make("div", { class: "sheet" });

  chestx.film = {
    show(newStudy, newRun, newName) {
      const same = study === newStudy;
      study = newStudy;
      run = newRun;
      name = newName;
      number = same ? number : 0;
      if (!same) {
        view = { scale: 1, x: 0, y: 0 };
      }
      draw();
    },
    get layers() {
      return layers;
    },
    toggle(layer) {
      layers[layer] = !layers[layer];
      chestx.say(`${NAMES[layer]} ${layers[layer] ? "on" : "off"}`);
      draw();
      chestx.keep();
    },
    /** Go to another film of the study. */
    turn(by) {
      if (study && study.films.length > 1) {
        number = (number + by + study.films.length) % study.films.length;
        view = { scale: 1, x: 0, y: 0 };
        chestx.redraw();
      }
    },
    zoom(by) {
      zoomTo(view.scale * by, 0, 0);
    },
    /** Show the whole film again, in the greys that it has. */
    whole() {
      view = { scale: 1, x: 0, y: 0 };
      grey = { brightness: 1, contrast: 1 };
      place();
    },
    /** The film that is shown. */
    get current() {
      return study?.films[number] ?? null;
    },
    /** The classes with something to show on the film, in the order of their digits. */
    classes() {
      const film = study?.films[number];
      if (!film) {
        return [];
      }
      const seen = film.seen[run];
      const marked = new Set(film.boxes.map(([box]) => box));
      Object.keys(seen?.findings ?? {}).forEach((one) => marked.add(Number(one)));
      Object.keys(seen?.heatmaps ?? {}).forEach((one) => marked.add(Number(one)));
      return [...marked].sort((a, b) => a - b);
    },
  };
  const NAMES = {
    truth: "Truth",
    found: "Found by the model",
    heat: "Heatmap",
    inverted: "Inverted",
  };

  function draw() {
    const film = study?.films[number];
    byId("film").hidden = !study || (!film && study.isReport && !chestx.hasFilms);
    const stage = byId("stage");
    drawBar(film);
    if (!film || !film.source) {
      stage.replaceChildren(
        make("p", { class: "none" }, film ? "The film is not there." : "No film."),
      );
      byId("legend").replaceChildren();
      return;
    }
    if (sheet.parentNode !== stage) {
      stage.replaceChildren(sheet);
    }
    if (sheet.dataset.image !== film.source) {
      sheet.dataset.image = film.source;
      const picture = make("img", { alt: altOf(film), draggable: "false" });
      picture.addEventListener("load", () => drawMarks(film));
      picture.addEventListener("error", () => {
        if (sheet.dataset.image === film.source) {
          stage.replaceChildren(make("p", { class: "none" }, "The film is not there."));
          delete sheet.dataset.image;
        }
      });
      sheet.replaceChildren(picture);
      picture.src = film.source;
    }
    drawMarks(film);
  }

  function altOf(film) {
    const view = film.view ? `, ${film.view}` : "";
    return `Chest film ${film.image}${view}`;
  }

  function picture() {
    return sheet.querySelector("img");
  }

  function drawMarks(film) {
    const image = picture();
    if (!image?.naturalWidth || sheet.dataset.image !== film.source) {
      return;
    }
    place();
    const seen = film.seen[run];
    const size = { width: image.naturalWidth, height: image.naturalHeight };
    const shown = chestx.film.classes().filter((one) => name < 0 || one === name);
    const hot = layers.heat ? chestx.heatmapOf(seen, shown) : null;
    const marks = chestx.marks.of({ film, seen, size, shown, layers });
    sheet.replaceChildren(
      image,
      ...(hot ? [chestx.heatmap(hot.map)] : []),
      chestx.marks.outlines(marks),
      ...marks.map(chestx.marks.tag),
    );
    drawLegend(marks, hot, seen);
  }

  const LEGEND = {
    truth: "truth",
    hit: `hit: IoU > ${HIT_AT}`,
    miss: "miss",
    found: "found, no box to compare",
  };
  function drawLegend(marks, hot, seen) {
    const kinds = Object.keys(LEGEND).filter((kind) => marks.some((mark) => mark.kind === kind));
    const parts = kinds.map((kind) =>
      make("span", {}, make("i", { class: `swatch ${kind}` }), LEGEND[kind]),
    );
    if (hot) {
      const [, low, high] = hot.map;
      const which = chestx.nice(chestx.about.classes[hot.name]);
      parts.push(
        make(
          "span",
          {},
          `heatmap of ${which} ${short(low)}`,
          make("i", { class: "ramp" }),
          short(high),
        ),
      );
    } else if (layers.heat) {
      parts.push(
        make("span", {}, seen ? "no heatmap of this class" : "this model has not seen the film"),
      );
    }
    byId("legend").replaceChildren(...parts);
  }

  function short(value) {
    return Number(value.toPrecision(3)).toString();
  }

  function drawBar(film) {
    const seen = film?.seen[run];
    const toggles = [
      ["truth", "Truth", "t", chestx.about.boxes],
      ["found", "Found", "f", chestx.about.runs.length],
      ["heat", "Heatmap", "h", chestx.about.runs.length],
      ["inverted", "Invert", "i", true],
    ]
      .filter(([, , , there]) => there)
      .map(([layer, words, key]) =>
        make(
          "button",
          {
            type: "button",
            "aria-pressed": layers[layer],
            title: `${NAMES[layer]} (${key})`,
            id: `layer-${layer}`,
            onclick: () => chestx.film.toggle(layer),
          },
          words,
        ),
      );
    const shown = chestx.film.classes();
    const chosen = [-1, ...shown].map((one, at) => {
      const score = one < 0 ? null : seen?.scores[one];
      const words = one < 0 ? "All" : chestx.nice(chestx.about.classes[one]);
      return make(
        "button",
        {
          type: "button",
          "aria-pressed": one === name,
          class: "class",
          id: `class-${one}`,
          title: at < 10 ? `${words} (${at})` : words,
          onclick: () => chestx.choose(one),
        },
        make("kbd", { "aria-hidden": "true" }, at < 10 ? String(at) : ""),
        words,
        score == null ? null : make("small", {}, ` ${score.toFixed(2)}`),
      );
    });
    const films =
      study && study.films.length > 1
        ? make(
            "span",
            { class: "films" },
            make(
              "button",
              {
                type: "button",
                "aria-label": "Previous film",
                onclick: () => chestx.film.turn(-1),
              },
              "‹",
            ),
            ` ${number + 1} of ${study.films.length} `,
            make(
              "button",
              { type: "button", "aria-label": "Next film", onclick: () => chestx.film.turn(1) },
              "›",
            ),
          )
        : null;
    const held = document.activeElement?.id;
    byId("bar").replaceChildren(
      make("span", { class: "group" }, toggles),
      ...(shown.length ? [make("span", { class: "group" }, chosen)] : []),
      ...(films ? [films] : []),
    );
    if (held && document.activeElement?.id !== held) {
      byId(held)?.focus();
    }
  }

  /** Fit the sheet into the stage in the proportions of the body, then enlarge it. */
  function place() {
    const image = picture();
    const film = study?.films[number];
    if (!image?.naturalWidth || !film) {
      return;
    }
    const stage = byId("stage");
    const aspect = film.aspect || image.naturalWidth / image.naturalHeight;
    const width = Math.min(stage.clientWidth, stage.clientHeight * aspect);
    sheet.style.width = `${width}px`;
    sheet.style.height = `${width / aspect}px`;
    sheet.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    sheet.style.setProperty("--scale", view.scale);
    sheet.style.setProperty("--aspect", aspect);
    const inverted = layers.inverted ? " invert(1)" : "";
    image.style.filter = `brightness(${grey.brightness}) contrast(${grey.contrast})${inverted}`;
  }

  function within(value, least, most) {
    return Math.min(Math.max(value, least), most);
  }

  /** Enlarge around a point, given from the middle of the stage. */
  function zoomTo(scale, x, y) {
    const bounded = within(scale, 1, MOST);
    const by = bounded / view.scale;
    view =
      bounded === 1
        ? { scale: 1, x: 0, y: 0 }
        : { scale: bounded, x: x - by * (x - view.x), y: y - by * (y - view.y) };
    place();
  }

  const stage = byId("stage");
  stage.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const frame = stage.getBoundingClientRect();
      const x = event.clientX - frame.left - frame.width / 2;
      const y = event.clientY - frame.top - frame.height / 2;
      zoomTo(view.scale * Math.exp(-event.deltaY / 400), x, y);
    },
    { passive: false },
  );
  stage.addEventListener("dblclick", () => chestx.film.whole());
  stage.addEventListener("pointerdown", (event) => stage.setPointerCapture(event.pointerId));
  stage.addEventListener("pointermove", (event) => {
    if (!event.buttons) {
      return;
    }
    if (event.shiftKey) {
      grey = {
        brightness: within(grey.brightness * Math.exp(-event.movementY / 300), 0.2, 5),
        contrast: within(grey.contrast * Math.exp(event.movementX / 300), 0.2, 5),
      };
    } else if (view.scale > 1) {
      view = { ...view, x: view.x + event.movementX, y: view.y + event.movementY };
    }
    place();
  });
  new ResizeObserver(place).observe(stage);
})();
