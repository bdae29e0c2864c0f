// On paper: light colours, and the canvas sharp as it stands, whatever the screen shows.

const PAPER = matchMedia("print");
const SHARP = 3;

// ``ratio`` dots for each pixel; at once, because a printer waits for no frame.
function sharpen(dots) {
  ratio = dots;
  canvas.width = Math.round(wideView * ratio);
  canvas.height = Math.round(highView * ratio);
  readInk();
  paint();
}

PAPER.addEventListener("change", () => {
  if (PAPER.matches) sharpen(SHARP);
  else {
    readInk();
    drawMap();
    resize();
  }
});
