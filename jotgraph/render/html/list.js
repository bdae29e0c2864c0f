// The list of deployments: one row for each function, with the version that is looked at; it sorts and
// filters, and what it shows is what the filters of the graph let pass.

import { $, called, data, NARROW, nodes, passes, state } from "./model.js";
import { el, pill, plural } from "./elements.js";
import { canvas } from "./scene.js";
import { select } from "./select.js";
import { toggleList } from "./head.js";

const body = $("jots-body");
/** @type {{ sort: "name" | "commit" | "state", down: boolean, limit: number, chosen: Map<number, number>, rows: DeploymentRow[][] }} */
const listing = { sort: "state", down: false, limit: 150, chosen: new Map(), rows: [] };
/** @type {Map<string, DeploymentRow[]>} */
const groups = new Map(); // function -> its jots, $LATEST first, then the newest version
/** @type {DeploymentRow[][]} */
const bare = []; // images that nothing runs
for (const jot of data.jots) {
  if (!jot.f) {
    bare.push([jot]);
    continue;
  }
  const node = nodes[jot.x];
  const key = `${node.a}/${node.r}/${jot.f}`;
  groups.set(key, [...(groups.get(key) ?? []), jot]);
}
/** @param {DeploymentRow} jot */
const latestFirst = (jot) => (jot.q[0] === "$LATEST" ? Infinity : Number(jot.q[0]));
for (const jots of groups.values()) jots.sort((a, b) => latestFirst(b) - latestFirst(a));

// All that a row is about: what runs, its image, copies, commits and role.
/** @param {DeploymentRow} jot */
const chain = (jot) => [jot.x, ...jot.e, jot.im, ...jot.lo, jot.ro, ...jot.c.map(([, node]) => node)].filter((each) => each >= 0);
const order = new Map(data.jots.map((jot, number) => [jot, number])); // they come worst first
/** @param {DeploymentRow[]} jots */
const severest = (jots) => jots.reduce((a, b) => ((order.get(b) ?? 0) < (order.get(a) ?? 0) ? b : a));
/** @param {DeploymentRow[]} jots */
const shownJot = (jots) => jots.find((each) => each.x === listing.chosen.get(jots[0].x)) ?? jots[0];
/** @param {DeploymentRow} jot */
const jotName = (jot) => jot.f || called(nodes[jot.x]);
/** @type {Record<string, (jot: DeploymentRow) => string | number>} */
const KEYS = {
  name: (jot) => jotName(jot).toLowerCase(),
  commit: (jot) => (jot.c.length ? (jot.u || jot.c[0][0]).toLowerCase() : "\uffff"),
  state: (jot) => order.get(jot) ?? 0,
};

// Deployments as `ls` and `summary` count them: versions of other code are others.
/** @param {DeploymentRow[][]} rows */
const deployments = (rows) => rows.flat().reduce((sum, jot) => sum + jot.d, 0);

export function showList() {
  const words = $("jots-filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const also = $("undeployed").checked || state.passing !== null; // a filter may be about them
  const all = [...groups.values(), ...(also ? bare : [])];
  const key = KEYS[listing.sort];
  const rows = all.filter((jots) => state.passing === null || jots.some((jot) => chain(jot).some(passes)))
    .filter((jots) => {
      if (!words.length) return true;
      const said = jots.map((jot) => `${jotName(jot)} ${jot.q} ${jot.u} ${jot.c.map(([sha]) => sha)} ${jot.tag} ${jot.st} ${jot.s.map(([, word]) => word)} ${jot.w.map(([alias]) => alias)} ${nodes[jot.x].r} ${nodes[jot.x].a}`).join(" ").toLowerCase();
      return words.every((word) => said.includes(word));
    })
    .map((jots) => /** @type {const} */ ([key(listing.sort === "state" ? severest(jots) : shownJot(jots)), jotName(jots[0]), jots]));
  rows.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0) * (listing.down ? -1 : 1));
  listing.rows = rows.map(([, , jots]) => jots);
  const total = deployments([...groups.values()]);
  const shown = deployments(listing.rows);
  $("jots-count").textContent = shown === total ? total.toLocaleString("en") : `${shown.toLocaleString("en")} of ${total.toLocaleString("en")}`;
  body.replaceChildren(...listing.rows.slice(0, listing.limit).map(row));
  if (!rows.length) body.append(el("tr", {}, el("td", { colspan: "3", class: "empty", text: data.jots.length ? "Nothing matches." : "No function was read." })));
  const left = rows.length - listing.limit;
  $("more").hidden = left <= 0;
  $("more").textContent = `Show ${Math.min(left, 300).toLocaleString("en")} more of ${left.toLocaleString("en")}`;
}

// What the first row of the list is about, if something is wrong with it or worth a look; else -1.
export function firstWrong() {
  const jot = listing.rows.length ? severest(listing.rows[0]) : null;
  return jot?.s.some(([rank]) => rank < 2) ? jot.x : -1;
}

/** @param {DeploymentRow[]} jots */
function row(jots) {
  const jot = shownJot(jots);
  const node = nodes[jot.x];
  const open = el("button", { type: "button", class: "row-name", title: node.i, on: { click: (event) => look(jot.x, event) } }, el("span", {}, ...breakable(jotName(jot))));
  const lit = state.selected === jot.x || jots.some((each) => each.x === state.selected);
  const routes = jot.w.map(([alias, share]) => (share < 1 ? `${alias} ${Math.round(share * 100)}%` : alias)).join(", ");
  const commit = jot.c[0];
  return el("tr", { class: lit ? "current" : "", "aria-selected": lit ? "true" : null, "data-node": String(jot.x) },
    el("th", { scope: "row" }, open,
      el("div", { class: "sub" }, jots.length > 1 ? versionPicker(jots, jot) : jot.f && jot.q[0] !== "$LATEST" ? el("span", { text: `version ${jot.q[0]}` }) : null,
        routes ? el("span", { class: "alias", text: routes }) : null,
        el("span", { class: "quiet", text: node.r || node.a }))),
    el("td", {}, commit ? el("div", { class: "commit" },
      commit[1] >= 0 ? el("button", { type: "button", class: "sha", text: commit[0], on: { click: (event) => look(commit[1], event) } }) : el("code", { text: commit[0] }),
      jot.n > 1 ? el("span", { class: "quiet", text: ` or ${plural(jot.n - 1, "other", "others")}` }) : null) : el("span", { class: "quiet", text: "unknown" }),
      jot.u ? el("div", { class: "subject", text: jot.u, title: jot.u }) : null),
    el("td", {}, el("div", { class: "pills" }, (jot.f ? jot.s : node.s ?? []).map(([rank, word]) => pill(rank, word)),
      commit ? el("span", { class: `standing standing-${jot.sr}`, text: jot.st }) : null)));
}

// Select from the list; where it covers the graph it makes way. After a click the arrow keys are the
// graph's; who comes by keys stays in the list.
/** @param {number} node @param {Event} event */
function look(node, event) {
  const covers = innerWidth < NARROW;
  if (covers) toggleList();
  select(node);
  if (covers || /** @type {MouseEvent} */ (event).detail > 0) canvas.focus({ preventScroll: true });
}

// A long name may be broken after a slash.
/** @param {string} name */
const breakable = (name) => name.split(/(?<=\/)/).flatMap((each) => [each, el("wbr", {})]);

/** @param {DeploymentRow[]} jots @param {DeploymentRow} jot */
function versionPicker(jots, jot) {
  const choose = el("select", { "aria-label": `Version of ${jot.f}`, on: { change: (event) => {
    const chosen = Number(event.currentTarget.value);
    listing.chosen.set(jots[0].x, chosen);
    showList();
    select(chosen);
    /** @type {HTMLElement | null} */ (body.querySelector(`tr[data-node="${chosen}"] select`))?.focus();
  } } }, jots.map((each) => {
    const aliases = each.w.map(([alias]) => alias).join(", ");
    const worstWord = each.s[0]?.[1];
    return el("option", { value: String(each.x), text: [each.q[0] === "$LATEST" ? "$LATEST" : `v${each.q[0]}`, aliases ? `← ${aliases}` : "", worstWord ?? ""].filter(Boolean).join(" ") });
  }));
  choose.value = String(jot.x);
  return choose;
}

export function markRow() {
  for (const each of /** @type {Iterable<HTMLElement>} */ (/** @type {unknown} */ (body.children))) {
    const node = Number(each.dataset.node);
    const jots = listing.rows.find((one) => one.some((jot) => jot.x === node));
    const lit = jots !== undefined && jots.some((jot) => jot.x === state.selected);
    each.classList.toggle("current", lit);
    if (lit) each.setAttribute("aria-selected", "true");
    else each.removeAttribute("aria-selected");
  }
}

for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-sort]"))) {
  button.addEventListener("click", () => {
    const sort = /** @type {"name" | "commit" | "state"} */ (button.dataset.sort);
    listing.down = listing.sort === sort ? !listing.down : false;
    listing.sort = sort;
    for (const each of document.querySelectorAll("th[aria-sort]")) each.removeAttribute("aria-sort");
    button.closest("th")?.setAttribute("aria-sort", listing.down ? "descending" : "ascending");
    showList();
  });
}
$("jots-filter").addEventListener("input", () => { listing.limit = 150; showList(); });
$("undeployed").addEventListener("change", showList);
$("more").addEventListener("click", () => { listing.limit += 300; showList(); });
$("undeployed-label").hidden = !bare.length;
