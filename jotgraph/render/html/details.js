// The pane that shows one resource, or one link: verdict, lineage, evidence, record.

import {
  $, along, called, data, details, inside, lineage, links, nodes, owner, parts, relationsOf,
  touching,
} from "./model.js";
import { bytes, el, pill, plural, sample } from "./elements.js";
import { canvas } from "./scene.js";
import { anchor, say, select } from "./select.js";

export const pane = $("details");
export const GRADE_WORDS = ["HINT", "SUPPORT", "STRONG", "PROOF"];
const VERDICTS = {
  "in-use": ["In use", "used"], orphan: ["Orphan", "orphan"], unknown: ["Unknown", "unknown"],
};

/** @param {number} node @param {string} [label] */
function link(node, label) {
  return el("button", { type: "button", class: "go", title: nodes[node].i, on: { click: () => select(node) } },
    sample(nodes[node].k), el("span", { class: "go-name", text: label ?? called(nodes[node]) }),
    (nodes[node].s ?? []).slice(0, 2).map(([rank, word]) => pill(rank, word)));
}

/** @param {string} title @param {...Child} children */
export function section(title, ...children) {
  return el("section", {}, el("h3", { text: title }), ...children);
}

/** @param {number} number */
export function showNode(number) {
  const node = nodes[number];
  const known = details();
  const head = el("header", {},
    el("div", { class: "what" }, sample(node.k), el("span", { text: data.kinds[node.k].word }),
      node.a ? el("span", { class: "where", text: node.r ? `${node.a} · ${node.r}` : node.a }) : null, closer()),
    el("h2", { text: called(node), tabindex: "-1" }),
    node.o && data.marks[node.o] ? el("p", { class: "pills" }, el("span", { class: `pill mark-${node.o}`, text: data.marks[node.o] })) : null);
  const verdict = verdictOf(number, known);
  const used = known.verdicts[number]?.verdict === "in-use"; // the least of news comes last
  inPane(head, ...findingsOf(number, known), aboutOf(number), ...versionsOf(number), ...(used ? [] : verdict),
    ...lineageOf(number), ...heldBy(number), ...evidenceOf(number, known), ...recordOf(number, known),
    ...(used ? verdict : []));
}

// What it is, and what can be done with it.
/** @param {number} number */
function aboutOf(number) {
  const node = nodes[number];
  return el("section", { class: "about" },
    node.l ? el("p", { class: "line", text: node.l }) : null,
    el("p", { class: "actions" },
      node.h?.startsWith("https://") ? el("a", { href: node.h, target: "_blank", rel: "noopener noreferrer", text: node.k === 0 ? "See the commit" : "Open the console" }) : null,
      el("button", { type: "button", text: "Copy ID", on: { click: (event) => copy(node.i, event.currentTarget) } }),
      location.protocol === "about:" ? null : el("button", { type: "button", text: "Copy link", on: { click: (event) => copy(location.href.split("#")[0] + anchor(number), event.currentTarget) } })),
    el("p", { class: "id", text: node.i }));
}

// Show this in the pane; whoever was reading there reads on from its heading.
/** @param {...Child} shown */
export function inPane(...shown) {
  const reading = pane.contains(document.activeElement);
  const choosing = reading && document.activeElement?.tagName === "SELECT";
  pane.replaceChildren(...shown.filter((each) => each !== null && each !== undefined));
  pane.hidden = false;
  pane.scrollTop = 0;
  if (reading) pane.querySelector(choosing ? "select" : "h2")?.focus();
}

export function closer() {
  return el("button", { type: "button", class: "close", "aria-label": "Close the details", title: "Close (Esc)", text: "×", on: { click: () => {
    select(-1);
    canvas.focus({ preventScroll: true });
  } } });
}

/** @param {number} number */
function versionsOf(number) {
  const function_ = nodes[number].k === 5 ? number : owner[number];
  if (function_ < 0 || !parts[function_].length) return [];
  const options = [function_, ...[...parts[function_]].sort(byVersion)];
  const choose = el("select", { "aria-label": "Versions and aliases of this function", on: { change: () => select(Number(choose.value)) } },
    options.map((each) => el("option", { value: String(each), text: each === function_ ? "$LATEST" : nodes[each].k === 7 ? `alias ${nodes[each].t} (${nodes[each].l})` : versionWords(each) })));
  choose.value = String(options.includes(number) ? number : function_);
  return [section("Version", choose)];
}

/** @param {number} a @param {number} b */
const byVersion = (a, b) => nodes[a].k - nodes[b].k || versionNumber(b) - versionNumber(a) || (nodes[a].t < nodes[b].t ? -1 : 1);
/** @param {number} node */
const versionNumber = (node) => Number(nodes[node].i.split(":").pop()) || 0;

/** @param {number} node */
function versionWords(node) {
  const names = along[node].map(([, end]) => nodes[end]).filter((end) => end.k === 7).map((end) => end.t);
  return [nodes[node].t, names.length ? `← ${names.join(", ")}` : "", ...(nodes[node].s ?? []).map(([, word]) => word)].filter(Boolean).join(" · ");
}

/**
 * What is wrong, the worst first: what it runs beside what its tag names, then what to do next; then
 * what was not read.
 * @param {number} number @param {DetailsData} known
 */
function findingsOf(number, known) {
  return known.findings[number].map(([rank, word, statement, next]) => el("div", { class: `note finding rank-${rank}` },
    pill(rank, word), el("span", { text: ` ${statement}.` }),
    word === "drift" ? el("div", { class: "drifted" }, ...ends(number, "runs", "runs"), ...ends(number, "follows", "its tag now names")) : null,
    next ? el("code", { class: "next", text: next }) : null));
}

/** @param {number} number @param {string} relation @param {string} words */
function ends(number, relation, words) {
  return links.filter(([source, , , relations]) => source === number && relations.includes(relation))
    .flatMap(([, target]) => [el("span", { class: "quiet", text: words }), link(target)]);
}

/** @param {number} number @param {DetailsData} known */
function verdictOf(number, known) {
  const found = known.verdicts[number];
  if (!found) return [];
  const [word, look] = VERDICTS[found.verdict];
  const space = bytes(found.bytes);
  return [section("Verdict", el("div", { class: `verdict ${look}` },
    el("p", {}, el("strong", { text: word }), el("span", { text: found.verdict === "in-use" ? ` (${found.because})` : `: ${found.because}` })),
    found.witness.length > 1 ? el("div", { class: "way" }, el("span", { class: "quiet", text: "used by" }), found.witness.map((each) => link(each))) : null,
    found.doubts.length > 1 ? el("ul", {}, found.doubts.map((each) => el("li", { text: each }))) : null,
    found.looked.length ? el("details", {}, el("summary", { text: "What was checked" }), el("ul", {}, found.looked.map((each) => el("li", { text: each })))) : null,
    el("p", { class: "quiet", text: [space ? `frees ${found.atMost ? "at most " : ""}${space}` : "", found.age === null ? "" : `${found.age < 2 ? found.age.toFixed(1) : Math.round(found.age).toLocaleString("en")} days old`].filter(Boolean).join(" · ") })))];
}

// Steps of the lineage by kind, in the order of work.
/** @param {number} number */
function lineageOf(number) {
  const { before, after } = lineage(number);
  /** @param {Set<number>} set */
  const steps = (set) => {
    /** @type {number[][]} */
    const found = data.kinds.map(() => []);
    for (const each of set) if (!parts[number].includes(each)) found[nodes[each].k].push(each);
    return found.flatMap((group, kind) => (group.length ? [el("div", { class: "step" },
      el("span", { class: "quiet", text: group.length === 1 ? data.kinds[kind].word : `${group.length} ${data.kinds[kind].plural}` }),
      ...group.sort((a, b) => a - b).slice(0, 8).map((each) => link(each)),
      group.length > 8 ? el("span", { class: "quiet", text: `and ${group.length - 8} more` }) : null)] : []));
  };
  const made = [];
  const [left, right] = [steps(before), steps(after)];
  if (left.length) made.push(section("Comes from", ...left));
  if (right.length) made.push(section("Leads to", ...right));
  return made;
}

/** @param {number} number */
function heldBy(number) {
  const held = inside.get(number);
  if (!held) return [];
  return [section(plural(held.length, "image", "images"), el("div", { class: "step" }, held.slice(0, 30).map((each) => link(each)),
    held.length > 30 ? el("span", { class: "quiet", text: `and ${held.length - 30} more` }) : null))];
}

/** @param {number} grade */
function bars(grade) {
  return el("span", { class: `grade grade-${grade}`, title: data.grades[grade - 1][2] },
    [1, 2, 3, 4].map((each) => el("i", { class: each <= grade ? "on" : "" })), el("span", { text: GRADE_WORDS[grade - 1] }));
}

/** @param {Claim} each */
function claim(each) {
  const [rule, relation, grade, statement, readFrom, count, candidates] = each;
  return el("div", { class: "claim" },
    el("div", { class: "claim-head" }, bars(grade), el("code", { text: rule, title: `rule ${rule}, for: ${data.relations[relation]}` })),
    el("p", { text: statement }),
    count > 1 ? el("p", { class: "quiet", text: `one of ${plural(count, "commit", "commits")}: ${candidates.join(" ")}${count > candidates.length ? " …" : ""}` }) : null,
    readFrom ? el("p", { class: "quiet", text: `read from ${readFrom}` }) : null);
}

/** @param {number} number @param {DetailsData} known */
function evidenceOf(number, known) {
  /** @param {number} each */
  const weight = (each) => (links[each][3].includes("part-of") || links[each][3].includes("stored-in") ? 2 : links[each][0] === number ? 0 : 1);
  const all = touching[number].filter((each) => known.evidence[each].length).sort((a, b) => weight(a) - weight(b) || a - b);
  const made = all.slice(0, 40).map((each) => {
    const [source, target, grade] = links[each];
    const outward = source === number;
    const other = outward ? target : source;
    return el("details", { class: "evidence", open: all.length <= 3 }, el("summary", {},
      bars(grade), el("span", { class: "quiet", text: `${outward ? "" : "← "}${relationsOf(each)}` }),
      el("span", { class: "other", text: called(nodes[other]) })),
      known.evidence[each].map(claim), link(other));
  });
  if (!made.length) return [];
  return [section("Evidence", ...made, all.length > 40 ? el("p", { class: "quiet", text: `and ${all.length - 40} more links` }) : null)];
}

/** @param {number} number @param {DetailsData} known */
function recordOf(number, known) {
  const record = known.records[number];
  const names = Object.keys(record);
  if (!names.length) return [];
  return [section("Record", el("dl", { class: "record" }, names.flatMap((name) => [el("dt", { text: name.replaceAll("_", " ") }), el("dd", {}, value(record[name]))])))];
}

/**
 * @param {Json} found
 * @returns {HTMLElement}
 */
function value(found) {
  if (Array.isArray(found)) return el("ul", {}, found.slice(0, 60).map((each) => el("li", {}, value(each))));
  if (found !== null && typeof found === "object") {
    return el("dl", { class: "inner" }, Object.keys(found).flatMap((name) => [el("dt", { text: name }), el("dd", {}, value(found[name]))]));
  }
  const said = String(found);
  if (said.startsWith("{") && said.length > 60) {
    try {
      return el("pre", { text: JSON.stringify(JSON.parse(said), null, 2) });
    } catch {
      // not JSON after all: shown as it is
    }
  }
  return el("span", { text: said });
}

/** @param {number} number */
export function showLine(number) {
  const [source, target, grade] = links[number];
  inPane(el("header", {}, el("div", { class: "what" }, el("span", { text: "link" }), closer()),
    el("h2", { tabindex: "-1", text: relationsOf(number) }),
    el("p", { class: "pills" }, bars(grade))),
    section("Between", link(source), el("p", { class: "quiet", text: relationsOf(number) }), link(target)),
    section("Evidence", ...details().evidence[number].map(claim)));
}

/** @param {string} said @param {HTMLElement} button */
function copy(said, button) {
  const label = button.textContent;
  /** @param {string} word */
  const told = (word) => {
    button.textContent = word;
    say(word);
    setTimeout(() => (button.textContent = label), 1400);
  };
  if (!navigator.clipboard) return told("Not allowed here");
  navigator.clipboard.writeText(said).then(() => told("Copied"), () => told("Not allowed here"));
}
