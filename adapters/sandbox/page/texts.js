/** The labels of the page, in the language that the server speaks. */

import { icon } from "./icons.js";

/** @type {Record<string, string>} */
let texts = {};
let language = "en";

/**
 * @param {Record<string, string>} all
 * @param {string} spoken
 */
export function learn(all, spoken) {
  texts = all;
  language = spoken;
  document.documentElement.lang = spoken;
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-t]")))
    element.textContent = t(element.dataset.t ?? "");
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-t-label]")))
    label(element, t(element.dataset.tLabel ?? ""));
}

/**
 * @param {string} key
 * @param {Record<string, string | number>} [values]  put where `{name}` stands
 * @returns {string} the label, or the key itself where there is none
 */
export function t(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** @returns {string} a number as it is written here */
export const number = (/** @type {number} */ n) => new Intl.NumberFormat(language).format(n);

/** Names an element for everybody: read out, and shown when the pointer rests on it if it is a button. */
export function label(/** @type {HTMLElement} */ element, /** @type {string} */ text) {
  element.setAttribute("aria-label", text);
  if (element.tagName === "BUTTON") element.title = text;
}

/** Draws the icons that index.html only names. */
export function drawIcons() {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-icon]")))
    element.replaceChildren(icon(/** @type {any} */ (element.dataset.icon)));
}

/**
 * @param {string} at  an instant in UTC
 * @param {string} local  the same as the community's clock shows it, with its weekday: Mon 09:18
 * @returns {{ time: string, day: string }} 09:18, and the local date as 2026-09-14
 */
export function localTime(at, local) {
  const time = /\d{1,2}:\d{2}/.exec(local)?.[0] ?? local;
  const [hours, minutes] = time.split(":").map(Number);
  const utc = new Date(at);
  let ahead = hours * 60 + minutes - (utc.getUTCHours() * 60 + utc.getUTCMinutes());
  if (ahead <= -720) ahead += 1440;
  if (ahead > 840) ahead -= 1440;
  const day = new Date(utc.getTime() + ahead * 60_000);
  return { time, day: Number.isNaN(day.getTime()) ? "" : day.toISOString().slice(0, 10) };
}

/** @returns {string} Monday 14 September, from 2026-09-14 */
export function longDay(/** @type {string} */ day) {
  const date = new Date(`${day}T00:00:00Z`);
  const tag = language === "en" ? "en-GB" : language;
  return new Intl.DateTimeFormat(tag, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" }).format(date);
}
