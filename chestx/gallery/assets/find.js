"use strict";
/* Which studies a query finds, and in what order: loops over bytes, fast for a hundred thousand. */
(() => {
  const NOT_MENTIONED = 1;
  const UNCERTAIN = 3;
  const PRESENT = 4;
  const LEVELS = 254;

  /** Whether two verdicts contradict: null where there is nothing to compare. */
  const contradicts = {
    "label-truth": (label, truth) => (label && truth ? label !== truth : null),
    "label-model": (label, truth, level, at) =>
      label && level && label !== UNCERTAIN ? (label === PRESENT) !== level >= at : null,
    "model-truth": (label, truth, level, at) =>
      truth && level && truth !== UNCERTAIN ? (truth === PRESENT) !== level >= at : null,
  };

  /** Return the numbers of the studies that fit the query, sorted. */
  chestx.find = (query) => {
    const { ids, words, splits } = chestx.index;
    const wanted = query.q.trim().toLowerCase();
    const split = chestx.about.splits.indexOf(query.split);
    const tests = [
      wanted && ((number) => words[number].includes(wanted)),
      query.split && ((number) => isIn(splits[number], split)),
      query.show && ofFilms(query.show),
      query.label && ofLabel(query),
      query.agree && ofAgreement(query),
      query.judged && chestx.ofVerdicts(query.judged),
    ].filter(Boolean);
    const found = [];
    for (let number = 0; number < ids.length; number += 1) {
      if (tests.every((test) => test(number))) {
        found.push(number);
      }
    }
    return sorted(found, query);
  };

  function isIn(split, wanted) {
    const name = chestx.about.splits[split];
    const whole = chestx.about.splits[wanted] === "train_val";
    return split === wanted || (whole && (name === "train" || name === "val"));
  }

  function classesOf(query) {
    return query.class < 0 ? [...chestx.about.classes.keys()] : [query.class];
  }

  function ofFilms(show) {
    const { images, states } = chestx.index;
    if (show === "box") {
      return (number) => states.some((column) => column[number] >> 6);
    }
    return (number) => images[number].length > 0 === (show === "film");
  }

  /** "Not mentioned" of any class means that no class is mentioned at all. */
  function ofLabel(query) {
    const columns = classesOf(query).map((name) => chestx.index.states[name]);
    const label = Number(query.label);
    if (label === NOT_MENTIONED) {
      return (number) => columns.every((column) => (column[number] & 7) <= NOT_MENTIONED);
    }
    return (number) => columns.some((column) => (column[number] & 7) === label);
  }

  function ofAgreement(query) {
    const names = classesOf(query);
    const at = 1 + LEVELS * query.at;
    const kinds = query.agree === "none" ? Object.values(contradicts) : [contradicts[query.agree]];
    const states = names.map((name) => chestx.index.states[name]);
    const levels = names.map((name) => chestx.index.levels[query.run]?.[name]);
    return (number) => {
      let compared = false;
      for (let name = 0; name < names.length; name += 1) {
        const state = states[name][number];
        const level = levels[name]?.[number];
        for (const kind of kinds) {
          const differ = kind(state & 7, (state >> 3) & 7, level, at);
          if (differ) {
            return query.agree !== "none";
          }
          compared ||= differ === false;
        }
      }
      return compared && query.agree === "none";
    };
  }

  /** Sort by a byte, the studies of one byte staying as they were: buckets, not comparisons. */
  function sorted(found, query) {
    if (query.sort === "id") {
      const { ids } = chestx.index;
      return found.sort((a, b) => (ids[a] < ids[b] ? -1 : ids[a] > ids[b] ? 1 : 0));
    }
    const key = keyOf(query);
    if (!key) {
      return found;
    }
    const buckets = Array.from({ length: 257 }, () => []);
    for (const number of found) {
      buckets[key(number)].push(number);
    }
    return buckets.flat();
  }

  function keyOf(query) {
    const names = classesOf(query);
    const columns = names.map((name) => chestx.index.levels[query.run]?.[name]).filter(Boolean);
    if (!columns.length) {
      return null;
    }
    const states = names.map((name) => chestx.index.states[name]);
    const most = (number) => Math.max(...columns.map((column) => column[number]));
    const gap = (number) =>
      Math.max(...columns.map((c, at) => apart(c[number], states[at][number])));
    return {
      high: (number) => 256 - most(number),
      low: (number) => most(number) || 256, // studies without a score come last
      gap: (number) => 256 - gap(number),
    }[query.sort];
  }

  /** How far a score is from the truth, or from the label where there is no truth. */
  function apart(level, state) {
    const said = (state >> 3) & 7 || state & 7;
    if (!level || !said || said === UNCERTAIN) {
      return 0;
    }
    return said === PRESENT ? 255 - level + 1 : level;
  }
})();
