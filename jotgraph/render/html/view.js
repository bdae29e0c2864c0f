// Where the view is: zoom, pan, flights, and what is under a point.

import {
  $, HIGH, inside, lineage, links, nodes, REDUCED, repositoryOf, state, touching, WIDE,
} from "./model.js";
import {
  arrange, blocks, canvas, cardOf, context, holder, layout, scene, shape, STEP, viewport,
} from "./scene.js";
import { BRACKET, litLine, passesCard, redraw } from "./paint.js";
import { pane } from "./details.js";
import { PAPER } from "./print.js";

/** @type {import("d3-zoom").ZoomBehavior<HTMLCanvasElement, unknown>} */
export const zoomer = /** @type {typeof d3.zoom<HTMLCanvasElement, unknown>} */ (d3.zoom)().scaleExtent([0.005, 4]).clickDistance(4).on("zoom", (event) => {
  scene.transform = event.transform;
  $("zoom-level").textContent = `${Math.round(event.transform.k * 100)}%`;
  redraw();
});
export const stage = d3.select(canvas);
stage.call(zoomer).on("dblclick.zoom", null);
/** @param {number} factor */
export const zoomBy = (factor) => stage.transition().duration(160).call(zoomer.scaleBy, factor);

export function resize() {
  if (PAPER.matches) return;
  const box = holder.getBoundingClientRect();
  viewport.wide = Math.max(50, box.width);
  viewport.high = Math.max(50, box.height);
  sharpen(Math.min(3, devicePixelRatio || 1));
  redraw();
}

// ``dots`` for each pixel.
/** @param {number} dots */
export function sharpen(dots) {
  viewport.ratio = dots;
  canvas.width = Math.round(viewport.wide * viewport.ratio);
  canvas.height = Math.round(viewport.high * viewport.ratio);
}

/** @param {import("d3-zoom").ZoomTransform} transform @param {boolean} [quick] */
export function go(transform, quick) {
  if (quick || REDUCED.matches) stage.call(zoomer.transform, transform);
  else stage.transition().duration(420).ease(d3.easeCubicOut).call(zoomer.transform, transform);
}

const LEAST = 0.5; // letters are then of the smallest size
// Everything, or, when that would be too small to read, the top at a size that can be read.
/** @param {boolean} [quick] @param {boolean} [whole] */
export function fitAll(quick, whole) {
  const narrow = viewport.wide < 560;
  const room = narrow ? 14 : 34;
  const all = Math.min((viewport.wide - 2 * room) / scene.wide, (viewport.high - 2 * room) / scene.high, 1.25);
  const across = Math.min((viewport.wide - 2 * room) / (layout.foldable ? layout.span : scene.wide), 1);
  const k = whole || all > LEAST ? all : Math.max(narrow ? 0.6 : LEAST, Math.min(across, 1));
  const fits = scene.wide * k <= viewport.wide, low = scene.high * k <= viewport.high;
  const x = fits ? (viewport.wide - scene.wide * k) / 2 : room;
  const y = low ? Math.max(room + 6, (viewport.high - scene.high * k) / 2) : room + 6;
  go(d3.zoomIdentity.translate(x, y).scale(k), quick);
}

/** @param {number} node */
export function placeOf(node) {
  const number = cardOf.get(node);
  if (number === undefined) return null;
  const block = blocks[number];
  if (block.hidden) return null;
  shape(block);
  const card = block.cards.find((each) => each.node === node) ?? block.cards.find((each) => each.members?.includes(node));
  return card ? { card, block, x: block.x + card.x, y: block.y + card.y } : null;
}

// What has a card and stands for a node without one: an image of a repository, what a local copy is of.
/** @param {number} node */
function standIn(node) {
  const near = [...(inside.get(node) ?? []), ...touching[node].flatMap((link) => links[link].slice(0, 2))];
  return /** @type {number[]} */ (near).find((each) => cardOf.has(each)) ?? node;
}

// Bring a node into view, opening what folds it away.
/** @param {number} node @param {boolean} [quick] @param {boolean} [beside] */
export function reveal(node, quick, beside) {
  if (!cardOf.has(node)) node = standIn(node);
  const number = cardOf.get(node);
  if (number === undefined) return;
  if (!blocks[number].open) unfold(blocks[number], true);
  const place = placeOf(node);
  if (!place) return;
  const room = free();
  const { k } = scene.transform;
  /** @param {ReturnType<typeof around>} frame */
  const most = (frame) => Math.min((room.wide - 60) / frame.wide, (room.high - 90) / frame.high, 1.15);
  // the whole lineage, or as many steps of it as can be read
  const alone = [Infinity, 2, 1, 0].map((steps) => lineageFrame(place, steps)).find((each) => most(each) >= LEAST);
  const frame = beside && alone && most(allColumns(alone)) >= CLEAR ? allColumns(alone) : alone;
  const all = frame ? most(frame) : LEAST;
  const [x, y] = frame ? [frame.left + frame.wide / 2, frame.top + frame.high / 2] : [place.x + WIDE / 2, place.y + HIGH / 2];
  go(centred(room, x, y, Math.max(Math.min(all, Math.max(k, 0.85)), LEAST)), quick);
}

// Bring the lineage of a node into view, without selecting it.
/** @param {number} node */
export function showLineage(node) {
  const { lit, used } = lineage(node);
  state.lit = lit;
  state.litLinks = used;
  reveal(node, true, true);
  state.lit = state.litLinks = null;
}

const CLEAR = 0.6; // what is beside a lineage is shown too, while names stay this clear

// A frame made as wide as all columns beside it, from commits to roles.
/** @param {ReturnType<typeof around>} frame */
function allColumns(frame) {
  const lefts = [...Array(scene.strips).keys()].flatMap((strip) => layout.headings.map(([x, word]) => ({ x: x + strip * STEP, word })))
    .sort((a, b) => a.x - b.x);
  const starts = lefts.filter((each, at) => at === 0 || each.word === layout.headings[0][1]).map((each) => each.x);
  const left = starts.filter((x) => x <= frame.left + 1).pop() ?? frame.left;
  const next = starts.find((x) => x > frame.left + 1) ?? Infinity;
  const right = lefts.filter((each) => each.x < next).pop()?.x ?? frame.left;
  return { ...frame, left: Math.min(left, frame.left), wide: Math.max(right + WIDE, frame.left + frame.wide) - Math.min(left, frame.left) };
}

// Bring what passes the filters into view: all of it, or its top left where that would be too small.
export function showPassing() {
  const places = blocks.flatMap((block) => block.cards.filter(passesCard).map((card) => [block.x + card.x, block.y + card.y]));
  if (!places.length) return;
  const { left, top, wide, high } = around(places);
  const room = free(), edge = 48;
  const k = Math.max(LEAST, Math.min((room.wide - 2 * edge) / wide, (room.high - 2 * edge) / high, 0.9));
  const x = Math.max(edge, (room.wide - wide * k) / 2), y = room.top + Math.max(edge, (room.high - high * k) / 2);
  go(d3.zoomIdentity.translate(x - left * k, y - top * k).scale(k));
}

// Bring cards into view, if they are not: at the size they have, or as small as it must be.
/** @param {Card[]} cards */
export function bring(cards) {
  const { left, top, wide, high } = around(cards.map((card) => [card.block.x + card.x, card.block.y + card.y]));
  const room = free(), edge = 24, { k, x, y } = scene.transform;
  if (left * k + x > edge && (left + wide) * k + x < room.wide - edge && top * k + y > room.top + edge && (top + high) * k + y < room.top + room.high - edge) return;
  const scale = Math.max(LEAST, Math.min(k, (room.wide - 2 * edge) / wide, (room.high - 2 * edge) / high));
  go(centred(room, left + wide / 2, top + high / 2, scale));
}

// A point of the graph in the middle of what is free, or as near to it as leaves no room beside the graph.
/** @param {Room} room @param {number} x @param {number} y @param {number} k */
const centred = (room, x, y, k) => d3.zoomIdentity
  .translate(within(room.wide, scene.wide * k, room.wide / 2 - x * k), room.top + within(room.high, scene.high * k, room.high / 2 - y * k)).scale(k);

const BESIDE = 24; // pixels beside the graph
// Where something of a size begins, moved so that it fills the room if it can.
/** @param {number} room @param {number} size @param {number} start */
const within = (room, size, start) => (size < room - 2 * BESIDE ? start : Math.min(BESIDE, Math.max(room - BESIDE - size, start)));

// The rectangle round cards at these places.
/** @param {number[][]} places */
function around(places) {
  const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
  const [left, top] = [xs.reduce((a, b) => Math.min(a, b)), ys.reduce((a, b) => Math.min(a, b))];
  return { left, top, wide: xs.reduce((a, b) => Math.max(a, b)) + WIDE - left, high: ys.reduce((a, b) => Math.max(a, b)) + HIGH - top };
}

// The part of the stage that no pane covers.
function free() {
  const box = canvas.getBoundingClientRect();
  const over = pane.hidden ? null : pane.getBoundingClientRect();
  const covered = over && over.left < box.right - 1 && over.right > box.left + 1;
  const below = covered && over.top > box.top + 40;
  return { top: 26, wide: covered && !below ? over.left - box.left : viewport.wide, high: (below ? over.top - box.top : viewport.high) - 26 };
}

// The rectangle round what lit lines join to the selected card in so many steps: not its ghosts in
// other parts.
/** @param {Place} place @param {number} steps */
function lineageFrame(place, steps) {
  const { cards, lines } = place.block;
  const lit = lines.filter((line) => state.lit && litLine(place.block, line)).map((line) => [cards[line.from], cards[line.to]]);
  const joined = new Set([place.card]);
  for (let size = 0, step = 0; step < steps && size < joined.size; step += 1) {
    size = joined.size;
    const next = lit.filter(([one, other]) => joined.has(one) || joined.has(other)).flat();
    for (const card of next) joined.add(card);
  }
  return around([...joined].map((card) => [place.block.x + card.x, place.block.y + card.y]));
}

// Open or fold a block; what is above it stays where it is on the screen.
/** @param {Block} block @param {boolean} open */
export function unfold(block, open) {
  if (!block.source.shut || block.open === open) return;
  const anchor = block.y;
  block.open = open;
  arrange();
  const moved = (block.y - anchor) * scene.transform.k;
  if (moved) stage.call(zoomer.translateBy, 0, -moved / scene.transform.k);
}

// What is under a point of the canvas: a card, a line, or nothing.
/** @param {number} px @param {number} py */
export function hit(px, py) {
  const { k, x, y } = scene.transform;
  const at = [(px - x) / k, (py - y) / k];
  for (const block of blocks) {
    if (block.hidden || at[1] < block.y - 12 || at[1] > block.y + block.high + 12) continue;
    const [a, b] = [at[0] - block.x, at[1] - block.y];
    if (block.source.shut && block.open && a > BRACKET - 14 && a < BRACKET + 14 && b > -6 && b < block.high + 6) return { fold: block };
    for (const card of block.cards) {
      if (a >= card.x && a <= card.x + WIDE && b >= card.y && b <= card.y + HIGH) return { card };
    }
  }
  for (const block of blocks) {
    if (block.hidden || at[1] < block.y - 40 || at[1] > block.y + block.high + 40) continue;
    const [a, b] = [at[0] - block.x, at[1] - block.y];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.setLineDash([]);
    context.lineWidth = 9 / k;
    const near = 5 / k;
    for (const line of block.lines) {
      const { left, top, right, bottom } = line.around;
      if (line.link < 0 || a < left - near || a > right + near || b < top - near || b > bottom + near) continue;
      if (context.isPointInStroke(line.path, a, b)) return { line, block };
    }
    for (const box of [...block.boxes].reverse()) {
      if (a >= box.x && a <= box.x + box.wide && b >= box.y && b <= box.y + 24 && box.kind === "ecr-repo") {
        const held = block.cards.find((card) => card.x >= box.x && card.x < box.x + box.wide && card.y >= box.y && card.y < box.y + box.high);
        const repository = held && held.node >= 0 && nodes[held.node].k === 4 ? repositoryOf(held.node) : -1;
        if (repository >= 0) return { box, repository };
      }
    }
  }
  return {};
}
