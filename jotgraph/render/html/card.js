// One card: its outline, words, pills, and what they become from far away.

import { absent, data, HIGH, nodes, state, stateWord, WIDE } from "./model.js";
import { context, outlines, viewport } from "./scene.js";
import { afar, FAR, ink, litCard, membersOf, passesCard, worstOf } from "./paint.js";

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
  context.globalAlpha = !pass ? FILTERED : !lit || unmarked ? UNLIT : 1;
  const missing = node?.m;
  const tone = missing ? (absent(node) ? ink.cards[0] : null) : lit && !unmarked ? ink.cards[worstOf(card)] : null;
  const colour = tone?.edge ?? (missing ? ink.quiet : ink.edge);
  const ground = tone?.fill ?? ink.card;
  const [edge, ...inner] = outlines[kind];
  if (k < FAR) {
    context.fillStyle = selected ? ink.focus : afar(worstOf(card));
    context.fillRect(0, 6, WIDE, HIGH - 12);
    if (node?.o && ink.mark[node.o]) {
      context.fillStyle = ink.mark[node.o];
      context.fillRect(-5, 0, WIDE + 10, 5);
    }
    context.restore();
    return;
  }
  if (!node) {
    for (const shift of [6, 3]) {
      context.translate(shift, shift);
      context.fillStyle = ground;
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
  context.fillStyle = ground;
  context.fill(edge);
  if (node?.o && ink.mark[node.o]) {
    context.strokeStyle = ink.mark[node.o];
    context.lineWidth = 2.6;
    context.beginPath();
    context.roundRect(-5, -5, WIDE + 10, HIGH + 10, 10);
    context.stroke();
  }
  context.strokeStyle = selected ? ink.focus : colour;
  context.lineWidth = selected ? 3 : tone ? 2.4 : 1.3;
  context.setLineDash(missing ? [5, 3] : card.ghost ? [4, 3] : []);
  context.stroke(edge);
  context.setLineDash([]);
  context.lineWidth = 1;
  for (const each of inner) context.stroke(each);
  words(card, node, k);
  context.restore();
}

// A size at which three lines of a card have room for letters of the smallest size.
export const NEAR = 0.85;
/** The least size of letters on the screen, until a person zooms out further than any view opens. */
export const SMALLEST = 11;
const LARGEST = 22; // of letters, in a card's own pixels: two lines of them fill it
const UNLIT = 0.55, FILTERED = 0.2;

// The title, the line, and the pills: where there is no room for all, the line gives way.
/** @param {Card} card @param {ResourceNode | null} node @param {number} k */
function words(card, node, k) {
  if (k < 0.26) return;
  const { inset } = data.kinds[card.kind], room = WIDE - inset - Math.max(12, inset - 2);
  const title = node ? node.t : card.title ?? "";
  const said = node ? (card.ghost ? `shared · ${node.l}` : node.l) : card.line ?? "";
  const many = pillsOf(card, node).length > 0;
  const line = many && k < NEAR ? "" : said;
  const high = grown(14, SMALLEST, LARGEST, k), low = grown(12, SMALLEST, LARGEST, k);
  const rows = [high, ...(line ? [low] : []), ...(many ? [low * 1.42] : [])];
  const gap = Math.min(5, (HIGH - rows.reduce((sum, each) => sum + each, 0)) / (rows.length + 1));
  let y = (HIGH - rows.reduce((sum, each) => sum + each, 0) - gap * (rows.length - 1)) / 2;
  const size = `600 ${high}px ${FONT}`;
  const count = node ? 0 : onePill(ink.pills[2], "+", inset + room, y, low * 0.9) + 4;
  context.font = size;
  context.fillStyle = node?.m || card.ghost ? ink.quiet : ink.ink;
  context.fillText(fit(title, room - count, size), inset, y + high * 0.82);
  y += high + gap;
  if (line) {
    const small = `${low}px ${FONT}`;
    context.font = small;
    context.fillStyle = ink.quiet;
    context.fillText(fit(line, room, small), inset, y + low * 0.82);
    y += low + gap;
  }
  if (many) pills(pillsOf(card, node), inset, room, y, low, k);
}

/**
 * The pills of a card, the worst first.
 * @param {Card} card @param {ResourceNode | null} node
 * @returns {Pill[]}
 */
function pillsOf(card, node) {
  const states = (node ? node.s : card.pills) ?? [];
  /** @type {Pill[]} */
  const found = states.map((state_) => [ink.pills[state_[0]], state_[1], stateWord(state_)]);
  return node?.o && ink.mark[node.o] ? [[{ ground: ink.mark[node.o], text: ink.pill }, data.marks[node.o], data.marks[node.o]], ...found] : found;
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

/**
 * As many pills as there is room for.
 * @param {Pill[]} shown
 * @param {number} left @param {number} room @param {number} y @param {number} size @param {number} k
 */
function pills(shown, left, room, y, size, k) {
  const font = `600 ${size}px ${FONT}`;
  let at = left;
  for (const [number, [look, word, own]] of shown.entries()) {
    context.font = font;
    const more = shown.length - number > 1 ? context.measureText(`+${shown.length - number - 1}`).width + size + 4 : 0;
    const rest = left + room - at - more - size;
    const said = k < NEAR ? own : word;
    if (number > 0 && context.measureText(said).width > rest) {
      onePill(look, `+${shown.length - number}`, at + context.measureText(`+${shown.length - number}`).width + size, y, size);
      return;
    }
    const told = fit(said, rest, font);
    at += 4 + onePill(look, told, at + context.measureText(told).width + size, y, size);
  }
}

/**
 * A pill that ends at ``right``; how wide it is.
 * @param {{ ground: string, text: string }} look
 * @param {string} word
 * @param {number} right
 * @param {number} y
 * @param {number} size
 */
function onePill(look, word, right, y, size) {
  context.font = `600 ${size}px ${FONT}`;
  const wide = context.measureText(word).width + size, high = size * 1.42;
  context.fillStyle = look.ground;
  context.beginPath();
  context.roundRect(right - wide, y, wide, high, high / 2);
  context.fill();
  context.fillStyle = look.text;
  context.textAlign = "center";
  context.fillText(word, right - wide / 2, y + size * 1.06);
  context.textAlign = "left";
  return wide;
}
