"""What a page writes: the texts on its canvas as last painted, and those of its elements."""

from __future__ import annotations

from typing import NamedTuple

from tests.rig.browser import Tab

_LISTEN = """
(() => {
  const texts = [];
  globalThis.paintedTexts = texts;
  const of = CanvasRenderingContext2D.prototype;
  const { fillText, fillRect } = of;
  of.fillRect = function (x, y, wide, high) {
    if (this.canvas.id === "canvas" && x === 0 && y === 0 && high > 60) texts.length = 0;
    return fillRect.call(this, x, y, wide, high);
  };
  of.fillText = function (text, x, y) {
    if (this.canvas.id === "canvas") {
      const to = this.getTransform();
      const dots = devicePixelRatio;
      const size = parseFloat(this.font.match(/([\\d.]+)px/)[1]) * to.a / dots;
      const wide = this.measureText(text).width * to.a / dots;
      const left = (to.a * x + to.e) / dots - (this.textAlign === "center" ? wide / 2
        : this.textAlign === "right" ? wide : 0);
      texts.push([text, size, left, (to.d * y + to.f) / dots, wide]);
    }
    return fillText.call(this, text, x, y);
  };
})();
"""
_ELEMENTS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const holder = node.parentElement;
    if (!node.textContent.trim() || holder.closest("script, .unseen, dialog, option")) continue;
    if (!holder.checkVisibility({ visibilityProperty: true })) continue;
    const size = parseFloat(getComputedStyle(holder).fontSize);
    found.push([node.textContent.trim().slice(0, 60), size]);
  }
  return found;
}"""
_BAR = 28.0
"""The bar of the columns' names lies over what is under it."""


class Painted(NamedTuple):
    """A text on the canvas, in pixels of the screen; its baseline is at ``y``."""

    text: str
    size: float
    left: float
    y: float
    wide: float


def listen(tab: Tab) -> None:
    """From the next page on, hear what its canvas writes."""
    tab.run_first(_LISTEN)


def painted(tab: Tab) -> list[Painted]:
    """The texts of the last painting, without those under the bar of headings."""
    return [Painted(*text) for text in tab.ask("paintedTexts") if text[3] > _BAR]


def written(tab: Tab) -> list[tuple[str, float]]:
    """The texts of elements that are seen, with the sizes of their letters."""
    return [(text, size) for text, size in tab.ask(_ELEMENTS)]
