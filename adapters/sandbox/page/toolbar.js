/** What can be done with a message: one toolbar, over the message that the pointer or the focus is on. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { label, t } from "./texts.js";

const EMOJI = ["✅", "👍", "👀"];

export class Toolbar {
  #app;
  #flow;
  #bar = h("div", { class: "toolbar", role: "group" });
  #key = "";
  #focused = "";
  /** @type {(key: string) => HTMLElement | null} */
  #node = () => null;

  /**
   * @param {import("./app.js").App} app
   * @param {import("./flow.js").Flow} flow
   */
  constructor(app, flow) {
    this.#app = app;
    this.#flow = flow;
  }

  /**
   * @param {HTMLElement} scroller
   * @param {(key: string) => HTMLElement | null} node
   */
  follow(scroller, node) {
    this.#node = node;
    scroller.addEventListener("pointerover", (event) => this.#over(rowOf(event.target)));
    scroller.addEventListener("pointerleave", () => this.#over(node(this.#focused)));
    scroller.addEventListener("focusin", (event) => {
      const row = rowOf(event.target);
      this.#focused = row?.dataset.key ?? "";
      this.#put(row);
    });
    scroller.addEventListener("focusout", (event) => {
      if (scroller.contains(/** @type {Node | null} */ (event.relatedTarget))) return;
      this.#focused = "";
      this.#put(scroller.querySelector("article:hover"));
    });
  }

  /** Does what changes the rows, and is over the same one afterwards, with the focus that it had. */
  keepOver(/** @type {() => void} */ work) {
    const pressed = [...this.#bar.children].indexOf(/** @type {Element} */ (document.activeElement));
    work();
    if (!this.#key || this.#bar.isConnected) return;
    this.#put(this.#node(this.#key));
    if (pressed >= 0) /** @type {HTMLElement | undefined} */ (this.#bar.children[pressed])?.focus({ preventScroll: true });
  }

  /**
   * What a key does to a message that has the focus.
   * @param {string} key
   * @param {any} message
   * @returns {boolean} whether it did anything
   */
  key(key, message) {
    const own = message.author === this.#app.person && !message.post;
    const actions = {
      r: () => this.#app.openThread(message, { write: true }),
      Enter: () => this.#app.openThread(message, { write: true }),
      e: own && (() => this.#flow.edit(message.id)),
      Delete: own && (() => this.#app.remove(message)),
    };
    const action = actions[/** @type {keyof typeof actions} */ (key)];
    if (action) action();
    return Boolean(action);
  }

  /** @param {HTMLElement | null} row */
  #over(row) {
    if (this.#bar.contains(document.activeElement)) return;
    this.#put(row);
  }

  /** @param {HTMLElement | null} row */
  #put(row) {
    const message = this.#app.state.messages.get(row?.dataset.key ?? "");
    if (!row || !message || row.querySelector(".editor")) {
      this.#bar.remove();
      this.#key = "";
      return;
    }
    if (this.#key === message.id && this.#bar.parentElement === row) return;
    this.#key = message.id;
    this.#fill(message);
    row.append(this.#bar);
  }

  /** @param {any} message */
  #fill(message) {
    const own = message.author === this.#app.person && !message.post;
    label(this.#bar, t("actions"));
    this.#bar.replaceChildren(
      ...EMOJI.map((emoji) => button(h("span", { class: "emoji" }, emoji), `${t("react")}: ${emoji}`, () => this.#app.react(this.#now(message), emoji))),
      ...(message.thread ? [] : [button(icon("reply"), t("reply_in_thread"), () => this.#app.openThread(message, { write: true }))]),
      ...(own ? [button(icon("edit"), t("edit"), () => this.#flow.edit(message.id)), button(icon("delete"), t("delete"), () => this.#app.remove(message))] : []),
    );
  }

  /** The message as it is by now. */
  #now(/** @type {any} */ message) {
    return this.#app.state.messages.get(message.id) ?? message;
  }
}

/**
 * @param {Node} shown
 * @param {string} name
 * @param {() => void} act
 */
function button(shown, name, act) {
  const made = h("button", { type: "button", class: "icon-button small", onclick: act }, shown);
  label(made, name);
  return made;
}

/** @param {EventTarget | null} target */
function rowOf(target) {
  return /** @type {HTMLElement | null} */ (/** @type {Element | null} */ (target)?.closest?.("article[data-key]") ?? null);
}
