// What is selected: lit, shown, and named in the address.

import { closeLegend } from "./elements.js";
import {
  $, byId, called, data, inside, lineage, links, nodes, relationsOf, state,
} from "./model.js";
import { redraw } from "./paint.js";
import { bring, resize, reveal } from "./view.js";
import { pane, showLine, showNode } from "./details.js";
import { markRow } from "./list.js";

/** @param {string} words */
export function say(words) {
  $("status").textContent = words;
}

/** @param {number} node */
export const anchor = (node) => `#${encodeURIComponent(nodes[node].i)}`;

/** @param {string} url @param {"pushState" | "replaceState"} how */
function address(url, how) {
  try {
    history[how](null, "", url);
  } catch {
    // in a notebook's frame the page has no address of its own
  }
}

// Select a node (-1: nothing): light its lineage, show its details, name it in the address.
/** @param {number} node @param {{ quick?: boolean, fromAddress?: boolean }} [options] */
export function select(node, options = {}) {
  state.selected = node;
  state.line = -1;
  state.cursor = null;
  $("notice").hidden = true;
  if (node >= 0) closeLegend();
  if (node < 0) {
    state.lit = state.litLinks = null;
    pane.hidden = true;
    if (location.hash) address(location.href.split("#")[0], "replaceState");
    say("Nothing is selected");
  } else {
    const { lit, used, before, after } = lineage(node);
    for (const each of inside.get(node) ?? []) lit.add(each);
    state.lit = lit;
    state.litLinks = used;
    state.since = performance.now();
    showNode(node);
    if (!options.fromAddress && location.hash !== anchor(node)) address(anchor(node), "pushState");
    const each = nodes[node];
    say([`${data.kinds[each.k].word} ${called(each)}`, ...(each.s ?? []).map(([, word]) => word),
      `comes from ${before.size}, leads to ${after.size}`].join(", "));
  }
  document.body.classList.toggle("with-details", node >= 0);
  resize();
  if (node >= 0) reveal(node, options.quick);
  markRow();
  redraw();
}

// Select a line of a block: light its two ends, show the evidence.
/** @param {Line} line @param {Block} block */
export function selectLine(line, block) {
  const number = line.link;
  const [source, target] = links[number];
  state.selected = -1;
  state.line = number;
  state.cursor = null;
  $("notice").hidden = true;
  closeLegend();
  if (location.hash) address(location.href.split("#")[0], "replaceState");
  state.lit = new Set([source, target]);
  state.litLinks = new Set([number]);
  state.since = performance.now();
  showLine(number);
  document.body.classList.add("with-details");
  say(`link: ${called(nodes[source])} ${relationsOf(number)} ${called(nodes[target])}`);
  resize();
  bring([block.cards[line.from], block.cards[line.to]]);
  markRow();
  redraw();
}

/** @param {boolean} [quick] */
export function fromAddress(quick) {
  let wanted = location.hash.slice(1);
  try {
    wanted = decodeURIComponent(wanted);
  } catch {
    // no text that this page wrote: it names nothing
  }
  const node = byId.get(wanted);
  if (node !== undefined) return select(node, { fromAddress: true, quick });
  if (state.selected >= 0) select(-1);
  if (wanted && !$(wanted)) notice(`${wanted.length > 160 ? `${wanted.slice(0, 160)}…` : wanted} is not in this page. It may be gone, or not drawn here.`);
}

// Said on the page until something is selected.
/** @param {string} words */
function notice(words) {
  $("notice").textContent = words;
  $("notice").hidden = false;
}
