"use strict";
/* The film, and on it what radiologists and models have marked. */
(() => {
  const { make, drawn, byId } = chestx;
  const HIT_AT = 0.3; // intersection over union with a box of the truth
  const OPACITY = 0.65; // of the hottest place of a heatmap; the coldest is clear
  const MOST = 12; // times enlarged
  // Inferno without its darkest quarter: brighter throughout, so it reads without colour vision.
  const COLOURS = [
    [87, 16, 110],
    [120, 28, 109],
    [152, 39, 102],
    [183, 54, 86],
    [211, 71, 67],
    [233, 97, 43],
    [247, 130, 18],
    [252, 167, 11],
    [248, 204, 50],
    [241, 239, 117],
    [252, 255, 164],
  ];
  const RASTER = 128;

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
        stage.replaceChildren(make("p", { class: "none" }, "The film is not there."));
        delete sheet.dataset.image;
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
    const hot = layers.heat ? heatmapOf(seen, shown) : null;
    const marks = marksOf(film, seen, size, shown);
    sheet.replaceChildren(
      image,
      ...(hot ? [heatmap(hot.map)] : []),
      outlines(marks),
      ...marks.map((mark) => tag(mark)),
    );
    drawLegend(marks, hot, seen);
  }

  /** The heatmap of the class that is shown alone, else of the one with the highest score. */
  function heatmapOf(seen, shown) {
    const there = shown.filter((one) => seen?.heatmaps[one]);
    there.sort((a, b) => (seen.scores[b] ?? 0) - (seen.scores[a] ?? 0));
    return there.length ? { name: there[0], map: seen.heatmaps[there[0]] } : null;
  }

  /** Boxes and regions in shares of the film: truth, hit, miss, or found where no truth is known. */
  function marksOf(film, seen, size, shown) {
    const marks = [];
    for (const one of shown) {
      const truth = film.boxes
        .filter(([box]) => box === one)
        .map(([, ...box]) => scaled(box, size.width, size.height));
      const [boxes, region] = seen?.findings[one] ?? [[], []];
      if (layers.found && seen) {
        const within = (edges) => scaled(edges, seen.columns, seen.rows);
        if (region.length) {
          // Its boxes are only drawn around it.
          const parts = region.map(within);
          marks.push({ name: one, kind: kindOf(truth, overlap(parts, truth)), parts });
        } else {
          for (const box of boxes.map(within)) {
            const best = Math.max(0, ...truth.map((other) => overlap([box], [other])));
            marks.push({ name: one, kind: kindOf(truth, best), parts: [box] });
          }
        }
      }
      if (layers.truth) {
        truth.forEach((box) => marks.push({ name: one, kind: "truth", parts: [box] }));
      }
    }
    return marks;
  }

  function kindOf(truth, best) {
    return truth.length ? (best > HIT_AT ? "hit" : "miss") : "found";
  }

  function scaled([x, y, width, height], columns, rows) {
    return [x / columns, y / rows, width / columns, height / rows];
  }

  /** Intersection over union of two sets of boxes, exact for one box each. */
  function overlap(some, others) {
    if (some.length === 1 && others.length === 1) {
      const [[ax, ay, aw, ah], [bx, by, bw, bh]] = [some[0], others[0]];
      const across = Math.max(0, Math.min(ax + aw, bx + bw) - Math.max(ax, bx));
      const down = Math.max(0, Math.min(ay + ah, by + bh) - Math.max(ay, by));
      return (across * down) / (aw * ah + bw * bh - across * down);
    }
    const inside = (boxes, x, y) =>
      boxes.some(([left, top, w, h]) => x >= left && x < left + w && y >= top && y < top + h);
    let both = 0;
    let either = 0;
    for (let row = 0; row < RASTER; row += 1) {
      for (let column = 0; column < RASTER; column += 1) {
        const [x, y] = [(column + 0.5) / RASTER, (row + 0.5) / RASTER];
        const [a, b] = [inside(some, x, y), inside(others, x, y)];
        both += a && b;
        either += a || b;
      }
    }
    return either ? both / either : 0;
  }

  function outlines(marks) {
    const picture = drawn("svg", {
      viewBox: "0 0 1 1",
      preserveAspectRatio: "none",
      "aria-hidden": "true",
    });
    for (const { kind, parts } of marks) {
      const path = parts.length > 1 ? border(parts) : parts.map(around).join("");
      picture.append(
        drawn("path", { d: path, class: "halo" }),
        drawn("path", { d: path, class: `line ${kind}` }),
      );
    }
    return picture;
  }

  function around([x, y, width, height]) {
    return `M${x} ${y}h${width}v${height}h${-width}z`;
  }

  /** The outer edges of the patches of a region: those that no two of them share. */
  function border(parts) {
    const edges = new Map();
    const key = (value) => value.toFixed(5);
    for (const [x, y, width, height] of parts) {
      const corners = [
        [x, y],
        [x + width, y],
        [x + width, y + height],
        [x, y + height],
      ];
      corners.forEach(([x0, y0], at) => {
        const [x1, y1] = corners[(at + 1) % 4];
        const ends = [`${key(x0)} ${key(y0)}`, `${key(x1)} ${key(y1)}`];
        const edge = [...ends].sort().join("L");
        edges.set(edge, edges.has(edge) ? null : `M${ends[0]}L${ends[1]}`);
      });
    }
    return [...edges.values()].filter(Boolean).join("");
  }

  function tag({ name: one, kind, parts }) {
    const left = Math.min(...parts.map(([x]) => x));
    const top = Math.min(...parts.map(([, y]) => y));
    const bottom = Math.max(...parts.map(([, y, , height]) => y + height));
    const words = `${chestx.nice(chestx.about.classes[one])} ${kind}`;
    const element = make("span", { class: `tag ${kind}` }, words);
    // Truth is named below its box, what was found above: they often lie on each other.
    const isTruth = kind === "truth";
    element.style.left = `${100 * Math.min(Math.max(left, 0), 0.85)}%`;
    element.style.top = `${100 * (isTruth ? bottom : top)}%`;
    element.classList.toggle("below", isTruth ? bottom < 0.95 : top < 0.05);
    return element;
  }

  function heatmap([side, , , values]) {
    const small = make("canvas", { width: side, height: side });
    const pixels = new ImageData(side, side);
    chestx.bytes(values).forEach((value, at) => {
      const share = value / 255;
      const place = share * (COLOURS.length - 1);
      const low = Math.min(Math.floor(place), COLOURS.length - 2);
      for (let channel = 0; channel < 3; channel += 1) {
        const [from, to] = [COLOURS[low][channel], COLOURS[low + 1][channel]];
        pixels.data[4 * at + channel] = from + (place - low) * (to - from);
      }
      pixels.data[4 * at + 3] = 255 * OPACITY * share;
    });
    small.getContext("2d").putImageData(pixels, 0, 0);
    const canvas = make("canvas", {
      class: "heat",
      width: 512,
      height: 512,
      "aria-hidden": "true",
    });
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(small, 0, 0, 512, 512);
    return canvas;
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
