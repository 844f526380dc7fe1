"use strict";
/* What is marked on a film: boxes of radiologists, and boxes or regions that a model found. */
(() => {
  const { make, drawn } = chestx;
  const HIT_AT = 0.3; // intersection over union with a box of the truth
  const RASTER = 128; // places a side at which unions of boxes are compared

  /** Boxes and regions in shares of the film: truth, hit, miss, or found where there is no truth. */
  function marksOf({ film, seen, size, shown, layers }) {
    const { frame } = chestx.about;
    const marks = [];
    for (const one of shown) {
      const truth = film.boxes
        .filter(([box]) => box === one)
        .map(([, ...box]) => scaled(box, frame || size.width, frame || size.height));
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

  chestx.marks = { HIT_AT, of: marksOf, outlines, tag };
})();
