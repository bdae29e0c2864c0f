// On paper: light colours, and the canvas sharp as it stands, whatever the screen shows.

import { paint, readInk } from "./paint.js";
import { drawMap } from "./map.js";
import { openLegend } from "./elements.js";
import { resize, sharpen } from "./view.js";

export const PAPER = matchMedia("print");
const SHARP = 3;

PAPER.addEventListener("change", () => {
  readInk();
  openLegend(PAPER.matches);
  if (PAPER.matches) {
    sharpen(SHARP);
    paint(); // at once: a printer waits for no frame
  } else {
    drawMap();
    resize();
  }
});
