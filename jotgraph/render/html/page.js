// The start.

import { $, byId, data, HIGH, links, NARROW, nodes, passes, PHONE, state, WIDE } from "./model.js";
import { arrange, blocks, foldedAway, holder, openAll, scene } from "./scene.js";
import { middle, readInk, redraw } from "./paint.js";
import { drawMap } from "./map.js";
import { fitAll, placeOf, resize, reveal, showLineage, zoomBy } from "./view.js";
import { firstWrong, showList } from "./list.js";
import { menus } from "./search.js";
import { fromAddress } from "./select.js";
import { keepKeys, showKeys } from "./keys.js";
import { captions, legend, nothingRead, tally, toggleList, toggleTheme } from "./head.js";

// Of what an overlay marks, the first of the mark that matters most: what a plan deletes, a diff adds.
function firstMarked() {
  const mark = Object.keys(data.marks).find((each) => nodes.some((node) => node.o === each));
  return mark ? nodes.findIndex((node) => node.o === mark) : -1;
}

function start() {
  const began = performance.now();
  try {
    const kept = localStorage.getItem("jotgraph-theme");
    if (kept === "dark" || kept === "light") document.documentElement.dataset.theme = kept;
    $("everywhere").checked = localStorage.getItem("jotgraph-keys") !== "graph";
  } catch {
    // a file may not keep anything
  }
  readInk();
  // where it would cover the graph: a phone begins with it, unless a link asks for something
  const away = innerWidth < NARROW && (innerWidth >= PHONE || location.hash !== "");
  document.body.classList.toggle("without-list", away);
  $("toggle-list").setAttribute("aria-pressed", String(!away && nodes.length > 0));
  if (!nodes.length) nothingRead();
  captions();
  tally();
  menus();
  legend();
  resize();
  arrange();
  showList();
  const first = firstMarked();
  const opening = first >= 0 ? first : firstWrong();
  if (opening >= 0) showLineage(opening);
  else fitAll(true);
  $("unfold").addEventListener("click", () => {
    openAll(foldedAway());
    if (state.selected >= 0) reveal(state.selected);
    else fitAll();
  });
  $("theme").addEventListener("click", toggleTheme);
  $("toggle-list").addEventListener("click", toggleList);
  $("everywhere").addEventListener("change", keepKeys);
  $("help").addEventListener("click", showKeys);
  $("zoom-in").addEventListener("click", () => zoomBy(1.35));
  $("zoom-out").addEventListener("click", () => zoomBy(1 / 1.35));
  $("fit").addEventListener("click", () => fitAll(false, true));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readInk(); drawMap(); redraw(); });
  new ResizeObserver(() => resize()).observe(holder);
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
  shared: () => blocks.flatMap((block) => block.cards).filter((card) => card.ghost).map((card) => nodes[card.node].i),
  panels: () => scene.panels.map((panel) => panel.title),
  painted: () => scene.painted,
  view: () => ({ ...scene.transform }),
  /** @param {string} one @param {string} other */
  line: (one, other) => {
    const [a, b] = [byId.get(one), byId.get(other)];
    for (const block of blocks) {
      const line = block.lines.find((each) => each.link >= 0 && links[each.link][0] === a && links[each.link][1] === b);
      if (!line) continue;
      const [x, y] = middle(line);
      return [(x + block.x) * scene.transform.k + scene.transform.x, (y + block.y) * scene.transform.k + scene.transform.y];
    }
    return null;
  },
  /** @param {string} id */
  at: (id) => {
    const node = byId.get(id);
    const place = node === undefined ? null : placeOf(node);
    const { k, x, y } = scene.transform;
    return place ? [(place.x + WIDE / 2) * k + x, (place.y + HIGH / 2) * k + y] : null;
  },
});

start();
