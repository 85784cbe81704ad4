/** One row of a conversation: a message, a reply of the bot to one person alone, or one that is still on its way. */

import { card } from "./card.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, badge } from "./people.js";
import { typed } from "./rich.js";
import { localTime, number, t } from "./texts.js";

/**
 * @typedef {object} Row
 * @property {string} key
 * @property {string} look
 * @property {number} guess
 * @property {"message" | "private" | "pending"} kind
 * @property {any} message  of kind private: a Private; of kind pending: a request
 * @property {boolean} head  begins a group of its author's
 * @property {string} day  to show above, or empty
 * @property {boolean} editing
 * @property {boolean} thread  shown in its thread
 *
 * @typedef {object} Doing  what can be done to a row
 * @property {(message: any, button: any) => void} press
 * @property {(reply: any, button: any) => void} pressPrivate
 * @property {(message: any, emoji: string) => void} react
 * @property {(message: any) => void} openThread
 * @property {(reply: any) => void} dismiss
 * @property {(message: any, text: string | null) => void} finishEdit
 * @property {(id: string) => any} person
 * @property {() => string} me
 * @property {import("./rich.js").Places} places
 */

/**
 * @param {Row} row
 * @param {Doing} doing
 * @returns {HTMLElement}
 */
export function render(row, doing) {
  const shown = { message, private: whisper, pending }[row.kind](row, doing);
  shown.tabIndex = -1;
  shown.dataset.key = row.key;
  if (row.day) shown.prepend(h("div", { class: "day" }, h("span", null, row.day)));
  return shown;
}

/**
 * @param {Row} row
 * @param {Doing} doing
 */
function message(row, doing) {
  const { message } = row;
  const author = doing.person(message.author);
  const { time } = localTime(message.at, message.local);
  const name = author?.name ?? message.author;
  const parts = [];
  if (row.editing) parts.push(editor(message, doing));
  else if (message.post) parts.push(card(message.post, doing.places, (button) => doing.press(message, button)));
  else parts.push(words(message, doing));
  if (message.reactions.length) parts.push(reactions(message, doing));
  if (message.replies > 0 && !row.thread && !message.thread) parts.push(repliesLink(message, doing));
  return h(
    "article",
    { class: `row ${row.head ? "head" : "follows"} ${message.post ? "ours" : ""}`, "aria-label": `${name}, ${time}` },
    h("div", { class: "row-side" }, row.head ? avatar(author) : h("span", { class: "row-time", "aria-hidden": "true" }, time)),
    h(
      "div",
      { class: "row-main" },
      row.head && h("p", { class: "row-head" }, h("span", { class: "row-name" }, name), badge(author), h("time", { class: "row-when", datetime: message.at }, message.local)),
      ...parts,
    ),
  );
}

/**
 * @param {any} message
 * @param {Doing} doing
 */
function words(message, doing) {
  return h(
    "div",
    { class: "row-text" },
    typed(message.text ?? "", doing.places),
    message.edited && h("span", { class: "row-edited" }, ` (${t("edited")})`),
  );
}

/**
 * @param {any} message
 * @param {Doing} doing
 */
function reactions(message, doing) {
  const chips = message.reactions.map((/** @type {any} */ { emoji, shown, members }) => {
    const mine = members.includes(doing.me());
    const names = members.map((/** @type {string} */ id) => doing.person(id)?.name ?? id).join(", ");
    const label = `${shown} ${number(members.length)}: ${t("reacted", { name: names })}`;
    return h(
      "button",
      { type: "button", class: "reaction", "aria-pressed": String(mine), "aria-label": label, title: label, dataset: { focus: emoji }, onclick: () => doing.react(message, emoji) },
      h("span", { class: "emoji" }, shown),
      ` ${number(members.length)}`,
    );
  });
  return h("div", { class: "reactions" }, ...chips);
}

/**
 * @param {any} message
 * @param {Doing} doing
 */
function repliesLink(message, doing) {
  const text = message.replies === 1 ? t("reply_one") : t("reply_many", { n: number(message.replies) });
  return h("button", { type: "button", class: "replies", dataset: { focus: "replies" }, onclick: () => doing.openThread(message) }, icon("reply"), text);
}

/**
 * @param {any} message
 * @param {Doing} doing
 */
function editor(message, doing) {
  const box = /** @type {HTMLTextAreaElement} */ (h("textarea", { class: "edit-box", rows: 2, "aria-label": t("edit") }));
  box.value = message.text ?? "";
  box.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") doing.finishEdit(message, null);
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    doing.finishEdit(message, box.value);
  });
  return h(
    "div",
    { class: "editor" },
    box,
    h(
      "div",
      { class: "card-buttons" },
      h("button", { type: "button", class: "button small primary", onclick: () => doing.finishEdit(message, box.value) }, t("save")),
      h("button", { type: "button", class: "button small default", onclick: () => doing.finishEdit(message, null) }, t("cancel")),
    ),
  );
}

/**
 * @param {Row} row
 * @param {Doing} doing
 */
function whisper(row, doing) {
  const reply = row.message;
  return h(
    "article",
    { class: "row head whisper", "aria-label": t("only_you") },
    h("div", { class: "row-side" }, avatar({ kind: "vigie" })),
    h(
      "div",
      { class: "row-main" },
      h(
        "p",
        { class: "row-head" },
        h("span", { class: "whisper-mark" }, icon("eye"), t("only_you")),
        h("button", { type: "button", class: "link-button", dataset: { focus: "dismiss" }, onclick: () => doing.dismiss(reply) }, t("dismiss")),
      ),
      card(reply.post, doing.places, (button) => doing.pressPrivate(reply, button)),
    ),
  );
}

/**
 * @param {Row} row
 * @param {Doing} doing
 */
function pending(row, doing) {
  const { person, text } = row.message;
  const author = doing.person(person);
  return h(
    "article",
    { class: "row head pending", "aria-label": author?.name ?? person },
    h("div", { class: "row-side" }, avatar(author)),
    h("div", { class: "row-main" }, h("p", { class: "row-head" }, h("span", { class: "row-name" }, author?.name ?? person), h("span", { class: "row-when" }, "…")), h("div", { class: "row-text" }, text)),
  );
}
