// What the page knows, and questions about it. Nothing here touches the document but to read data.


/**
 * An element of the page by its id.
 * @template {string} K
 * @param {K} id
 * @returns {K extends keyof PageElements ? PageElements[K] : HTMLElement}
 */
export const $ = (id) => /** @type {any} */ (document.getElementById(id));
/** @type {PageData} */
export const data = JSON.parse($("data").textContent);
export const nodes = data.nodes;
export const links = data.links;
export const [WIDE, HIGH] = data.card;
export const NARROW = 900; // as in page.css: the list then covers the graph
export const PHONE = 560; // narrower, the list is easier to read than the graph
export const REDUCED = matchMedia("(prefers-reduced-motion: reduce)");

/** @type {DetailsData | null} */
let detailsRead = null;
// Details are parsed when first asked for: most of a large file is never looked at.
/** @type {() => DetailsData} */
export const details = () => (detailsRead ??= JSON.parse($("details-data").textContent));

/** @type {PageState} */
export const state = {
  selected: -1, // a node
  line: -1, // a link
  hovered: null, // a card
  hoveredFold: null, // a block
  cursor: null, // a stack that the keys are at
  lit: null, // Set of nodes while something is selected
  litLinks: null, // Set of links likewise
  since: 0, // when it was lit
  filters: { kind: new Set(), state: new Set(), account: new Set(), region: new Set(), mark: new Set() },
  passing: null, // Uint8Array: what passes the filters; null when there are none
};

// Every link in the direction of work: [from, to]. ASSUMES alone is told that way already.
/** @type {[from: number, to: number][]} */
export const flow = links.map(([source, target, , relations]) =>
  relations.length === 1 && relations[0] === "assumes" ? [source, target] : [target, source]);
/** @type {[link: number, node: number][][]} */
export const along = nodes.map(() => []); // node -> [link, node] to the right
/** @type {[link: number, node: number][][]} */
const against = nodes.map(() => []);
/** @type {number[][]} */
export const parts = nodes.map(() => []); // function -> its versions and aliases
export const owner = new Int32Array(nodes.length).fill(-1);
/** @type {number[][]} */
export const touching = nodes.map(() => []);
links.forEach(([source, target, , relations], number) => {
  touching[source].push(number);
  touching[target].push(number);
  if (relations.includes("part-of")) {
    parts[target].push(source);
    owner[source] = target;
    if (relations.length === 1) return;
  }
  const [from, to] = flow[number];
  along[from].push([number, to]);
  against[to].push([number, from]);
});
export const byId = new Map(nodes.map((each, number) => [each.i, number]));
const text = nodes.map((each) => `${each.n} ${each.t} ${each.l} ${each.i}`.toLowerCase());

// Everything that leads to a node, and everything it leads to; a function stands for its versions.
/** @param {number} start */
export function lineage(start) {
  const lit = new Set([start]);
  /** @type {Set<number>} */
  const used = new Set();
  /** @param {number[]} from @param {[link: number, node: number][][]} next */
  const follow = (from, next) => {
    const seen = new Set(from);
    const queue = [...from];
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      for (const [link, end] of next[at]) {
        used.add(link);
        if (!seen.has(end)) {
          seen.add(end);
          queue.push(end);
        }
      }
    }
    return seen;
  };
  const whole = [start, ...parts[start]];
  const before = follow(whole, against);
  const after = follow(whole, along);
  for (const each of [...before, ...after]) lit.add(each);
  for (const each of [...lit]) {
    const holder = owner[each];
    if (holder < 0) continue;
    lit.add(holder); // a version's function, and what it assumes for them all
    for (const [link, end] of along[holder]) {
      if (links[link][3].includes("assumes")) {
        lit.add(end);
        used.add(link);
      }
    }
  }
  before.delete(start);
  after.delete(start);
  return { lit, used, before, after };
}

// A state's own word, without its count or its reason: "behind" of "5 behind".
/** @param {StateWord} state_ */
export const stateWord = ([, word, own]) => own ?? word;

// What a node counts as in the filter of states: its states' own words, and its verdict.
/** @param {ResourceNode} node */
export function stateWords(node) {
  const words = (node.s ?? []).map(stateWord);
  if (node.v === "orphan" && !words.includes("orphan")) words.push("orphan");
  if (node.v === "unknown" && !words.includes("unknown")) words.push("unknown");
  if (node.v === "in-use") words.push("in use");
  return words;
}

/** @type {Record<Facet, (node: ResourceNode) => string[]>} */
export const facets = {
  kind: (node) => [data.kinds[node.k].id],
  state: stateWords,
  account: (node) => [node.a || ""],
  region: (node) => [node.r || ""],
  mark: (node) => [node.o || ""],
};

/**
 * What is chosen, by facet.
 * @template T
 * @param {Record<Facet, T>} filters
 */
export const facetsOf = (filters) => /** @type {[Facet, T][]} */ (Object.entries(filters));

export function refilter() {
  const asked = facetsOf(state.filters).filter(([, chosen]) => chosen.size);
  state.passing = asked.length
    ? Uint8Array.from(nodes, (node) =>
        asked.every(([name, chosen]) => facets[name](node).some((each) => chosen.has(each))) ? 1 : 0)
    : null;
}

/** @param {number} node */
export const passes = (node) => !state.passing || state.passing[node] === 1;

// The best nodes for the words of a query, and how many there are.
/**
 * @param {string} query
 * @param {number} limit
 * @returns {{ best: number[], total: number }}
 */
export function find(query, limit) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return { best: [], total: 0 };
  const found = [];
  for (let each = 0; each < nodes.length; each++) {
    if (!words.every((word) => text[each].includes(word))) continue;
    const name = nodes[each].n.toLowerCase();
    const title = nodes[each].t === "$LATEST" ? name : nodes[each].t.toLowerCase();
    const score = title === words[0] || name === words[0] ? 0 : title.startsWith(words[0]) ? 1
      : name.startsWith(words[0]) ? 2 : name.includes(words[0]) ? 3 : 4;
    found.push([score, nodes[each].k === 5 ? 0 : 1, each]);
  }
  found.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  return { best: found.slice(0, limit).map(([, , each]) => each), total: found.length };
}

// What was looked for and not found, not what nobody read.
/** @param {ResourceNode} node */
export const absent = (node) => node.m === 2;

/** @param {number} link */
export const relationsOf = (link) => links[link][3].map((each) => data.relations[each]).join(", ");

// Account, region and repository of an image.
/** @param {ResourceNode} image */
const pathOf = (image) => image.i.slice(image.i.indexOf(":") + 1).split("@")[0];

// What a person calls a node where its card's title alone would not do.
/** @param {ResourceNode} node */
export function called(node) {
  if (node.k === 6 || node.k === 7) return node.n;
  if (node.k === 4) {
    return `${pathOf(node).split("/").slice(2).join("/")} ${node.t}`;
  }
  return node.t === "$LATEST" ? node.n : node.t;
}

// Repositories drawn as boxes: what they hold, by the ids of their images.
/** @type {Map<number, number[]>} */
export const inside = new Map();
nodes.forEach((node, number) => {
  if (node.k !== 4) return;
  const repository = repositoryOf(number);
  if (repository >= 0) inside.set(repository, [...(inside.get(repository) ?? []), number]);
});
/** @param {number} image */
export function repositoryOf(image) {
  return byId.get(`ecr-repo:${pathOf(nodes[image])}`) ?? -1;
}
