"use strict";
/* The data: scripts that hand over JSON when they are needed, since a page on disk cannot fetch. */
(() => {
  const KEPT = 12; // chunks held at a time
  const waiting = new Map();
  const loaded = new Map();

  chestx.receive = (name, json) => {
    const request = waiting.get(name);
    if (request) {
      request.resolve(JSON.parse(json));
    }
  };

  /** Return the promise of what a chunk holds; those that were not used for long are let go. */
  chestx.load = (name) => {
    let promise = loaded.get(name);
    if (promise) {
      loaded.delete(name);
    } else {
      promise = new Promise((resolve, reject) => {
        waiting.set(name, { resolve });
        const script = chestx.make("script", { src: `data/${name}.js` });
        const done = () => {
          waiting.delete(name);
          script.remove();
        };
        script.addEventListener("load", done);
        script.addEventListener("error", () => {
          done();
          loaded.delete(name);
          reject(new Error(`data/${name}.js is missing`));
        });
        document.head.append(script);
      });
    }
    loaded.set(name, promise);
    if (loaded.size > KEPT) {
      loaded.delete(loaded.keys().next().value);
    }
    return promise;
  };

  chestx.bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

  /** Load what the page must know of all studies. */
  chestx.loadIndex = async () => {
    const about = await chestx.load("about");
    const pieces = await Promise.all(
      Array.from({ length: about.pieces }, (_, number) => chestx.load(`index-${number}`)),
    );
    loaded.clear();
    chestx.about = about;
    chestx.index = joined(about, pieces);
  };

  function joined(about, pieces) {
    const columns = () => about.classes.map(() => new Uint8Array(about.studies));
    const index = {
      ids: pieces.flatMap((piece) => piece.ids),
      images: pieces.flatMap((piece) => piece.images),
      splits: Uint8Array.from(pieces.flatMap((piece) => piece.splits)),
      states: columns(),
      levels: about.runs.map(columns),
    };
    let start = 0;
    for (const piece of pieces) {
      const count = piece.ids.length;
      put(index.states, piece.states, start, count);
      piece.levels.forEach((levels, run) => put(index.levels[run], levels, start, count));
      start += count;
    }
    index.words = index.ids.map((id, number) =>
      [id, ...index.images[number]].join(" ").toLowerCase(),
    );
    return index;
  }

  function put(columns, text, start, count) {
    const bytes = chestx.bytes(text);
    columns.forEach((column, at) => {
      column.set(bytes.subarray(at * count, (at + 1) * count), start);
    });
  }

  /** Return the report's text, its mentions, its films, and what each model says of the films. */
  chestx.loadStudy = async (number) => {
    const { chunk, runs } = chestx.about;
    const at = Math.floor(number / chunk);
    const [studies, ...seen] = await Promise.all([
      chestx.load(`studies-${at}`),
      ...runs.map((_, run) => chestx.load(`run-${run}-${at}`)),
    ]);
    const [text, mentions, films] = studies[number % chunk];
    return {
      number,
      id: chestx.index.ids[number],
      isReport: number < chestx.about.reports,
      text,
      mentions: mentions.map(mention),
      films: films.map((facts, film) => ({
        ...film_(facts),
        seen: seen.map((of) => of[number % chunk][film]).map(seen_),
      })),
    };
  };

  /** `counts` is what the label set makes of the status, where that is another state. */
  function mention(row) {
    const [start, end, label, concept, status, certainty, rule, evidence, section, counts, words] =
      row;
    return {
      start,
      end,
      label,
      concept,
      status,
      certainty,
      rule,
      evidence,
      section,
      counts,
      words,
    };
  }

  function film_([image, folder, aspect, patient, age, sex, view, split, boxes]) {
    const folders = chestx.about.folders;
    const source = folder < 0 ? null : `${folders[folder]}/${encodeURIComponent(image)}`;
    return { image, source, aspect, patient, age, sex, view, split, boxes };
  }

  function seen_(of) {
    if (!of) {
      return null;
    }
    const [[rows, columns], scores, findings, heatmaps] = of;
    return { rows, columns, scores, findings, heatmaps };
  }

  chestx.labelOf = (number, name) => chestx.index.states[name][number] & 7;
  chestx.truthOf = (number, name) => (chestx.index.states[name][number] >> 3) & 7;
  chestx.isBoxed = (number, name) => chestx.index.states[name][number] >> 6 === 1;
  /** A score from 0 to 1, null where the model has seen no film of the study. */
  chestx.scoreOf = (number, name, run) => {
    const level = chestx.index.levels[run]?.[name][number];
    return level ? (level - 1) / 254 : null;
  };
})();
