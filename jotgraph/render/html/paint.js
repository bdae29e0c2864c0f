// The canvas: panels, boxes, lines; everything that moves with the view.

import { data, flow, HIGH, links, nodes, passes, REDUCED, state, WIDE } from "./model.js";
import { blocks, context, grades, layout, scene, STEP, viewport, visible } from "./scene.js";
import { drawCard, fit, FONT, grown, NEAR, SMALLEST } from "./card.js";
import { outlineMap } from "./map.js";

/** @type {Ink} */
export let ink; // colours of the theme
let dirty = false;
let dashOffset = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let beat;
const FLOWING = 12000; // milliseconds that a lineage is seen to flow after it was lit

export function readInk() {
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  ink = {
    ground: of("ground"), account: of("account"), region: of("region"), box: of("box"), rim: of("rim"),
    card: of("card"), ink: of("ink"), quiet: of("quiet"), line: of("line"), wrong: of("wrong"),
    focus: of("focus"), pill: of("on-pill"), shadow: of("shadow"),
    edge: of("edge"),
    cards: { 0: { fill: of("fill-0"), edge: of("edge-0") }, 1: { fill: of("fill-1"), edge: of("edge-1") } },
    pills: [0, 1, 2].map((rank) => ({ ground: of(`pill-${rank}`), text: of(`on-pill-${rank}`) })),
    mark: Object.fromEntries(Object.keys(data.marks).map((mark) => [mark, of(`mark-${mark}`)])),
  };
}

export function redraw() {
  if (dirty) return;
  dirty = true;
  requestAnimationFrame(paint);
}

export function paint() {
  dirty = false;
  const { k, x, y } = scene.transform;
  context.setTransform(viewport.ratio, 0, 0, viewport.ratio, 0, 0);
  context.fillStyle = ink.ground;
  context.fillRect(0, 0, viewport.wide, viewport.high);
  const view = { left: -x / k, top: -y / k, right: (viewport.wide - x) / k, bottom: (viewport.high - y) / k };
  context.setTransform(viewport.ratio * k, 0, 0, viewport.ratio * k, viewport.ratio * x, viewport.ratio * y);
  for (const panel of scene.panels) frame(panel, k);
  const seen = blocks.filter((block) => visible(block, view));
  for (const block of seen) {
    context.setTransform(viewport.ratio * k, 0, 0, viewport.ratio * k, viewport.ratio * (x + block.x * k), viewport.ratio * (y + block.y * k));
    if (k < FAR) {
      far(block, k);
      continue;
    }
    if (block.source.shut && block.open) bracket(block, k);
    for (const box of block.boxes) frame(box, k);
    const top = view.top - block.y - 60, bottom = view.bottom - block.y + 20;
    const left = view.left - block.x - WIDE - 10, right = view.right - block.x + 10;
    strokes(block, k, false, (line) => line.around.bottom > top && line.around.top < bottom && line.around.right > left && line.around.left < right);
    context.setLineDash([]);
    for (const card of block.cards) {
      if (card.y > top && card.y < bottom && card.x > left && card.x < right) drawCard(card, k);
    }
  }
  headings(k, x);
  outlineMap();
  scene.painted += 1;
  if (state.litLinks?.size && !REDUCED.matches && !document.hidden) {
    dashOffset = (performance.now() / 40) % 1000;
    clearTimeout(beat);
    if (performance.now() - state.since < FLOWING) beat = setTimeout(redraw, 40);
  }
}

// From far away a block is a few paths: its lines, and its cards by colour; only what is lit or
// wrong is drawn card by card.
export const FAR = 0.2;
/** @param {Block} block @param {number} k */
function far(block, k) {
  block.far ??= fromAfar(block);
  const some = state.lit !== null || state.passing !== null;
  context.setLineDash([]);
  context.lineWidth = 0.7 / k;
  context.globalAlpha = some ? 0.08 : 0.4;
  context.strokeStyle = ink.line;
  context.stroke(block.far.lines);
  context.globalAlpha = some ? 0.1 : 0.9;
  context.strokeStyle = ink.wrong;
  context.stroke(block.far.wrong);
  context.globalAlpha = some ? 0.14 : 0.8;
  for (const [rank, path] of block.far.ranks) {
    context.fillStyle = afar(rank);
    context.fill(path);
  }
  context.globalAlpha = 1;
  if (state.lit) strokes(block, k, true);
  for (const card of some ? block.cards : block.far.marked) {
    if (litCard(card) && passesCard(card)) drawCard(card, k);
  }
}

/** @param {Block} block */
function fromAfar(block) {
  /** @type {FarBlock} */
  const found = { lines: new Path2D(), wrong: new Path2D(), ranks: new Map(), marked: [] };
  for (const line of block.lines) (line.wrong ? found.wrong : found.lines).addPath(line.path);
  for (const card of block.cards) {
    const node = card.node >= 0 ? nodes[card.node] : null;
    const rank = worstOf(card);
    const path = found.ranks.get(rank) ?? new Path2D();
    path.rect(card.x, card.y + 6, WIDE, HIGH - 12);
    found.ranks.set(rank, path);
    if (rank < 2 || node?.o) found.marked.push(card);
  }
  return found;
}

// The worst of a card's states: 0 is wrong, 1 worth a look; above that a card is plain.
/** @param {Card} card */
export const worstOf = (card) => Math.min(9, ...((card.node >= 0 ? nodes[card.node].s : card.pills) ?? []).map(([rank]) => rank));

// The colour of a card that is too small for words.
/** @param {number} rank */
export const afar = (rank) => (rank < 2 ? ink.pills[rank].ground : ink.edge);

/** @type {Record<string, string>} */
const SIDE_WORDS = { "ecr-repo": "ECR repository", git: "git", function: "function" };

/** @param {Frame} box @param {number} k */
function frame(box, k) {
  const panel = box.kind === "account" || box.kind === "region";
  const radius = box.kind === "account" ? 14 : box.kind === "region" ? 11 : 8;
  context.beginPath();
  context.roundRect(box.x, box.y, box.wide, box.high, radius);
  context.fillStyle = box.kind === "account" ? ink.account : box.kind === "region" ? ink.region : ink.box;
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = ink.rim;
  context.stroke();
  if (k < 0.22) return;
  context.globalAlpha = k < 0.32 ? (k - 0.22) * 10 : 1;
  context.fillStyle = ink.quiet;
  const side = 12 * k < SMALLEST ? "" : SIDE_WORDS[box.kind] ?? "";
  context.font = `12px ${FONT}`;
  const room = side && box.wide > 150 ? context.measureText(side).width + 10 : 0;
  if (room) {
    context.textAlign = "right";
    context.fillText(side, box.x + box.wide - 12, box.y + 18);
    context.textAlign = "left";
  }
  const high = grown(12, SMALLEST, 22, k);
  const size = `600 ${high}px ${FONT}`;
  context.font = size;
  context.fillText(fit(box.title, box.wide - 24 - room, size), box.x + 12, box.y + (panel ? 16 : 16 - (high - 12) / 3) + high * 0.36);
  context.globalAlpha = 1;
}

// To the left of an opened part: how far it reaches, and where to fold it.
export const BRACKET = -30;
/** @param {Block} block @param {number} k */
function bracket(block, k) {
  context.globalAlpha = state.hoveredFold === block ? 1 : 0.7;
  context.strokeStyle = context.fillStyle = state.hoveredFold === block ? ink.focus : ink.quiet;
  context.lineWidth = Math.max(1.2, 0.8 / k);
  context.beginPath();
  context.moveTo(BRACKET, 18);
  context.lineTo(BRACKET, block.high - 6);
  context.quadraticCurveTo(BRACKET, block.high, BRACKET + 6, block.high);
  context.stroke();
  context.beginPath();
  context.arc(BRACKET, 9, 9, 0, 7);
  context.fill();
  context.strokeStyle = ink.pill;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(BRACKET - 4, 9);
  context.lineTo(BRACKET + 4, 9);
  context.stroke();
  context.globalAlpha = 1;
}

// A line is lit when its link is; one of a folded row when both its stacks hold something lit.
/** @param {Block} block @param {Line} line */
export function litLine(block, line) {
  if (!state.lit) return false;
  if (line.link >= 0) return state.litLinks?.has(line.link) ?? false;
  return litCard(block.cards[line.from]) && litCard(block.cards[line.to]);
}

/**
 * The nodes that a card stands for.
 * @param {Card} card
 */
export const membersOf = (card) => (card.node >= 0 ? [card.node] : card.members ?? []);

/** @param {Card} card */
export function litCard(card) {
  const { lit } = state;
  return lit === null || membersOf(card).some((each) => lit.has(each));
}

/** @param {Card} card */
export const passesCard = (card) => membersOf(card).some(passes);

const UNLIT_LINE = 0.35;
const MAY_RUN = [2, 5];
/** @param {Line} line */
const mayRun = (line) => line.link >= 0 && links[line.link][3].join() === "may-run";

/**
 * @param {Block} block
 * @param {number} k
 * @param {boolean} onlyLit
 * @param {(line: Line) => boolean} [inView]
 */
function strokes(block, k, onlyLit, inView = () => true) {
  const thin = Math.min(1, 0.45 + k);
  const bright = [];
  for (const line of block.lines) {
    if (!inView(line)) continue;
    if (state.lit && litLine(block, line)) {
      bright.push(line);
      continue;
    }
    if (onlyLit) continue;
    const grade = grades[line.grade - 1];
    const faded = state.lit || !passesCard(block.cards[line.from]) || !passesCard(block.cards[line.to]);
    context.globalAlpha = (faded ? UNLIT_LINE : line.wrong ? 1 : 0.78) * thin;
    context.strokeStyle = line.wrong ? ink.wrong : ink.line;
    context.lineWidth = Math.max(grade.width * (line.wrong ? 1.3 : 1), 0.7 / k);
    context.setLineDash(k > 0.25 ? (mayRun(line) ? MAY_RUN : grade.dash) : []);
    context.stroke(line.path);
    if (line.label && !faded && k > (mayRun(line) ? NEAR : 0.4)) label(line);
  }
  for (const line of bright) {
    context.setLineDash([]);
    context.globalAlpha = 0.28;
    context.strokeStyle = line.wrong ? ink.wrong : ink.focus;
    context.lineWidth = Math.max(5, 3 / k);
    context.stroke(line.path);
    context.globalAlpha = 1;
    context.lineWidth = Math.max(1.9, 1.4 / k);
    const links_ = line.link >= 0 ? links[line.link] : null;
    const backwards = links_ && block.cards[line.from].node !== flow[line.link][0];
    context.setLineDash([7, 5]);
    context.lineDashOffset = backwards ? dashOffset : -dashOffset;
    context.stroke(line.path);
    context.lineDashOffset = 0;
    if (line.label && k > 0.4) label(line);
  }
  context.globalAlpha = 1;
}

// The point halfway along the middle curve of a line.
/** @param {Line} line */
export function middle(line) {
  const at = 6 * Math.floor((line.points.length - 2) / 12);
  const p = line.points.slice(at, at + 8);
  return [(p[0] + 3 * p[2] + 3 * p[4] + p[6]) / 8, (p[1] + 3 * p[3] + 3 * p[5] + p[7]) / 8];
}

/** @param {Line} line */
function label(line) {
  const [x, y] = middle(line);
  context.globalAlpha = 1;
  const high = grown(12, SMALLEST, 22, scene.transform.k);
  context.font = `${high}px ${FONT}`;
  const wide = context.measureText(line.label).width + 9;
  context.beginPath();
  context.roundRect(x - wide / 2, y - high * 0.7, wide, high * 1.4, high * 0.6);
  context.fillStyle = ink.box;
  context.fill();
  context.fillStyle = ink.quiet;
  context.textAlign = "center";
  context.fillText(line.label, x, y + high * 0.35);
  context.textAlign = "left";
}

// The columns' names stay at the top of the view.
/** @param {number} k @param {number} x */
function headings(k, x) {
  if (k < 0.3 || !nodes.length) return;
  context.setTransform(viewport.ratio, 0, 0, viewport.ratio, 0, 0);
  const bar = 26;
  context.fillStyle = ink.ground;
  context.fillRect(0, 0, viewport.wide, bar);
  context.fillStyle = ink.rim;
  context.fillRect(0, bar, viewport.wide, 1);
  context.fillStyle = ink.quiet;
  context.font = `600 11px ${FONT}`;
  for (let at = 0; at < scene.strips; at++) {
    for (const [number, [left, word]] of layout.headings.entries()) {
      const room = ((layout.headings[number + 1]?.[0] ?? Infinity) - left) * k - 8;
      context.fillText(fit(word.toUpperCase(), room, context.font), (left + at * STEP) * k + x, 17);
    }
  }
}
