// Elements, and words for numbers.

import { $, data } from "./model.js";

// The page's only way to make elements: text is text, never markup.
/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Attributes} attributes
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "object") for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    else if (key === "text") made.textContent = String(value);
    else if (key === "class") made.className = String(value);
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  for (const each of children.flat()) if (each !== null && each !== undefined) made.append(each);
  return made;
}

// A small picture beside words, of paths with these attributes.
/** @param {string} box @param {string} look @param {Record<string, string | number>[]} paths */
export function icon(box, look, paths) {
  /** @param {string} name @param {Record<string, string | number>} attributes */
  const drawn = (name, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    return made;
  };
  const svg = drawn("svg", { viewBox: box, class: look, "aria-hidden": "true" });
  svg.append(...paths.map((path) => drawn("path", path)));
  return svg;
}

// A sample of a kind's outline, as on its cards.
/** @param {number} kind */
export const sample = (kind) => icon("-1 -1 24 14", "sample", data.kinds[kind].sample.map((d) => ({ d })));

/** @param {number} rank @param {string} word */
export const pill = (rank, word) => el("span", { class: `pill rank-${rank}`, text: word });
/** @param {number} count @param {string} one @param {string} many */
export const plural = (count, one, many) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
/** @param {number | null} count */
export function bytes(count) {
  if (!count) return "";
  let amount = count;
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (amount < 999.5) return `${amount >= 9.95 ? amount.toFixed(0) : amount.toFixed(1)} ${unit}`;
    amount /= 1000;
  }
  return `${amount.toFixed(1)} TB`;
}

// The legend makes way for what is looked at; on paper it is open.
export const closeLegend = () => openLegend(false);

/** @param {boolean} open */
export function openLegend(open) {
  const legend = $("legend").querySelector("details");
  if (legend) legend.open = open;
}
