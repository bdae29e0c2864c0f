// One card: its outline, words, pills, and what they become from far away.

import { absent, data, HIGH, nodes, state, stateWord, WIDE } from "./model.js";
import { context, outlines, viewport } from "./scene.js";
import { FAR, ink, litCard, membersOf, passesCard } from "./paint.js";

const fitted = new Map();
export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";

/** @param {Card} card @param {number} k */
export function drawCard(card, k) {
  const node = card.node >= 0 ? nodes[card.node] : null;
  const { kind } = card;
  const lit = litCard(card), pass = passesCard(card);
  const selected = card === state.cursor || (card.node >= 0 && card.node === state.selected);
  context.save();
  context.translate(card.x, card.y);
  const unmarked = data.overlay && !state.lit && !state.passing && !(node ? node.o : membersOf(card).some((each) => nodes[each].o));
  context.globalAlpha = !pass ? 0.1 : !lit ? 0.16 : unmarked ? 0.5 : 1;
  const missing = node?.m;
  const colour = missing ? (absent(node) ? ink.wrong : ink.quiet) : ink.kind[kind];
  const [edge, ...inner] = outlines[kind];
  if (k < FAR) {
    context.fillStyle = selected ? ink.focus : colour;
    context.globalAlpha *= 0.8;
    context.fillRect(0, 6, WIDE, HIGH - 12);
    if (node?.o && ink.mark[node.o]) {
      context.fillStyle = ink.mark[node.o];
      context.fillRect(-5, 0, WIDE + 10, 5);
    }
    dots(node ? node.s : card.pills, k);
    context.restore();
    return;
  }
  if (!node) {
    for (const shift of [6, 3]) {
      context.translate(shift, shift);
      context.fillStyle = ink.card;
      context.fill(edge);
      context.strokeStyle = colour;
      context.lineWidth = 1;
      context.stroke(edge);
      context.translate(-shift, -shift);
    }
  }
  if (selected || card === state.hovered) {
    context.save();
    context.shadowColor = selected ? ink.focus : ink.shadow;
    context.shadowBlur = (selected ? 16 : 12) * k * viewport.ratio;
    context.shadowOffsetY = selected ? 0 : 3 * k * viewport.ratio;
    context.fillStyle = ink.card;
    context.fill(edge);
    context.restore();
  }
  context.fillStyle = ink.card;
  context.fill(edge);
  context.globalAlpha *= 0.07;
  context.fillStyle = colour;
  context.fill(edge);
  context.globalAlpha /= 0.07;
  if (node?.o && ink.mark[node.o]) {
    context.strokeStyle = ink.mark[node.o];
    context.lineWidth = 2.6;
    context.beginPath();
    context.roundRect(-5, -5, WIDE + 10, HIGH + 10, 10);
    context.stroke();
  }
  context.strokeStyle = selected ? ink.focus : colour;
  context.lineWidth = selected ? 2.6 : 1.4;
  context.setLineDash(missing ? [5, 3] : card.ghost ? [4, 3] : []);
  context.stroke(edge);
  context.setLineDash([]);
  context.lineWidth = 1;
  for (const each of inner) context.stroke(each);
  words(card, node, kind, k);
  if (k < 0.4) dots(node ? node.s : card.pills, k);
  else pills(node, card, k);
  context.restore();
}

// From a distance the second line is given up, so that the title can still be read.
export const NEAR = 0.64;
/** @param {Card} card @param {ResourceNode | null} node @param {number} kind @param {number} k */
function words(card, node, kind, k) {
  if (k < 0.26) return;
  const { inset } = data.kinds[kind], room = WIDE - inset - Math.max(12, inset - 2);
  const title = node ? node.t : card.title ?? "";
  const line = k < NEAR ? "" : node ? (card.ghost ? `shared · ${node.l}` : node.l) : card.line ?? "";
  const high = k < NEAR ? grown(11.5, 8.4, 19.5, k) : 11.5;
  const size = `600 ${high}px ${FONT}`;
  context.font = size;
  context.fillStyle = node?.m || card.ghost ? ink.quiet : ink.ink;
  context.fillText(fit(title, room, size), inset, line ? 19.5 : HIGH / 2 + high * 0.36);
  if (!line) return;
  const small = `9.5px ${  FONT}`;
  context.font = small;
  context.fillStyle = ink.quiet;
  context.fillText(fit(line, room, small), inset, 33);
}

// A size of text that is at least ``seen`` pixels on the screen, in few steps, and at most ``most``.
/** @param {number} size @param {number} seen @param {number} most @param {number} k */
export const grown = (size, seen, most, k) => Math.min(most, Math.max(size, Math.ceil(seen / k)));

// As much of a text as there is room for.
/** @param {string} full @param {number} room @param {string} font */
export function fit(full, room, font) {
  const key = `${font.slice(0, 9)}${room | 0}${full}`;
  const known = fitted.get(key);
  if (known !== undefined) return known;
  let found = full;
  if (context.measureText(full).width > room) {
    let low = 0, high = full.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (context.measureText(`${full.slice(0, middle)  }…`).width <= room) low = middle;
      else high = middle - 1;
    }
    found = `${full.slice(0, low).replace(/[\s·,]+$/, "")  }…`;
  }
  if (fitted.size > 20000) fitted.clear();
  fitted.set(key, found);
  return found;
}

/** @param {StateWord[] | undefined} states @param {number} k */
function dots(states, k) {
  const worst = states?.length ? Math.min(...states.map(([rank]) => rank)) : 9;
  if (worst > 1) return;
  context.fillStyle = ink.rank[worst];
  context.beginPath();
  context.arc(WIDE - 8, 3, Math.min(14, 3.4 / k), 0, 7);
  context.fill();
}

/** @param {ResourceNode | null} node @param {Card} card @param {number} k */
function pills(node, card, k) {
  const shown = (node ? node.s : card.pills) ?? [];
  const size = k < NEAR ? grown(8.5, 6, 13, k) : 8.5;
  let right = WIDE - 10;
  context.font = `600 ${size}px ${FONT}`;
  context.textAlign = "center";
  for (const [rank, word] of shown.slice(0, 3)) {
    const said = k < NEAR ? stateWord(word) : word;
    if (right < WIDE - 10 && right - context.measureText(said).width < 16) break;
    right -= onePill(ink.rank[rank], said, right, Math.max(-10, 6.5 - size * 1.59), size) + 4;
  }
  if (node?.o && ink.mark[node.o]) {
    const wide = context.measureText(data.marks[node.o]).width + 11;
    onePill(ink.mark[node.o], data.marks[node.o], 10 + wide, HIGH - 4, size);
  }
  context.font = `600 8.5px ${FONT}`;
  if (!node) onePill(ink.quiet, "+", WIDE - 8, HIGH - 6);
  context.textAlign = "left";
}

/**
 * @param {string} colour
 * @param {string} word
 * @param {number} right
 * @param {number} y
 * @param {number} [size]
 */
function onePill(colour, word, right, y, size = 8.5) {
  const wide = context.measureText(word).width + 12, high = size * 1.59;
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(right - wide, y, wide, high, high / 2);
  context.fill();
  context.fillStyle = ink.pill;
  context.fillText(word, right - wide / 2, y + size * 1.155);
  return wide;
}
