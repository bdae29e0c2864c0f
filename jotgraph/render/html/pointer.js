// The pointer: clicks, what is under it, the map.

import { $, called, nodes, relationsOf, state } from "./model.js";
import { el } from "./elements.js";
import { canvas, map, scene, viewport } from "./scene.js";
import { redraw } from "./paint.js";
import { mapLeft, mapScale, mapTop } from "./map.js";
import { hit, stage, unfold, zoomer } from "./view.js";
import { GRADE_WORDS } from "./details.js";
import { select, selectLine } from "./select.js";
import { openCard } from "./keys.js";

canvas.addEventListener("click", (event) => {
  if (event.defaultPrevented) return;
  tip.hidden = true;
  const { card, line, block, repository, fold } = hit(event.offsetX, event.offsetY);
  if (fold) unfold(fold, false);
  else if (card) openCard(card);
  else if (repository !== undefined) select(repository);
  else if (line) selectLine(line, block);
  else if (state.selected >= 0 || state.line >= 0) select(-1);
});
canvas.addEventListener("dblclick", (event) => {
  const { card } = hit(event.offsetX, event.offsetY);
  if (card) unfold(card.block, !card.block.open);
});

const tip = $("tip");
canvas.addEventListener("pointermove", (event) => {
  if (event.buttons) return;
  const { card, line, repository, fold } = hit(event.offsetX, event.offsetY);
  canvas.classList.toggle("pointing", Boolean(card || line || fold || repository !== undefined));
  if ((card ?? null) !== state.hovered || (fold ?? null) !== state.hoveredFold) {
    state.hovered = card ?? null;
    state.hoveredFold = fold ?? null;
    redraw();
  }
  const said = card ? (card.node >= 0 ? tipOf(card.node) : [card.title, card.line, "click to open"])
    : fold ? ["Fold this part"] : line ? [relationsOf(line.link), `${GRADE_WORDS[line.grade - 1]}: click for the evidence`] : null;
  tip.hidden = !said;
  if (!said) return;
  tip.replaceChildren(...said.filter(Boolean).map((each, number) => el(number ? "span" : "strong", { text: each })));
  const box = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(6, Math.min(event.offsetX + 14, viewport.wide - box.width - 8))}px`;
  tip.style.top = `${event.offsetY + 18 + box.height > viewport.high ? event.offsetY - box.height - 12 : event.offsetY + 18}px`;
});
canvas.addEventListener("pointerleave", () => {
  tip.hidden = true;
  if (state.hovered) {
    state.hovered = null;
    redraw();
  }
});

/** @param {number} node */
function tipOf(node) {
  const each = nodes[node];
  return [called(each), each.l, each.i.length > 90 ? `${each.i.slice(0, 88)}…` : each.i, ...(each.s ?? []).map(([, word]) => word)];
}

map.addEventListener("pointerdown", (event) => {
  /** @param {PointerEvent} at */
  const move = (at) => {
    const box = map.getBoundingClientRect();
    const x = (at.clientX - box.left - mapLeft) / mapScale;
    const y = (at.clientY - box.top - mapTop) / mapScale;
    const { k } = scene.transform;
    stage.call(zoomer.transform, d3.zoomIdentity.translate(viewport.wide / 2 - x * k, viewport.high / 2 - y * k).scale(k));
  };
  move(event);
  map.setPointerCapture(event.pointerId);
  map.onpointermove = move;
  map.onpointerup = () => (map.onpointermove = null);
});
