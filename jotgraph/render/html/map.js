// The whole estate in a corner: painted when it changes, framed whenever the view moves.

import { HIGH, state, WIDE } from "./model.js";
import { blocks, map, penOf, scene, viewport } from "./scene.js";
import { afar, litCard, ink, worstOf } from "./paint.js";

const ROOMY = 900; // a narrower graph has no corner to spare
const MAP_WIDE = 180, MAP_HIGH = 110;
const picture = document.createElement("canvas");
export let mapScale = 1, mapLeft = 0, mapTop = 0;
/** @type {Set<number> | null | undefined} */
let mapOf = null; // what was lit when it was painted

export function drawMap() {
  map.hidden = viewport.wide < ROOMY || scene.wide * 0.6 < viewport.wide && scene.high * 0.6 < viewport.high;
  mapOf = undefined; // to be painted again, whatever is lit
}

function paintMap() {
  if (mapOf === state.lit && picture.width === MAP_WIDE * viewport.ratio) return;
  mapOf = state.lit;
  for (const each of [map, picture]) {
    each.width = MAP_WIDE * viewport.ratio;
    each.height = MAP_HIGH * viewport.ratio;
  }
  mapScale = Math.min((MAP_WIDE - 12) / scene.wide, (MAP_HIGH - 12) / scene.high);
  mapLeft = (MAP_WIDE - scene.wide * mapScale) / 2;
  mapTop = (MAP_HIGH - scene.high * mapScale) / 2;
  const pen = penOf(picture);
  pen.setTransform(viewport.ratio, 0, 0, viewport.ratio, 0, 0);
  for (const block of blocks) {
    if (block.hidden) continue;
    for (const card of block.cards) {
      pen.globalAlpha = state.lit && !litCard(card) ? 0.3 : 0.85;
      pen.fillStyle = afar(worstOf(card));
      pen.fillRect(mapLeft + (block.x + card.x) * mapScale, mapTop + (block.y + card.y) * mapScale,
        Math.max(1, WIDE * mapScale), Math.max(0.6, HIGH * mapScale));
    }
  }
}

export function outlineMap() {
  if (map.hidden) return;
  paintMap();
  const pen = penOf(map);
  const { k, x, y } = scene.transform;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, map.width, map.height);
  pen.drawImage(picture, 0, 0);
  pen.setTransform(viewport.ratio, 0, 0, viewport.ratio, 0, 0);
  pen.strokeStyle = ink.focus;
  pen.lineWidth = 1.4;
  pen.strokeRect(mapLeft + (-x / k) * mapScale, mapTop + (-y / k) * mapScale, (viewport.wide / k) * mapScale, (viewport.high / k) * mapScale);
}
