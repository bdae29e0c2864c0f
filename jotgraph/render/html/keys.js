// The keys.

import { $, HIGH, state, WIDE } from "./model.js";
import { blocks, canvas, scene, viewport } from "./scene.js";
import { membersOf, passesCard, redraw } from "./paint.js";
import { fitAll, go, placeOf, unfold, zoomBy } from "./view.js";
import { pane } from "./details.js";
import { clearFilters, openMenus, query } from "./search.js";
import { say, select } from "./select.js";
import { keep, toggleList, toggleTheme } from "./head.js";

// The nearest card in a direction; left and right follow the lines first.
/** @param {string} key */
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
    const { cards, lines } = here.block;
    for (const line of lines) {
      if (cards[line.from] === here.card) linked.add(cards[line.to]);
      if (cards[line.to] === here.card) linked.add(cards[line.from]);
    }
  }
  /** @type {Card | null} */
  let best = null;
  let least = Infinity;
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
/** @param {Card} card */
function goTo(card) {
  if (card.node >= 0) return select(card.node);
  select(-1);
  state.cursor = card;
  say(`${card.title}, ${card.line}, ${(card.pills ?? []).map(([, word]) => word).join(", ")}; Enter opens them`);
  const { k, x, y } = scene.transform;
  const left = (card.block.x + card.x) * k + x, top = (card.block.y + card.y) * k + y;
  if (left < 10 || top < 40 || left + WIDE * k > viewport.wide - 10 || top + HIGH * k > viewport.high - 10) {
    go(d3.zoomIdentity.translate(viewport.wide / 2 - (card.block.x + card.x + WIDE / 2) * k, viewport.high / 2 - (card.block.y + card.y) * k).scale(k));
  }
  redraw();
}

/** @param {Card} card */
export function openCard(card) {
  if (card.node >= 0) return select(card.node);
  if (state.selected >= 0) select(-1);
  unfold(card.block, true);
}

canvas.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.startsWith("Arrow")) step(event.key);
  else if (event.key === "Enter" && state.cursor) {
    const [block, first] = [state.cursor.block, membersOf(state.cursor)[0]];
    unfold(block, true);
    select(first);
  } else if (event.key === "Enter" && state.selected >= 0) pane.querySelector("h2")?.focus();
  else if (event.key === "Enter") step("ArrowRight");
  else return;
  event.preventDefault();
});

// Keys of one character can be kept to the graph, for those who dictate (WCAG 2.1.4).
export function keepKeys() {
  keep("keys", $("everywhere").checked ? "everywhere" : "graph");
}

export function showKeys() {
  $("keys").showModal();
  $("keys").querySelector("button")?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open) return;
  if (event.key === "Escape") {
    const [menu] = openMenus();
    if (menu) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    } else if (state.selected >= 0 || state.line >= 0) {
      select(-1);
      canvas.focus({ preventScroll: true });
    } else if (state.passing) clearFilters();
    return;
  }
  if (event.target instanceof Element && /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  if (!$("everywhere").checked && event.target !== canvas) return;
  /** @type {Record<string, () => void>} */
  const acts = {
    "/": () => { query.focus(); query.select(); },
    "?": showKeys,
    "+": () => zoomBy(1.35),
    "=": () => zoomBy(1.35),
    "-": () => zoomBy(1 / 1.35),
    0: () => fitAll(false, true), f: () => fitAll(false, true), l: toggleList, t: toggleTheme,
  };
  const act = acts[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
