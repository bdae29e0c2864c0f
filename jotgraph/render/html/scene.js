// Where everything is, and the canvas it is drawn on. Coordinates were baked; here they are only
// added up, block under block, when one is opened or folded.

const canvas = $("canvas");
const context = canvas.getContext("2d");
const map = $("map");
const layout = data.layout;
const BREATH = 30, HEAD = 20, PAD = 14;
const outlines = data.kinds.map((kind) => kind.card.map((path) => new Path2D(path)));
const grades = data.grades.map(([dash, width]) => ({ dash: dash ? dash.split(" ").map(Number) : [], width }));
const blocks = layout.blocks.map((block) => ({
  home: block.home, strip: block.strip, source: block, open: !layout.folded || !block.shut,
  x: 0, y: 0, high: 0, cards: null, lines: null, boxes: null, hidden: false,
}));
const cardOf = new Map(); // node -> the block that holds it
blocks.forEach((block, number) => {
  for (const [node] of block.source.open.cards) if (!cardOf.has(node)) cardOf.set(node, number);
});

const scene = { strips: 1, panels: [], wide: 0, high: 0, transform: d3.zoomIdentity, cards: 0, frames: [] };
let ink = {}; // colours of the theme
let dirty = false;
let wideView = 0, highView = 0, ratio = 1;
let dashOffset = 0, beat = 0;
const FLOWING = 12000; // milliseconds that a lineage is seen to flow after it was lit
const fitted = new Map();

function readInk() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  ink = {
    ground: of("ground"), account: of("account"), region: of("region"), box: of("box"), rim: of("rim"),
    card: of("card"), ink: of("ink"), quiet: of("quiet"), line: of("line"), wrong: of("wrong"),
    focus: of("focus"), pill: of("on-pill"), shadow: of("shadow"),
    kind: data.kinds.map((kind) => of(`kind-${kind.id}`)),
    rank: [0, 1, 2].map((rank) => of(`rank-${rank}`)),
    mark: Object.fromEntries(Object.keys(data.marks).map((mark) => [mark, of(`mark-${mark}`)])),
  };
}

// Turn a block's baked numbers into paths, once for each of its two looks.
function shape(block) {
  const opened = block.open;
  if (block.shaped === opened) return;
  block.shaped = opened;
  block.far = null;
  if (opened) {
    const source = block.source.open;
    block.cards = source.cards.map(([node, x, y, ghost]) => ({ node, x, y, ghost, block }));
    block.lines = source.lines.map(([from, to, grade, wrong, label, link, points]) => {
      const path = new Path2D();
      path.moveTo(points[0], points[1]);
      for (let at = 2; at + 5 < points.length; at += 6) path.bezierCurveTo(...points.slice(at, at + 6));
      return { path, from, to, grade, wrong, label, link, points, around: bounds(points) };
    });
    block.boxes = source.boxes.map(([kind, title, x, y, wide, high]) => ({ kind, title, x, y, wide, high }));
    block.high = source.high;
  } else {
    const source = block.source.shut;
    block.cards = source.stacks.map(([x, kind, title, line, members]) =>
      members.length === 1 ? { node: members[0], x, y: 0, ghost: 0, block }
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

function tallied(members) {
  const counts = new Map();
  for (const each of members) {
    for (const [rank, word] of nodes[each].s ?? []) {
      const key = `${rank} ${word.split(" ").pop()}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, count]) => [Number(key[0]), `${count} ${key.slice(2)}`]);
}

// Which strip each block is in: as baked, or anew for what the filters leave.
function strip() {
  for (const block of blocks) block.strip = block.source.strip;
  if (!layout.foldable || state.passing === null) return layout.strips;
  const left = blocks.filter((block) => !block.hidden);
  const total = left.reduce((sum, block) => sum + block.high + BREATH, 0);
  const count = Math.max(1, Math.round(Math.sqrt((total * 1.5) / (layout.span + layout.gutter))));
  const limit = Math.max(total / count, ...left.map((block) => block.high));
  let at = 0, y = 0;
  for (const block of left) {
    if (y && y + block.high > limit * 1.02 && at < count - 1) [at, y] = [at + 1, 0];
    block.strip = at;
    y += block.high + BREATH;
  }
  return at + 1;
}

// Set blocks under one another, strip by strip, with a panel round each account and region.
function arrange() {
  for (const block of blocks) {
    block.hidden = layout.foldable && state.passing !== null
      && !block.source.open.cards.some(([node]) => passes(node));
    if (!block.hidden) shape(block);
  }
  const strips = strip();
  const tops = new Array(strips).fill(0);
  const step = layout.span + (layout.gutter ?? 0);
  scene.panels = [];
  scene.cards = 0;
  const runs = new Map(); // strip -> what is open there: panels begun and not ended
  const end = (strip, level) => {
    const run = runs.get(strip);
    for (const name of level === 0 ? ["region", "account"] : ["region"]) {
      const panel = run?.[name];
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
      if (run) end(strip, run.home[0] === account ? 1 : 0);
      run = { home: block.home, account: run?.account ?? null, region: null };
      runs.set(strip, run);
      for (const [name, title] of [["account", account], ["region", region]]) {
        if (run[name] || title === "" || title === "*" || !layout.panels) continue;
        const [x, wide] = layout.panels[name];
        run[name] = { kind: name, title: name === "account" ? `account ${title}` : title,
          x: x + strip * step, y: tops[strip], wide, high: 0 };
        tops[strip] += HEAD + PAD;
      }
    }
    block.x = strip * step;
    block.y = tops[strip];
    tops[strip] += block.high + BREATH;
  }
  for (const strip of runs.keys()) end(strip, 0);
  scene.panels.sort((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0));
  scene.strips = strips;
  scene.wide = strips * step - (layout.gutter ?? 0);
  scene.high = Math.max(HIGH, ...tops.map((top) => top - BREATH));
  const room = 60;
  zoomer.translateExtent([[-wideView - room, -highView - room], [scene.wide + wideView + room, scene.high + highView + room]]);
  drawMap();
  redraw();
}

const visible = (block, view) => !block.hidden && block.x < view.right && block.x + layout.span > view.left - 80
  && block.y - 40 < view.bottom && block.y + block.high + 40 > view.top;

function redraw() {
  if (dirty) return;
  dirty = true;
  requestAnimationFrame(paint);
}

function paint() {
  dirty = false;
  const began = performance.now();
  const { k, x, y } = scene.transform;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = ink.ground;
  context.fillRect(0, 0, wideView, highView);
  const view = { left: -x / k, top: -y / k, right: (wideView - x) / k, bottom: (highView - y) / k };
  context.setTransform(ratio * k, 0, 0, ratio * k, ratio * x, ratio * y);
  for (const panel of scene.panels) frame(panel, k);
  const seen = blocks.filter((block) => visible(block, view));
  for (const block of seen) {
    context.setTransform(ratio * k, 0, 0, ratio * k, ratio * (x + block.x * k), ratio * (y + block.y * k));
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
  headings(k, x, y);
  outlineMap();
  scene.frames.push(performance.now() - began);
  if (scene.frames.length > 600) scene.frames.splice(0, 300);
  if (state.litLinks?.size && !REDUCED.matches && !document.hidden) {
    dashOffset = (performance.now() / 40) % 1000;
    clearTimeout(beat);
    if (performance.now() - state.since < FLOWING) beat = setTimeout(redraw, 40);
  }
}

// From far away a block is a few paths: its lines, and its cards by colour; only what is lit or
// wrong is drawn card by card.
const FAR = 0.2;
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
  for (const [kind, path] of block.far.kinds) {
    context.fillStyle = kind < 0 ? ink.wrong : ink.kind[kind];
    context.fill(path);
  }
  context.globalAlpha = 1;
  if (state.lit) strokes(block, k, true);
  for (const card of some ? block.cards : block.far.marked) {
    if (litCard(card) && passesCard(card)) drawCard(card, k);
  }
}

function fromAfar(block) {
  const found = { lines: new Path2D(), wrong: new Path2D(), kinds: new Map(), marked: [] };
  for (const line of block.lines) (line.wrong ? found.wrong : found.lines).addPath(line.path);
  for (const card of block.cards) {
    const node = card.node >= 0 ? nodes[card.node] : null;
    const kind = node?.m ? -1 : node ? node.k : card.kind;
    if (!found.kinds.has(kind)) found.kinds.set(kind, new Path2D());
    found.kinds.get(kind).rect(card.x, card.y + 6, WIDE, HIGH - 12);
    if ((node ? node.s : card.pills)?.some(([rank]) => rank < 2) || node?.o) found.marked.push(card);
  }
  return found;
}

const SIDE_WORDS = { "ecr-repo": "ECR repository", git: "git", function: "function" };

function frame(box, k) {
  const panel = box.kind === "account" || box.kind === "region";
  const radius = box.kind === "account" ? 14 : box.kind === "region" ? 11 : 8;
  context.beginPath();
  context.roundRect(box.x, box.y, box.wide, box.high, radius);
  context.fillStyle = panel ? ink[box.kind] : ink.box;
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = ink.rim;
  context.stroke();
  if (k < 0.22) return;
  context.globalAlpha = k < 0.32 ? (k - 0.22) * 10 : 1;
  context.font = `600 ${panel ? 11 : 10.5}px ${FONT}`;
  context.fillStyle = ink.quiet;
  const side = SIDE_WORDS[box.kind] ?? "";
  context.font = `8.5px ${FONT}`;
  const room = side && box.wide > 150 ? context.measureText(side).width + 10 : 0;
  if (room) {
    context.textAlign = "right";
    context.fillText(side, box.x + box.wide - 12, box.y + 18);
    context.textAlign = "left";
  }
  const size = `600 ${panel ? 11 : 10.5}px ${FONT}`;
  context.font = size;
  context.fillText(fit(box.title, box.wide - 24 - room, size), box.x + 12, box.y + 18);
  context.globalAlpha = 1;
}

// To the left of an opened part: how far it reaches, and where to fold it.
const BRACKET = -30;
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
function litLine(block, line) {
  if (!state.lit) return false;
  if (line.link >= 0) return state.litLinks.has(line.link);
  return litCard(block.cards[line.from]) && litCard(block.cards[line.to]);
}

function litCard(card) {
  if (!state.lit) return true;
  return card.node >= 0 ? state.lit.has(card.node) : card.members.some((each) => state.lit.has(each));
}

const passesCard = (card) => (card.node >= 0 ? passes(card.node) : card.members.some(passes));

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
    context.globalAlpha = (faded ? 0.13 : line.wrong ? 1 : 0.78) * thin;
    context.strokeStyle = line.wrong ? ink.wrong : ink.line;
    context.lineWidth = Math.max(grade.width * (line.wrong ? 1.3 : 1), 0.7 / k);
    context.setLineDash(k > 0.25 ? grade.dash : []);
    context.stroke(line.path);
    if (line.label && !faded && k > 0.4) label(line);
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

function label(line) {
  const at = 6 * Math.floor((line.points.length - 2) / 12);
  const p = line.points.slice(at, at + 8);
  const x = (p[0] + 3 * p[2] + 3 * p[4] + p[6]) / 8, y = (p[1] + 3 * p[3] + 3 * p[5] + p[7]) / 8;
  context.globalAlpha = 1;
  context.font = `8.5px ${FONT}`;
  const wide = context.measureText(line.label).width + 9;
  context.beginPath();
  context.roundRect(x - wide / 2, y - 7, wide, 13, 6);
  context.fillStyle = ink.box;
  context.fill();
  context.fillStyle = ink.quiet;
  context.textAlign = "center";
  context.fillText(line.label, x, y + 2.5);
  context.textAlign = "left";
}

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
const INSETS = [18, 12, 12, 12, 12, 16, 12, 12, 17, 13];

function drawCard(card, k) {
  const node = card.node >= 0 ? nodes[card.node] : null;
  const kind = node ? node.k : card.kind;
  const lit = litCard(card), pass = passesCard(card);
  const selected = card === state.cursor || (card.node >= 0 && card.node === state.selected);
  context.save();
  context.translate(card.x, card.y);
  const unmarked = data.overlay && !state.lit && !state.passing && !(node ? node.o : card.members.some((each) => nodes[each].o));
  context.globalAlpha = !pass ? 0.1 : !lit ? 0.16 : unmarked ? 0.5 : 1;
  const missing = node?.m;
  const colour = missing ? (node.s?.some(([, word]) => word === "missing") ? ink.wrong : ink.quiet) : ink.kind[kind];
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
    context.shadowBlur = (selected ? 16 : 12) * k * ratio;
    context.shadowOffsetY = selected ? 0 : 3 * k * ratio;
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
  if (k < 0.42) dots(node ? node.s : card.pills, k);
  else pills(node, card);
  context.restore();
}

function words(card, node, kind, k) {
  if (k < 0.26) return;
  const inset = INSETS[kind], room = WIDE - inset - Math.max(12, inset - 2);
  const title = node ? node.t : card.title;
  const line = node ? (card.ghost ? `shared · ${node.l}` : node.l) : card.line;
  const size = "600 11.5px " + FONT;
  context.font = size;
  context.fillStyle = node?.m || card.ghost ? ink.quiet : ink.ink;
  context.fillText(fit(title, room, size), inset, line ? 19.5 : 26);
  if (!line || k < 0.36) return;
  const small = "9.5px " + FONT;
  context.font = small;
  context.fillStyle = ink.quiet;
  context.fillText(fit(line, room, small), inset, 33);
}

// As much of a text as there is room for.
function fit(full, room, font) {
  const key = `${font[0]}${room | 0}${full}`;
  const known = fitted.get(key);
  if (known !== undefined) return known;
  let found = full;
  if (context.measureText(full).width > room) {
    let low = 0, high = full.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (context.measureText(full.slice(0, middle) + "…").width <= room) low = middle;
      else high = middle - 1;
    }
    found = full.slice(0, low).trimEnd() + "…";
  }
  if (fitted.size > 20000) fitted.clear();
  fitted.set(key, found);
  return found;
}

function dots(states, k) {
  const worst = states?.length ? Math.min(...states.map(([rank]) => rank)) : 9;
  if (worst > 1) return;
  context.fillStyle = ink.rank[worst];
  context.beginPath();
  context.arc(WIDE - 8, 3, Math.min(14, 3.4 / k), 0, 7);
  context.fill();
}

function pills(node, card) {
  const shown = (node ? node.s : card.pills) ?? [];
  let right = WIDE - 10;
  context.font = `600 8.5px ${FONT}`;
  context.textAlign = "center";
  for (const [rank, word] of shown.slice(0, 3)) right -= onePill(ink.rank[rank], word, right, -7) + 4;
  if (node?.o && ink.mark[node.o]) {
    const wide = context.measureText(data.marks[node.o]).width + 11;
    onePill(ink.mark[node.o], data.marks[node.o], 10 + wide, HIGH - 4);
  }
  if (!node) onePill(ink.quiet, "+", WIDE - 8, HIGH - 6);
  context.textAlign = "left";
}

function onePill(colour, word, right, y) {
  const wide = context.measureText(word).width + 12;
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(right - wide, y, wide, 13.5, 6.75);
  context.fill();
  context.fillStyle = ink.pill;
  context.fillText(word, right - wide / 2, y + 9.8);
  return wide;
}

// The columns' names stay at the top of the view.
function headings(k, x, y) {
  if (k < 0.3) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const bar = 26;
  context.globalAlpha = 0.94;
  context.fillStyle = ink.ground;
  context.fillRect(0, 0, wideView, bar);
  context.globalAlpha = 1;
  context.fillStyle = ink.rim;
  context.fillRect(0, bar, wideView, 1);
  context.fillStyle = ink.quiet;
  context.font = `600 10px ${FONT}`;
  const step = layout.span + (layout.gutter ?? 0);
  for (let at = 0; at < scene.strips; at++) {
    for (const [left, word] of layout.headings) {
      context.fillText(word.toUpperCase(), (left + at * step) * k + x, 17);
    }
  }
}

// The whole estate in a corner: painted when it changes, framed whenever the view moves.
const MAP_WIDE = 180, MAP_HIGH = 110;
const picture = document.createElement("canvas");
let mapScale = 1, mapLeft = 0, mapTop = 0, mapOf = null;

function drawMap() {
  map.hidden = scene.wide * 0.6 < wideView && scene.high * 0.6 < highView;
  mapOf = undefined; // to be painted again, whatever is lit
}

function paintMap() {
  if (mapOf === state.lit && picture.width === MAP_WIDE * ratio) return;
  mapOf = state.lit;
  for (const each of [map, picture]) {
    each.width = MAP_WIDE * ratio;
    each.height = MAP_HIGH * ratio;
  }
  mapScale = Math.min((MAP_WIDE - 12) / scene.wide, (MAP_HIGH - 12) / scene.high);
  mapLeft = (MAP_WIDE - scene.wide * mapScale) / 2;
  mapTop = (MAP_HIGH - scene.high * mapScale) / 2;
  const pen = picture.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  for (const block of blocks) {
    if (block.hidden) continue;
    for (const card of block.cards) {
      pen.globalAlpha = state.lit && !litCard(card) ? 0.18 : 0.75;
      pen.fillStyle = ink.kind[card.node >= 0 ? nodes[card.node].k : card.kind];
      pen.fillRect(mapLeft + (block.x + card.x) * mapScale, mapTop + (block.y + card.y) * mapScale,
        Math.max(1, WIDE * mapScale), Math.max(0.6, HIGH * mapScale));
    }
  }
}

function outlineMap() {
  if (map.hidden) return;
  paintMap();
  const pen = map.getContext("2d");
  const { k, x, y } = scene.transform;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, map.width, map.height);
  pen.drawImage(picture, 0, 0);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.strokeStyle = ink.focus;
  pen.lineWidth = 1.4;
  pen.strokeRect(mapLeft + (-x / k) * mapScale, mapTop + (-y / k) * mapScale, (wideView / k) * mapScale, (highView / k) * mapScale);
}

// What is under a point of the canvas: a card, a line, or nothing.
function hit(px, py) {
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
      if (context.isPointInStroke(line.path, a, b)) return { line };
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

const zoomer = d3.zoom().scaleExtent([0.02, 4]).clickDistance(4).on("zoom", (event) => {
  scene.transform = event.transform;
  $("zoom-level").textContent = `${Math.round(event.transform.k * 100)}%`;
  redraw();
});
const stage = d3.select(canvas);
stage.call(zoomer).on("dblclick.zoom", null);

function resize() {
  const box = canvas.parentElement.getBoundingClientRect();
  ratio = Math.min(3, devicePixelRatio || 1);
  wideView = Math.max(50, box.width);
  highView = Math.max(50, box.height);
  canvas.width = Math.round(wideView * ratio);
  canvas.height = Math.round(highView * ratio);
  redraw();
}

function go(transform, quick) {
  if (quick || REDUCED.matches) stage.call(zoomer.transform, transform);
  else stage.transition().duration(420).ease(d3.easeCubicOut).call(zoomer.transform, transform);
}

// Everything, or, when that would be too small to read, the top at a size that can be read.
function fitAll(quick, whole) {
  const room = 34;
  const all = Math.min((wideView - 2 * room) / scene.wide, (highView - 2 * room) / scene.high, 1.25);
  const across = Math.min((wideView - 2 * room) / (layout.foldable ? layout.span : scene.wide), 1);
  const k = whole || all > 0.5 ? all : Math.max(0.42, Math.min(across, 1));
  const fits = scene.wide * k <= wideView, low = scene.high * k <= highView;
  const x = fits ? (wideView - scene.wide * k) / 2 : room;
  const y = low ? Math.max(room + 6, (highView - scene.high * k) / 2) : room + 6;
  go(d3.zoomIdentity.translate(x, y).scale(k), quick);
}

function placeOf(node) {
  const number = cardOf.get(node);
  if (number === undefined) return null;
  const block = blocks[number];
  if (block.hidden) return null;
  shape(block);
  const card = block.cards.find((each) => each.node === node) ?? block.cards.find((each) => each.members?.includes(node));
  return card ? { card, block, x: block.x + card.x, y: block.y + card.y } : null;
}

// Bring a node into view, opening what folds it away.
function reveal(node, quick) {
  if (!cardOf.has(node)) node = inside.get(node)?.find((each) => cardOf.has(each)) ?? node;
  const number = cardOf.get(node);
  if (number === undefined) return;
  if (!blocks[number].open) unfold(blocks[number], true);
  const place = placeOf(node);
  if (!place) return;
  const room = free();
  const { k } = scene.transform;
  const frame = lineageFrame(place);
  const all = Math.min((room.wide - 60) / frame.wide, (room.high - 90) / frame.high, 1.15);
  const scale = all >= 0.42 ? Math.max(Math.min(all, Math.max(k, 0.85)), 0.42) : Math.max(Math.min(k, 1.15), 0.7);
  const centre = all >= 0.42 ? [frame.x + frame.wide / 2, frame.y + frame.high / 2] : [place.x + WIDE / 2, place.y + HIGH / 2];
  go(d3.zoomIdentity.translate(room.left + room.wide / 2 - centre[0] * scale, room.top + room.high / 2 - centre[1] * scale).scale(scale), quick);
}

// The part of the stage that no pane covers.
function free() {
  const box = canvas.getBoundingClientRect();
  const over = pane.hidden ? null : pane.getBoundingClientRect();
  const covered = over && over.left < box.right - 1 && over.right > box.left + 1;
  const below = covered && over.top > box.top + 40;
  return { left: 0, top: 26, wide: covered && !below ? over.left - box.left : wideView, high: (below ? over.top - box.top : highView) - 26 };
}

// The rectangle round what is lit in the selected card's own part of the picture.
function lineageFrame(place) {
  let [left, top, right, bottom] = [place.x, place.y, place.x + WIDE, place.y + HIGH];
  for (const card of place.block.cards) {
    if (card.node < 0 || !state.lit?.has(card.node)) continue;
    const x = place.block.x + card.x, y = place.block.y + card.y;
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + WIDE), Math.max(bottom, y + HIGH)];
  }
  return { x: left, y: top, wide: right - left, high: bottom - top };
}

// Open or fold a block; what is above it stays where it is on the screen.
function unfold(block, open) {
  if (!block.source.shut || block.open === open) return;
  const anchor = block.y;
  block.open = open;
  arrange();
  const moved = (block.y - anchor) * scene.transform.k;
  if (moved) stage.call(zoomer.translateBy, 0, -moved / scene.transform.k);
}
