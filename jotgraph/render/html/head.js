// What stands round the graph: counts, scope and gaps, legend, list, theme.

import { $, absent, data, links, nodes, stateWords } from "./model.js";
import { closeLegend, el, icon, pill, plural, sample } from "./elements.js";
import { blocks, layout } from "./scene.js";
import { readInk, redraw } from "./paint.js";
import { drawMap } from "./map.js";
import { resize } from "./view.js";
import { closer, inPane, pane, section } from "./details.js";
import { isOnly, only, stateRank } from "./search.js";
import { select } from "./select.js";

export function toggleList() {
  const shown = document.body.classList.toggle("without-list");
  $("toggle-list").setAttribute("aria-pressed", String(!shown));
  resize();
}

export function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  keep("theme", root.dataset.theme);
  readInk();
  drawMap();
  redraw();
}

/** @param {string} name @param {string} value */
export function keep(name, value) {
  try {
    localStorage.setItem(`jotgraph-${name}`, value);
  } catch {
    // a file may not keep anything: the choice lasts as long as the page
  }
}

/** @type {[button: HTMLElement, facet: Facet, words: string[]][]} */
const asking = []; // the counts that are filters: [button, facet, its values]

export function tellAsked() {
  for (const [button, facet, words] of asking) button.setAttribute("aria-pressed", String(isOnly(facet, words)));
}

export function tally() {
  const counts = (data.overlay ? [] : data.counts).filter(([count]) => count).map(([count, noun]) =>
    el("span", { title: "What runs, as jotgraph summary counts it" }, el("b", { text: count.toLocaleString("en") }), ` ${count === 1 ? noun.slice(0, -1) : noun}`));
  /** @type {HTMLElement[]} */
  const buttons = []; // first, as what is wrong is in every answer
  /**
   * @param {string} look @param {string[]} words @param {number} count @param {string} label
   * @param {Facet} [facet]
   */
  const ask = (look, words, count, label, facet = "state") => {
    if (!count) return;
    const button = el("button", { type: "button", class: look, title: "Show only these", "aria-pressed": "false", on: { click: () => only(facet, words) } },
      el("b", { text: count.toLocaleString("en") }), ` ${label}`);
    buttons.push(button);
    asking.push([button, facet, words]);
  };
  for (const [mark, word] of Object.entries(data.marks)) {
    ask(`tally-${mark}`, [mark], nodes.filter((node) => node.o === mark).length, word, "mark");
  }
  const bad = [...stateRank].filter(([, rank]) => rank === 0).map(([word]) => word);
  const wrong = nodes.filter((node) => node.s?.some(([rank]) => rank === 0)).length;
  // first as the list, ls and summary count; then as the graph does, which shows what they run and call, too
  const deployed = data.jots.filter((jot) => jot.d && jot.s.some(([rank]) => rank === 0)).length;
  const both = deployed && deployed !== wrong ? ` (${plural(wrong, "resource", "resources")})` : "";
  const what = deployed ? "deployment" : "resource";
  ask("wrong", bad, deployed || wrong, `${what}${(deployed || wrong) === 1 ? "" : "s"} wrong${both}`);
  const orphans = nodes.filter((node) => stateWords(node).includes("orphan")).length;
  ask("look", ["orphan"], orphans, orphans === 1 ? "orphan" : "orphans");
  $("tally").replaceChildren(...buttons, ...counts);
}

export function legend() {
  const used = new Set(blocks.flatMap((block) => block.source.open.cards.map(([node]) => nodes[node].k)));
  /** @param {number} grade */
  const line = (grade) => {
    const [dash, width] = data.grades[grade];
    return icon("0 0 26 8", "sample-line", [{ d: "M0 4H26", "stroke-width": width * 1.1, ...(dash && { "stroke-dasharray": dash }) }]);
  };
  const told = new Set(links.map(([, , grade]) => grade - 1));
  $("legend").replaceChildren(el("details", {}, el("summary", { text: "Legend" }),
    el("p", { text: "From left to right: commit, image, function, role. Click a card or a line for its lineage and evidence." }),
    el("ul", {}, data.kinds.map((kind, number) => (used.has(number) ? el("li", {}, sample(number), el("span", { text: kind.word })) : null)),
      [3, 2, 1, 0].filter((grade) => told.has(grade)).map((grade) => el("li", {}, line(grade), el("span", { text: data.grades[grade][2] }))),
      Object.entries(data.marks).map(([mark, word]) => (nodes.some((node) => node.o === mark) ? el("li", {}, el("span", { class: `ring-sample ring-${mark}` }), el("span", { text: word })) : null)),
      [["wrong", "wrong"], ["look", "worth a look"]].map(([look, word], rank) => (nodes.some((node) => worst(node) === rank) ? el("li", {}, el("span", { class: `card-sample ${look}` }), el("span", { text: word })) : null)),
      links.some(([, , , relations]) => relations.join() === "may-run") ? el("li", {}, icon("0 0 26 8", "sample-line", [{ d: "M0 4H26", "stroke-dasharray": "2 5" }]), el("span", { text: "may run, does not today" })) : null,
      dashed())));
}

/** @param {ResourceNode} node */
const worst = (node) => Math.min(9, ...(node.s ?? []).map(([rank]) => rank));

// Cards of a dashed rim, and stacks, where there are any.
function dashed() {
  /** @type {[look: string, word: string, there: boolean][]} */
  const samples = [
    ["shared", "shared: drawn in each part", blocks.some((block) => block.source.open.cards.some(([, , , ghost]) => ghost))],
    ["absent", "referenced, not found", nodes.some(absent)],
    ["shared", "referenced, not read", nodes.some((node) => Boolean(node.m) && !absent(node))],
  ];
  return [...samples.filter(([, , there]) => there).map(([look, word]) => el("li", {}, el("span", { class: `ring-sample ${look}` }), el("span", { text: word }))),
    layout.folded ? el("li", {}, pill(2, "+"), el("span", { text: "several: click to open" })) : null];
}

export function captions() {
  const failed = data.gaps.filter(tried).length;
  $("title").textContent = data.title;
  $("caption").replaceChildren(...data.caption.map((each) => el("span", { text: each, title: each })),
    data.unread.length ? unreadButton("gaps", `${few(data.unread)} not read`) : "",
    data.gaps.length ? unreadButton(failed ? "gaps" : "", failed ? `${failed.toLocaleString("en")} not read` : "not asked for") : "");
}

/** @param {string} look @param {string} text */
const unreadButton = (look, text) => el("button", { type: "button", class: look, text, title: "What was not read", on: { click: showGaps } });

/** @param {string[]} names */
const few = (names) => names.length > 3 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : names.join(", ");

/** @param {GapRecord} gap */
const tried = (gap) => gap.asked;

// Which services that run images were read where; a line for places that are alike.
function servicesRead() {
  return data.unread.length ? [section("What runs images", el("ul", {}, data.coverage.map((each) => el("li", { text: each }))))] : [];
}

// What the scan was not asked to read, with the options that ask for it.
function notAskedFor() {
  const left = new Set(data.gaps.filter((gap) => !tried(gap)).map((gap) => {
    const what = gap.detail || `${gap.service} ${gap.action}`;
    return gap.option ? `${what} (${gap.option})` : what;
  }));
  return left.size ? [section("Not asked for", el("ul", {}, [...left].map((each) => el("li", { text: each }))))] : [];
}

function showGaps() {
  select(-1);
  closeLegend();
  inPane(el("header", {}, el("div", { class: "what" }, el("span", { text: "scope" }), closer()),
    el("h2", { tabindex: "-1", text: "What was not read" }), el("p", { class: "line", text: "Unread is never absent: what these hide may exist." })),
    ...servicesRead(), ...notAskedFor(),
    ...data.gaps.filter(tried).slice(0, 200).map((gap) => section(`${gap.service} ${gap.action}: ${gap.why}`,
      el("p", { class: "quiet", text: [gap.account, gap.region, gap.resource].filter(Boolean).join(" · ") }), gap.detail ? el("p", { text: gap.detail }) : null)));
  resize();
  pane.querySelector("h2")?.focus();
}

export function nothingRead() {
  document.body.classList.add("bare", "without-list");
  $("nothing").replaceChildren(el("strong", { text: "Nothing was read." }), el("br", {}),
    data.gaps.length ? "Some of it could not be read: see above." : "There is no resource in the scope above.");
  $("nothing").hidden = false;
}
