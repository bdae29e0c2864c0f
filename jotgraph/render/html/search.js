// The search field (a combobox), and the menus of filters.

import {
  $, called, data, facets, facetsOf, find, nodes, refilter, state, stateWord,
} from "./model.js";
import { closeLegend, el, pill, plural, sample } from "./elements.js";
import { arrange, canvas, layout } from "./scene.js";
import { fitAll, showPassing } from "./view.js";
import { showList } from "./list.js";
import { say, select } from "./select.js";
import { tellAsked } from "./head.js";

export const query = $("query");
const hits = $("hits");
/** @type {{ found: number[], at: number }} */
const searching = { found: [], at: -1 };

function showHits() {
  const { best, total } = find(query.value, 12);
  searching.found = best;
  searching.at = searching.found.length ? 0 : -1;
  hits.replaceChildren(...searching.found.map((number, at) => {
    const node = nodes[number];
    return el("li", { id: `hit-${at}`, role: "option", "aria-selected": String(at === searching.at), on: { mousedown: (event) => { event.preventDefault(); take(at); } } },
      sample(node.k), el("span", { class: "hit-name" }, ...emphasised(called(node))),
      el("span", { class: "hit-line", text: [data.kinds[node.k].word, node.l, node.r].filter(Boolean).join(" · ") }),
      (node.s ?? []).slice(0, 2).map(([rank, word]) => pill(rank, word)));
  }));
  if (query.value.trim() && !total) hits.append(el("li", { class: "none", role: "presentation", text: "No match." }));
  if (total > searching.found.length) hits.append(el("li", { class: "none", role: "presentation", text: `and ${(total - searching.found.length).toLocaleString("en")} more; keep typing` }));
  const open = query.value.trim() !== "";
  hits.hidden = !open;
  query.setAttribute("aria-expanded", String(open));
  pointAt(searching.at);
  if (open) say(total ? plural(total, "result", "results") : "Nothing found");
}

// The words of the query, marked in a name.
/** @param {string} name */
function emphasised(name) {
  const word = query.value.trim().toLowerCase().split(/\s+/)[0] ?? "";
  const at = word ? name.toLowerCase().indexOf(word) : -1;
  if (at < 0) return [name];
  return [name.slice(0, at), el("mark", { text: name.slice(at, at + word.length) }), name.slice(at + word.length)];
}

/** @param {number} at */
function pointAt(at) {
  searching.at = at;
  [...hits.children].forEach((each, number) => {
    if (each.getAttribute("role") === "option") each.setAttribute("aria-selected", String(number === at));
  });
  if (at >= 0) {
    query.setAttribute("aria-activedescendant", `hit-${at}`);
    document.getElementById(`hit-${at}`)?.scrollIntoView({ block: "nearest" });
  } else query.removeAttribute("aria-activedescendant");
}

/** @param {number} at */
function take(at) {
  const node = searching.found[at];
  closeHits();
  if (node === undefined) return;
  query.value = ""; // it was found: the address says what
  select(node);
  canvas.focus({ preventScroll: true });
}

function closeHits() {
  hits.hidden = true;
  query.setAttribute("aria-expanded", "false");
  query.removeAttribute("aria-activedescendant");
}

query.addEventListener("input", showHits);
query.addEventListener("focus", () => { if (query.value.trim()) showHits(); });
query.addEventListener("blur", closeHits);
query.addEventListener("keydown", (event) => {
  const count = searching.found.length;
  if (event.key === "ArrowDown" && count) pointAt((searching.at + 1) % count);
  else if (event.key === "ArrowUp" && count) pointAt((searching.at + count - 1) % count);
  else if (event.key === "Enter" && !hits.hidden) take(searching.at);
  else if (event.key === "Escape") {
    if (query.value) query.value = "";
    closeHits();
    canvas.focus({ preventScroll: true });
  } else return;
  event.preventDefault();
  event.stopPropagation();
});

// One menu for each thing to filter by: what there is, how many of each, and a box to tick.
/** @type {Record<Facet, string>} */
const NAMES = { kind: "Kind", state: "State", account: "Account", region: "Region", mark: "Mark" };
/** @type {Partial<Record<Facet, string>>} */
const ABSENT = { account: "no account", region: "no region", mark: "not marked" };

// The menus that are open.
export const openMenus = () => /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details.menu[open]"));
// The boxes to tick.
const boxes = () => /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("#filters input"));

export function menus() {
  const made = [];
  for (const [name, title] of facetsOf(NAMES)) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const node of nodes) for (const each of facets[name](node)) counts.set(each, (counts.get(each) ?? 0) + 1);
    const real = [...counts.keys()].filter(Boolean);
    if (name === "mark" ? !data.overlay : !real.length) continue;
    /** @param {string} word */
    const rankOf = (word) => (name === "kind" ? kindAt(word) : name === "state" ? stateRank.get(word) ?? 3 : word === "" ? 9 : 0);
    const values = [...counts.keys()].sort((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
    const list = el("fieldset", {}, el("legend", { class: "unseen", text: title }), values.map((each) => {
      const box = el("input", { type: "checkbox", value: each, on: { change: () => toggle(name, each, box.checked) } });
      const kind = name === "kind" ? kindAt(each) : -1;
      return el("label", {}, box, kind >= 0 ? sample(kind) : null,
        name === "state" && stateRank.has(each) ? el("span", { class: `dot rank-${stateRank.get(each)}` }) : null,
        el("span", { class: "value", text: kind >= 0 ? data.kinds[kind].plural : name === "mark" ? data.marks[each] ?? ABSENT.mark : each || ABSENT[name] }),
        el("span", { class: "quiet", text: (counts.get(each) ?? 0).toLocaleString("en") }));
    }));
    const menu = el("details", { class: "menu", id: `filter-${name}` }, el("summary", {}, el("span", { text: title }), el("span", { class: "chosen" })), list);
    menu.addEventListener("toggle", () => {
      if (menu.open) for (const other of openMenus()) if (other !== menu) other.open = false;
    });
    menu.addEventListener("focusout", (event) => {
      if (event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) menu.open = false;
    });
    made.push(menu);
  }
  const clear = el("button", { type: "button", id: "clear", class: "clear", hidden: true, text: "Clear filters", on: { click: clearFilters } });
  $("filters").replaceChildren(...made, clear);
}

/** @param {string} id */
const kindAt = (id) => data.kinds.findIndex((kind) => kind.id === id);
/** @type {Map<string, number>} */
export const stateRank = new Map();
for (const node of nodes) for (const state_ of node.s ?? []) stateRank.set(stateWord(state_), state_[0]);

/** @param {Facet} name @param {string} value_ @param {boolean} on */
function toggle(name, value_, on) {
  if (on) state.filters[name].add(value_);
  else state.filters[name].delete(value_);
  filtered();
}

/** @param {Facet} name @param {string[]} wanted */
export function isOnly(name, wanted) {
  return facetsOf(state.filters).every(([facet, chosen]) =>
    facet === name ? chosen.size === wanted.length && wanted.every((each) => chosen.has(each)) : !chosen.size);
}

// Nothing but these values of one facet; asked for again, everything.
/** @param {Facet} name @param {string[]} wanted */
export function only(name, wanted) {
  const chosen = state.filters[name];
  const same = isOnly(name, wanted);
  for (const each of Object.values(state.filters)) each.clear();
  if (!same) for (const each of wanted) chosen.add(each);
  for (const box of boxes()) box.checked = box.closest(".menu")?.id === `filter-${name}` && chosen.has(box.value);
  filtered();
}

export function clearFilters() {
  if (document.activeElement === $("clear")) $("filters").querySelector("summary")?.focus();
  for (const chosen of Object.values(state.filters)) chosen.clear();
  for (const box of boxes()) box.checked = false;
  filtered();
}

function filtered() {
  refilter();
  for (const [name, chosen] of facetsOf(state.filters)) {
    const menu = document.getElementById(`filter-${name}`);
    const told = menu?.querySelector(".chosen");
    if (!menu || !told) continue;
    told.textContent = chosen.size ? (chosen.size === 1 ? shortly(name, [...chosen][0]) : String(chosen.size)) : "";
    menu.classList.toggle("active", chosen.size > 0);
  }
  tellAsked();
  $("clear").hidden = state.passing === null;
  const count = state.passing ? state.passing.reduce((sum, each) => sum + each, 0) : nodes.length;
  $("nothing").hidden = count > 0 && nodes.length > 0;
  arrange();
  if (state.passing) closeLegend();
  if (layout.foldable || !state.passing) fitAll();
  else showPassing();
  showList();
  say(state.passing ? `${plural(count, "resource matches", "resources match")}` : "Filters cleared");
}

/** @param {Facet} name @param {string} value_ */
const shortly = (name, value_) => (name === "kind" ? data.kinds[kindAt(value_)].plural : name === "mark" ? data.marks[value_] : value_) || ABSENT[name] || "";

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(/** @type {Node} */ (event.target))) menu.open = false;
});
