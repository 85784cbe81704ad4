/** The bot's posts as cards. */

import { h } from "./dom.js";
import { lines, link } from "./rich.js";

/**
 * @typedef {import("./rich.js").Places} Places
 * @typedef {(button: any) => void} Press
 */

/**
 * @param {any} post
 * @param {Places} places
 * @param {Press} press  what a button does
 * @returns {HTMLElement}
 */
export function card(post, places, press) {
  return h(
    "div",
    { class: "card" },
    post.pings.length > 0 &&
      h("p", { class: "card-pings" }, ...post.pings.map((/** @type {string} */ name) => h("span", { class: "called" }, calling(name)))),
    post.title && h("h3", { class: "card-title" }, post.title),
    post.body.length > 0 && h("div", { class: "card-body" }, lines(post.body, places)),
    post.fields.length > 0 && h("dl", { class: "card-fields" }, ...post.fields.map((/** @type {any} */ field) => shownField(field, places))),
    post.items.length > 0 &&
      h("ul", { class: "card-items" }, ...post.items.map((/** @type {any} */ item) => shownItem(item, places, press))),
    buttons(post.buttons, places, press),
    post.context.length > 0 && h("div", { class: "card-context" }, lines(post.context, places)),
  );
}

/** A post's words alone, to be read out. */
export function inWords(/** @type {any} */ post) {
  const said = post.body.map((/** @type {any} */ line) => line.spans.map((/** @type {any} */ span) => span.text).join(""));
  return [post.title, ...said].filter(Boolean).join(". ");
}

const calling = (/** @type {string} */ name) => (name.startsWith("@") ? name : `@${name}`);

/**
 * @param {any} field
 * @param {Places} places
 */
function shownField(field, places) {
  return h("div", null, h("dt", null, field.name), h("dd", null, lines(field.value, places)));
}

/**
 * @param {any} item
 * @param {Places} places
 * @param {Press} press
 */
function shownItem(item, places, press) {
  return h("li", null, h("div", { class: "card-body" }, lines(item.body, places)), buttons(item.buttons, places, press));
}

/**
 * @param {any[]} all
 * @param {Places} places
 * @param {Press} press
 */
function buttons(all, places, press) {
  if (all.length === 0) return null;
  return h("div", { class: "card-buttons" }, ...all.map((button) => shownButton(button, places, press)));
}

/**
 * @param {any} button
 * @param {Places} places
 * @param {Press} press
 */
function shownButton(button, places, press) {
  const look = `button small ${button.style}`;
  if (button.url) return link(button.label, button.url, places, look);
  const focus = `${button.action} ${button.value}`;
  return h(
    "button",
    { type: "button", class: look, dataset: { focus, action: button.action }, onclick: () => press(button) },
    button.label,
  );
}
