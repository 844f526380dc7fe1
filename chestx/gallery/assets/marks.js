"use strict";
/* What is marked on a film: boxes of radiologists, and boxes or regions that a model found. */
(() => {
  const { make, drawn } = chestx;
  const HIT_AT = 0.3; // intersection over union with a box of the truth
  const RASTER = 128; // places a side at which unions of boxes are compared
  const APART = 0.005; // patches are larger, and what rounding does to their edges is less

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
          // Its boxes are only drawn around it; it is given as rows of patches.
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
    let both = 0;
    let either = 0;
    for (let row = 0; row < RASTER; row += 1) {
      for (let column = 0; column < RASTER; column += 1) {
        const [x, y] = [(column + 0.5) / RASTER, (row + 0.5) / RASTER];
        const [a, b] = [covers(some, x, y), covers(others, x, y)];
        both += a && b;
        either += a || b;
      }
    }
    return either ? both / either : 0;
  }

  function covers(boxes, x, y) {
    return boxes.some(([left, top, w, h]) => x >= left && x < left + w && y >= top && y < top + h);
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

  /** The outline of a region, whose boxes touch each other. */
  function border(parts) {
    const xs = distinct(parts.flatMap(([x, , width]) => [x, x + width]));
    const ys = distinct(parts.flatMap(([, y, , height]) => [y, y + height]));
    // Beside the first and the last of them everything is NaN, and outside.
    const inside = (column, row) =>
      covers(parts, (xs[column] + xs[column + 1]) / 2, (ys[row] + ys[row + 1]) / 2);
    let path = "";
    for (let row = 0; row < ys.length; row += 1) {
      for (let column = 0; column < xs.length; column += 1) {
        const here = inside(column, row);
        if (here !== inside(column - 1, row)) {
          path += `M${xs[column]} ${ys[row]}V${ys[row + 1]}`;
        }
        if (here !== inside(column, row - 1)) {
          path += `M${xs[column]} ${ys[row]}H${xs[column + 1]}`;
        }
      }
    }
    return path;
  }

  /** Sort values; of those that only rounding tells apart the first is kept. */
  function distinct(values) {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted.filter((value, at) => at === 0 || value - sorted[at - 1] > APART);
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
