// Where everything is, and the canvas it is drawn on. Coordinates were baked; here they are only
// added up, block under block, when one is opened or folded.

import { $, data, HIGH, nodes, passes, state, stateWord, WIDE } from "./model.js";
import { redraw } from "./paint.js";
import { drawMap } from "./map.js";
import { zoomer } from "./view.js";

/**
 * The pen of a canvas.
 * @param {HTMLCanvasElement} paper
 */
export function penOf(paper) {
  const pen = paper.getContext("2d");
  if (!pen) throw new Error("this browser has no canvas");
  return pen;
}

export const canvas = $("canvas");
/** What holds the canvas. */
export const holder = /** @type {HTMLElement} */ (canvas.parentElement);
export const context = penOf(canvas);
export const map = $("map");
export const layout = data.layout;
export const STEP = layout.span + (layout.gutter ?? 0); // from strip to strip
const BREATH = 30, HEAD = 20, PAD = 14;
export const outlines = data.kinds.map((kind) => kind.card.map((path) => new Path2D(path)));
export const grades = data.grades.map(([dash, width]) => ({ dash: dash ? dash.split(" ").map(Number) : [], width }));
/** @type {Block[]} */
export const blocks = layout.blocks.map((block) => ({
  home: block.home, strip: block.strip, source: block, open: !layout.folded || !block.shut,
  kept: 0, x: 0, y: 0, high: 0, cards: [], lines: [], boxes: [], far: null, hidden: false,
}));
/** @type {Map<number, number>} */
export const cardOf = new Map(); // node -> the block that holds it
blocks.forEach((block, number) => {
  for (const [node] of block.source.open.cards) if (!cardOf.has(node)) cardOf.set(node, number);
});

/** @type {Scene} */
export const scene = { strips: 1, panels: [], wide: 0, high: 0, transform: d3.zoomIdentity, cards: 0, painted: 0,
  opened: false, kept: 0 }; // opened: all at once, which asks for other strips; these are kept
export const viewport = { wide: 0, high: 0, ratio: 1 }; // the canvas on the screen; ratio: its pixels for each of CSS

// Turn a block's baked numbers into paths, once for each of its two looks.
/** @param {Block} block */
export function shape(block) {
  const opened = block.open;
  if (block.shaped === opened) return;
  block.shaped = opened;
  block.far = null;
  if (opened || !block.source.shut) {
    const source = block.source.open;
    block.cards = source.cards.map(([node, x, y, ghost]) => ({ node, x, y, kind: nodes[node].k, ghost, block }));
    block.lines = source.lines.map(([from, to, grade, wrong, label, link, points]) => {
      const path = new Path2D();
      path.moveTo(points[0], points[1]);
      for (let at = 2; at + 5 < points.length; at += 6) {
        const [ax, ay, bx, by, x, y] = points.slice(at, at + 6);
        path.bezierCurveTo(ax, ay, bx, by, x, y);
      }
      return { path, from, to, grade, wrong, label, link, points, around: bounds(points) };
    });
    block.boxes = source.boxes.map(([kind, title, x, y, wide, high]) => ({ kind, title, x, y, wide, high }));
    block.high = source.high;
  } else {
    const source = block.source.shut;
    const ghosts = new Set(block.source.open.cards.filter(([, , , ghost]) => ghost).map(([node]) => node));
    block.cards = source.stacks.map(([x, kind, title, line, members]) =>
      members.length === 1 ? { node: members[0], x, y: 0, kind, ghost: ghosts.has(members[0]) ? 1 : 0, block }
        : { node: -1, x, y: 0, kind, title, line, members, pills: tallied(members), block });
    block.lines = source.lines.map(([from, to, grade, wrong, count]) => {
      const a = block.cards[from].x + WIDE, b = block.cards[to].x, y = HIGH / 2;
      const path = new Path2D();
      path.moveTo(a, y);
      path.lineTo(b, y);
      const points = [a, y, a + (b - a) / 3, y, b - (b - a) / 3, y, b, y];
      return { path, from, to, grade, wrong, label: count > 1 ? `×${count}` : "", link: -1, points, around: bounds(points) };
    });
    block.boxes = [];
    block.high = HIGH;
  }
}

// A curve stays within its control points.
/** @param {number[]} points */
function bounds(points) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at < points.length; at += 2) {
    left = Math.min(left, points[at]);
    right = Math.max(right, points[at]);
    top = Math.min(top, points[at + 1]);
    bottom = Math.max(bottom, points[at + 1]);
  }
  return { left, top, right, bottom };
}

/**
 * @param {number[]} members
 * @returns {StateWord[]}
 */
function tallied(members) {
  /** @type {Map<string, [rank: number, own: string, count: number]>} */
  const counts = new Map();
  for (const each of members) {
    for (const state_ of nodes[each].s ?? []) {
      const [rank, own] = [state_[0], stateWord(state_)];
      const count = counts.get(`${rank} ${own}`)?.[2] ?? 0;
      counts.set(`${rank} ${own}`, [rank, own, count + 1]);
    }
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, [rank, own, count]]) => [rank, `${count} ${own}`, own]);
}

// Which strip each block is in: as baked, or anew for what the filters leave, or when all was opened.
function assignStrips() {
  const whole = state.passing === null;
  if (!layout.foldable || (whole && !scene.opened)) {
    for (const block of blocks) block.strip = block.source.strip;
    return layout.strips;
  }
  if (whole && scene.kept) {
    for (const block of blocks) block.strip = block.kept;
    return scene.kept;
  }
  const left = blocks.filter((block) => !block.hidden);
  const total = left.reduce((sum, block) => sum + block.high + BREATH, 0);
  const count = Math.max(1, Math.round(Math.sqrt((total * 1.5) / STEP)));
  let limit = left.reduce((most, block) => Math.max(most, block.high), total / count);
  let at = count;
  for (; at >= count; limit *= 1.03) {
    let y = at = 0;
    for (const block of left) {
      if (y && y + block.high > limit) [at, y] = [at + 1, 0];
      block.strip = at;
      y += block.high + BREATH;
    }
  }
  if (whole) {
    for (const block of blocks) block.kept = block.strip;
    scene.kept = at + 1;
  }
  return at + 1;
}

// Set blocks under one another, strip by strip, with a panel round each account and region.
export function arrange() {
  for (const block of blocks) {
    block.hidden = layout.foldable && state.passing !== null
      && !block.source.open.cards.some(([node]) => passes(node));
    if (!block.hidden) shape(block);
  }
  const strips = assignStrips();
  const tops = new Array(strips).fill(0);
  scene.panels = [];
  scene.cards = 0;
  /** @type {Map<number, Run>} */
  const runs = new Map(); // strip -> what is open there: panels begun and not ended
  const begun = new Set(); // places with a panel already: the next goes on from it
  /** @param {number} strip @param {Run} run @param {PanelKind[]} kinds */
  const end = (strip, run, kinds) => {
    for (const name of kinds) {
      const panel = run[name];
      if (!panel) continue;
      tops[strip] += PAD - BREATH;
      panel.high = tops[strip] - panel.y;
      tops[strip] += BREATH;
      scene.panels.push(panel);
      run[name] = null;
    }
  };
  for (const block of blocks) {
    const strip = block.strip;
    const [account, region] = block.home;
    if (block.hidden) continue;
    scene.cards += block.cards.length;
    let run = runs.get(strip);
    if (!run || run.home[0] !== account || run.home[1] !== region) {
      if (run) end(strip, run, run.home[0] === account ? ["region"] : ["region", "account"]);
      run = { home: block.home, account: run?.account ?? null, region: null };
      runs.set(strip, run);
      for (const [name, title] of /** @type {[PanelKind, string][]} */ ([["account", account], ["region", region]])) {
        if (run[name] || title === "" || title === "*" || !layout.panels) continue;
        const [x, wide] = layout.panels[name];
        const place = name === "account" ? account : `${account} ${region}`;
        const called = data.accounts[title] ? ` (${data.accounts[title]})` : "";
        const said = name === "account" ? `account ${title}${called}` : title;
        run[name] = { kind: name, title: begun.has(place) ? `${said}, continued` : said,
          x: x + strip * STEP, y: tops[strip], wide, high: 0 };
        begun.add(place);
        tops[strip] += HEAD + PAD;
      }
    }
    block.x = strip * STEP;
    block.y = tops[strip];
    tops[strip] += block.high + BREATH;
  }
  for (const [strip, run] of runs) end(strip, run, ["region", "account"]);
  scene.panels.sort((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0));
  scene.strips = strips;
  scene.wide = strips * STEP - (layout.gutter ?? 0);
  scene.high = Math.max(HIGH, ...tops.map((top) => top - BREATH));
  const room = 60;
  zoomer.translateExtent([[-viewport.wide - room, -viewport.high - room], [scene.wide + viewport.wide + room, scene.high + viewport.high + room]]);
  tellFolding();
  drawMap();
  redraw();
}

export const foldedAway = () => blocks.some((block) => block.source.shut && !block.open);

function tellFolding() {
  $("unfold").hidden = !blocks.some((block) => block.source.shut);
  $("unfold").textContent = foldedAway() ? "Open all" : "Fold all";
}

/** @param {boolean} open */
export function openAll(open) {
  scene.opened = open && layout.folded === true;
  scene.kept = 0;
  for (const block of blocks) if (block.source.shut) block.open = open;
  arrange();
}

/** @param {Block} block @param {Rect} view */
export const visible = (block, view) => !block.hidden && block.x < view.right && block.x + layout.span > view.left - 80
  && block.y - 40 < view.bottom && block.y + block.high + 40 > view.top;
