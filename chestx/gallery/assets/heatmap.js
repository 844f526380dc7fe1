"use strict";
/* Heatmaps: values of a small square, coloured, smoothed and laid over the film. */
(() => {
  const { make } = chestx;
  const OPACITY = 0.65; // of the hottest place; the coldest is clear
  const SIDE = 512; // pixels of the canvas
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

  /** The heatmap of the class that is shown alone, else of the one with the highest score. */
  chestx.heatmapOf = (seen, shown) => {
    const there = shown.filter((one) => seen?.heatmaps[one]);
    there.sort((a, b) => (seen.scores[b] ?? 0) - (seen.scores[a] ?? 0));
    return there.length ? { name: there[0], map: seen.heatmaps[there[0]] } : null;
  };

  /** Draw `[side, lowest, highest, values]`, the values as base64 from 0 to 255. */
  chestx.heatmap = ([side, , , values]) => {
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
      width: SIDE,
      height: SIDE,
      "aria-hidden": "true",
    });
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(small, 0, 0, SIDE, SIDE);
    return canvas;
  };
})();
