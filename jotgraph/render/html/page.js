// Selection, keys, theme, address, and the start.

function say(words) {
  $("status").textContent = words;
}

const anchor = (node) => `#${encodeURIComponent(nodes[node].i)}`;

// Select a node (-1: nothing): light its lineage, show its details, name it in the address.
function select(node, options = {}) {
  state.selected = node;
  state.line = -1;
  state.cursor = null;
  if (node >= 0) $("legend").firstElementChild.open = false;
  if (node < 0) {
    state.lit = state.litLinks = null;
    pane.hidden = true;
    if (location.hash) history.replaceState(null, "", location.href.split("#")[0]);
    say("Nothing is selected");
  } else {
    const { lit, used, before, after } = lineage(node);
    for (const each of inside.get(node) ?? []) lit.add(each);
    state.lit = lit;
    state.litLinks = used;
    state.since = performance.now();
    showNode(node);
    if (!options.fromAddress && location.hash !== anchor(node)) history.pushState(null, "", anchor(node));
    const each = nodes[node];
    say([`${data.kinds[each.k].word} ${called(each)}`, ...(each.s ?? []).map(([, word]) => word),
      `comes from ${before.size}, leads to ${after.size}`].join(", "));
  }
  resize();
  if (node >= 0) reveal(node, options.quick);
  markRow();
  redraw();
}

function selectLine(number) {
  state.selected = -1;
  state.line = number;
  const [source, target] = links[number];
  state.lit = new Set([source, target]);
  state.litLinks = new Set([number]);
  state.since = performance.now();
  showLine(number);
  say(`link: ${called(nodes[source])} ${links[number][3].map((each) => data.relations[each]).join(", ")} ${called(nodes[target])}`);
  resize();
  redraw();
}

function fromAddress(quick) {
  let wanted = "";
  try {
    wanted = decodeURIComponent(location.hash.slice(1));
  } catch {
    return;
  }
  const node = byId.get(wanted);
  if (node !== undefined) select(node, { fromAddress: true, quick });
  else if (!wanted && state.selected >= 0) select(-1);
}

// The nearest card in a direction; left and right follow the lines first.
function step(key) {
  const at = state.cursor;
  const here = at && !at.block.hidden ? { card: at, block: at.block, x: at.block.x + at.x, y: at.block.y + at.y }
    : state.selected >= 0 ? placeOf(state.selected) : null;
  if (!here) {
    const first = blocks.find((block) => !block.hidden)?.cards[0];
    if (first) goTo(first);
    return;
  }
  const across = key === "ArrowLeft" || key === "ArrowRight";
  const sign = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
  const linked = new Set();
  if (across) {
    here.block.lines.forEach((line) => {
      if (here.block.cards[line.from] === here.card) linked.add(here.block.cards[line.to]);
      if (here.block.cards[line.to] === here.card) linked.add(here.block.cards[line.from]);
    });
  }
  let best = null, least = Infinity;
  for (const block of blocks) {
    if (block.hidden || Math.abs(block.y - here.y) > 4000) continue;
    for (const card of block.cards) {
      if (card === here.card || !passesCard(card)) continue;
      const dx = block.x + card.x - here.x, dy = block.y + card.y - here.y;
      const ahead = (across ? dx : dy) * sign;
      if (ahead < 4) continue;
      const away = across ? Math.abs(dy) : Math.abs(dx);
      const far = ahead + away * (across ? 2 : 6) - (linked.has(card) ? 1e5 : 0);
      if (far < least) [best, least] = [card, far];
    }
  }
  if (best) goTo(best);
}

// The keys select a card; a stack they only point at, until Enter opens it.
function goTo(card) {
  if (card.node >= 0) return select(card.node);
  select(-1);
  state.cursor = card;
  say(`${card.title}, ${card.line}, ${card.pills.map(([, word]) => word).join(", ")}; Enter opens them`);
  const { k, x, y } = scene.transform;
  const left = (card.block.x + card.x) * k + x, top = (card.block.y + card.y) * k + y;
  if (left < 10 || top < 40 || left + WIDE * k > wideView - 10 || top + HIGH * k > highView - 10) {
    go(d3.zoomIdentity.translate(wideView / 2 - (card.block.x + card.x + WIDE / 2) * k, highView / 2 - (card.block.y + card.y) * k).scale(k));
  }
  redraw();
}

function openCard(card) {
  if (card.node >= 0) return select(card.node);
  if (state.selected >= 0) select(-1);
  unfold(card.block, true);
}

canvas.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.startsWith("Arrow")) step(event.key);
  else if (event.key === "Enter" && state.cursor) {
    const [block, first] = [state.cursor.block, state.cursor.members[0]];
    unfold(block, true);
    select(first);
  } else if (event.key === "Enter" && state.selected >= 0) pane.querySelector("h2")?.focus();
  else if (event.key === "Enter") step("ArrowRight");
  else return;
  event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open) return;
  if (event.key === "Escape") {
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (state.selected >= 0 || state.line >= 0) {
      select(-1);
      canvas.focus({ preventScroll: true });
    } else if (state.passing) clearFilters();
    return;
  }
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const act = {
    "/": () => { query.focus(); query.select(); },
    "?": () => $("keys").showModal(),
    "+": () => stage.transition().duration(160).call(zoomer.scaleBy, 1.35),
    "=": () => stage.transition().duration(160).call(zoomer.scaleBy, 1.35),
    "-": () => stage.transition().duration(160).call(zoomer.scaleBy, 1 / 1.35),
    0: () => fitAll(false, true), f: () => fitAll(false, true), l: toggleList, t: toggleTheme,
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

canvas.addEventListener("click", (event) => {
  if (event.defaultPrevented) return;
  tip.hidden = true;
  const { card, line, repository, fold } = hit(event.offsetX, event.offsetY);
  if (fold) unfold(fold, false);
  else if (card) openCard(card);
  else if (repository !== undefined) select(repository);
  else if (line) selectLine(line.link);
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
    : fold ? ["Fold this part"] : line ? [links[line.link][3].map((each) => data.relations[each]).join(", "), `${GRADE_WORDS[line.grade - 1]}: click for the evidence`] : null;
  tip.hidden = !said;
  if (!said) return;
  tip.replaceChildren(...said.filter(Boolean).map((each, number) => el(number ? "span" : "strong", { text: each })));
  const box = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(6, Math.min(event.offsetX + 14, wideView - box.width - 8))}px`;
  tip.style.top = `${event.offsetY + 18 + box.height > highView ? event.offsetY - box.height - 12 : event.offsetY + 18}px`;
});
canvas.addEventListener("pointerleave", () => {
  tip.hidden = true;
  if (state.hovered) {
    state.hovered = null;
    redraw();
  }
});

function tipOf(node) {
  const each = nodes[node];
  return [called(each), each.l, each.i.length > 90 ? `${each.i.slice(0, 88)}…` : each.i, ...(each.s ?? []).map(([, word]) => word)];
}

map.addEventListener("pointerdown", (event) => {
  const move = (at) => {
    const box = map.getBoundingClientRect();
    const x = (at.clientX - box.left - mapLeft) / mapScale;
    const y = (at.clientY - box.top - mapTop) / mapScale;
    const { k } = scene.transform;
    stage.call(zoomer.transform, d3.zoomIdentity.translate(wideView / 2 - x * k, highView / 2 - y * k).scale(k));
  };
  move(event);
  map.setPointerCapture(event.pointerId);
  map.onpointermove = move;
  map.onpointerup = () => (map.onpointermove = null);
});

function toggleList() {
  const shown = document.body.classList.toggle("without-list");
  $("toggle-list").setAttribute("aria-pressed", String(!shown));
  resize();
}

function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("jotgraph-theme", root.dataset.theme);
  } catch {
    // a file may not keep anything: the choice lasts as long as the page
  }
  readInk();
  drawMap();
  redraw();
}

function tally() {
  const counts = data.kinds.map(() => 0);
  for (const node of nodes) counts[node.k] += 1;
  const shown = [5, 4, 0, 9].filter((kind) => counts[kind]).map((kind) =>
    el("span", {}, el("b", { text: counts[kind].toLocaleString("en") }), ` ${counts[kind] === 1 ? data.kinds[kind].word : data.kinds[kind].plural}`));
  const ask = (look, words, count, label) => {
    if (count) shown.push(el("button", { type: "button", class: look, title: "Show only these", on: { click: () => only("state", words) } }, el("b", { text: count.toLocaleString("en") }), label));
  };
  const bad = [...stateRank].filter(([, rank]) => rank === 0).map(([word]) => word);
  ask("wrong", bad, nodes.filter((node) => node.s?.some(([rank]) => rank === 0)).length, " wrong");
  const orphans = nodes.filter((node) => stateWords(node).includes("orphan")).length;
  ask("look", ["orphan"], orphans, orphans === 1 ? " orphan" : " orphans");
  $("tally").replaceChildren(...shown);
}

function legend() {
  const used = new Set(nodes.map((node) => node.k));
  const line = (grade) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 26 8");
    svg.setAttribute("class", "sample-line");
    svg.setAttribute("aria-hidden", "true");
    const made = document.createElementNS("http://www.w3.org/2000/svg", "path");
    made.setAttribute("d", "M0 4H26");
    made.setAttribute("stroke-width", String(data.grades[grade][1] * 1.1));
    if (data.grades[grade][0]) made.setAttribute("stroke-dasharray", data.grades[grade][0]);
    svg.append(made);
    return svg;
  };
  const grown = new Set(links.map(([, , grade]) => grade - 1));
  $("legend").replaceChildren(el("details", { open: canvas.parentElement.clientWidth > 700 }, el("summary", { text: "Legend" }),
    el("ul", {}, data.kinds.map((kind, number) => (used.has(number) ? el("li", {}, sample(number), el("span", { text: kind.word })) : null)),
      [3, 2, 1, 0].filter((grade) => grown.has(grade)).map((grade) => el("li", {}, line(grade), el("span", { text: data.grades[grade][2] }))),
      el("li", {}, el("span", { class: "dot rank-0" }), el("span", { text: "what is wrong" })))));
}

function captions() {
  const gaps = data.gaps.length;
  $("title").textContent = data.title;
  $("caption").replaceChildren(...data.caption.filter((each) => !/^(no gaps|\d+ gaps?:)/.test(each)).map((each) => el("span", { text: each })),
    gaps ? el("button", { type: "button", class: "gaps", text: plural(gaps, "gap", "gaps"), title: "What was not read", on: { click: showGaps } }) : el("span", { text: "no gaps" }));
}

function showGaps() {
  state.selected = -1;
  pane.replaceChildren(el("header", {}, el("div", { class: "what" }, el("span", { text: "scope" }),
    el("button", { type: "button", class: "close", "aria-label": "Close the details", text: "×", on: { click: () => select(-1) } })),
    el("h2", { tabindex: "-1", text: "What was not read" }), el("p", { class: "line", text: "Unread is never absent: what these hide may exist." })),
    ...data.gaps.slice(0, 200).map((gap) => section(`${gap.service} ${gap.action}: ${gap.reason}`,
      el("p", { class: "quiet", text: [gap.account, gap.region, gap.resource].filter(Boolean).join(" · ") }), gap.detail ? el("p", { text: gap.detail }) : null)));
  pane.hidden = false;
  resize();
}

function start() {
  const began = performance.now();
  try {
    const kept = localStorage.getItem("jotgraph-theme");
    if (kept === "dark" || kept === "light") document.documentElement.dataset.theme = kept;
  } catch {
    // as above
  }
  readInk();
  if (innerWidth < 900) document.body.classList.add("without-list");
  $("toggle-list").setAttribute("aria-pressed", String(innerWidth >= 900));
  captions();
  tally();
  menus();
  legend();
  resize();
  arrange();
  showList();
  fitAll(true);
  if (layout.foldable) {
    const all = $("unfold");
    all.hidden = !blocks.some((block) => block.source.shut);
    const told = () => (all.textContent = blocks.some((block) => block.source.shut && !block.open) ? "Open all" : "Fold all");
    told();
    all.addEventListener("click", () => {
      const open = blocks.some((block) => block.source.shut && !block.open);
      for (const block of blocks) if (block.source.shut) block.open = open;
      told();
      arrange();
      if (state.selected >= 0) reveal(state.selected);
    });
  }
  $("theme").addEventListener("click", toggleTheme);
  $("toggle-list").addEventListener("click", toggleList);
  $("help").addEventListener("click", () => $("keys").showModal());
  $("zoom-in").addEventListener("click", () => stage.transition().duration(160).call(zoomer.scaleBy, 1.35));
  $("zoom-out").addEventListener("click", () => stage.transition().duration(160).call(zoomer.scaleBy, 1 / 1.35));
  $("fit").addEventListener("click", () => fitAll(false, true));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readInk(); drawMap(); redraw(); });
  new ResizeObserver(() => resize()).observe(canvas.parentElement);
  addEventListener("hashchange", () => fromAddress());
  addEventListener("popstate", () => fromAddress());
  fromAddress(true);
  requestAnimationFrame(() => requestAnimationFrame(() => {
    document.documentElement.dataset.ready = String(Math.round(performance.now()));
    document.documentElement.dataset.started = String(Math.round(performance.now() - began));
  }));
}

// For tests, and for whoever is curious: what is shown, read only.
globalThis.jotgraph = Object.freeze({
  selected: () => (state.selected < 0 ? "" : nodes[state.selected].i),
  lit: () => [...(state.lit ?? [])].map((each) => nodes[each].i).sort(),
  passing: () => nodes.filter((_, number) => passes(number)).map((node) => node.i),
  cards: () => scene.cards,
  frames: () => scene.frames.slice(),
  zoom: () => scene.transform.k,
  at: (id) => {
    const place = placeOf(byId.get(id));
    const { k, x, y } = scene.transform;
    return place ? [(place.x + WIDE / 2) * k + x, (place.y + HIGH / 2) * k + y] : null;
  },
});

start();
