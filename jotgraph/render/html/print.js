// On paper: light colours, and the canvas sharp as it stands, whatever the screen shows.

const PAPER = matchMedia("print");
const SHARP = 3;

PAPER.addEventListener("change", () => {
  readInk();
  if (PAPER.matches) {
    sharpen(SHARP);
    paint(); // at once: a printer waits for no frame
  } else {
    drawMap();
    resize();
  }
});
