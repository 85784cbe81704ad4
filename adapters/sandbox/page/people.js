/** People as the page shows them: initials on a calm colour of their own, and what they are to the community. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

const TONES = 8;

/** @param {any} person  who may have left */
export function avatar(person, size = "") {
  const look = `avatar ${size}`;
  if (person?.kind === "vigie") return h("span", { class: `${look} vigie`, "aria-hidden": "true" }, icon("vigie"));
  return h("span", { class: `${look} tone-${(person?.tone ?? 0) % TONES} ${person?.kind ?? ""}`, "aria-hidden": "true" }, initials(person?.name ?? "?"));
}

/** @param {any} person */
export function badge(person) {
  if (!person) return null;
  return h("span", { class: `badge ${person.kind}` }, t(`people_${person.kind}`));
}

function initials(/** @type {string} */ name) {
  const words = name.split(/[\s_.-]+/).filter(Boolean);
  const letters = words.length > 1 ? words[0][0] + words[1][0] : [...name].slice(0, 2).join("");
  return letters.charAt(0).toUpperCase() + letters.slice(1);
}
