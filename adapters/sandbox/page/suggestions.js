/** What a message box proposes: the bot's commands after `/`, what may follow them, and people after `@`. */

import { announce, h } from "./dom.js";
import { avatar } from "./people.js";
import { t } from "./texts.js";

/**
 * @typedef {object} Option
 * @property {string} text  what the box says once it is taken
 * @property {string} name
 * @property {string} about
 * @property {any} [person]
 */

export class Suggestions {
  list = h("ul", { class: "suggestions", role: "listbox", hidden: true });
  #app;
  #box;
  /** @type {Option[]} */
  #options = [];
  #active = -1;
  #asked = "";
  /** @type {string | null} what was in the box when Escape closed the list */
  #refused = null;

  /**
   * @param {import("./app.js").App} app
   * @param {HTMLTextAreaElement} box
   * @param {boolean} thread
   */
  constructor(app, box, thread) {
    this.#app = app;
    this.#box = box;
    this.list.id = thread ? "reply-suggestions" : "suggestions";
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-haspopup", "listbox");
    box.addEventListener("blur", () => this.#close());
    // A press must not take the focus from the box, or the list would be gone before the click.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  /** To call after every change of the box. */
  update() {
    const { value } = this.#box;
    if (value !== this.#refused) this.#refused = null;
    const called = /(?:^|\s)@([\p{L}\p{N}_.-]*)$/u.exec(value.slice(0, this.#box.selectionStart));
    if (document.activeElement !== this.#box || this.#refused !== null) this.#close();
    else if (value.startsWith("/") && !value.includes("\n")) this.#commands(value);
    else if (called) this.#people(called[1]);
    else this.#close();
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether it was for the list
   */
  key({ key, shiftKey }) {
    if (this.list.hidden) return false;
    const count = this.#options.length;
    if (key === "ArrowDown") this.#activate((this.#active + 1) % count);
    else if (key === "ArrowUp") this.#activate((Math.max(this.#active, 0) + count - 1) % count);
    else if (key === "Escape") {
      this.#refused = this.#box.value;
      this.#close();
    } else if (key === "Tab" && !shiftKey) this.#take(this.#options[Math.max(0, this.#active)]);
    else if (key === "Enter" && !shiftKey && this.#active >= 0) this.#take(this.#options[this.#active]);
    else return false;
    return true;
  }

  /** @param {string} value */
  #commands(value) {
    const typed = value.trim().toLowerCase();
    const known = this.#app.state.commands.filter(({ complete, usage }) => complete.trim() !== typed && (complete.startsWith(value.toLowerCase()) || usage.startsWith(value.toLowerCase())));
    if (known.length) {
      const options = known.map(({ usage, complete, description }) => ({ text: complete, name: usage, about: description }));
      // Enter must send what is a command as it stands.
      const whole = this.#app.state.commands.some(({ complete }) => complete.trim() === typed);
      return this.#show(options, t("commands"), whole ? -1 : 0);
    }
    if (!/\s/.test(value)) return this.#close();
    this.#asked = value;
    this.#app.connection.request("complete", { person: this.#app.person, text: value }).then((ack) => {
      if (this.#asked !== value || this.#box.value !== value || document.activeElement !== this.#box) return;
      const options = (ack.options ?? []).map((/** @type {any} */ line) => ({ text: line.value, name: line.label, about: line.value }));
      if (options.length && this.#refused === null) this.#show(options, t("commands"), -1);
      else this.#close();
    });
  }

  /** @param {string} begun */
  #people(begun) {
    const plain = (/** @type {string} */ text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    const { state, person: me } = this.#app;
    const roles = state.roles.map((name) => ({ id: `@${name}`, name, kind: "team", role: true }));
    const found = [...state.people.values(), ...roles].filter(({ id, name }) => id !== me && plain(name).startsWith(plain(begun)));
    const start = this.#box.selectionStart - begun.length;
    const after = this.#box.value.slice(this.#box.selectionStart);
    const options = found.slice(0, 8).map((person) => ({
      text: `${this.#box.value.slice(0, start)}${person.name} ${after.trimStart()}`,
      name: person.name,
      about: t(`people_${person.kind}`),
      person: person.role ? undefined : person,
    }));
    if (options.length && !found.some(({ name }) => name === begun)) this.#show(options, t("people"), 0);
    else this.#close();
  }

  /**
   * @param {Option[]} options
   * @param {string} label
   * @param {number} active
   */
  #show(options, label, active) {
    const before = this.list.hidden;
    // Whoever chose from a list that is replaced a moment later keeps what they chose.
    const chosen = options.findIndex(({ text }) => text === this.#options[this.#active]?.text);
    this.#options = options;
    this.list.setAttribute("aria-label", label);
    this.list.replaceChildren(
      ...options.map((option, index) =>
        h(
          "li",
          { class: "suggestion", role: "option", id: `${this.list.id}-${index}`, "aria-selected": "false", onclick: () => this.#take(option) },
          option.person && avatar(option.person, "small"),
          h("span", { class: "suggestion-name" }, option.name),
          option.about && h("span", { class: "suggestion-about" }, option.about),
        ),
      ),
    );
    this.list.hidden = false;
    this.#box.setAttribute("aria-controls", this.list.id);
    this.#activate(active < 0 && !before ? chosen : active);
    if (before) announce(`${label}: ${options.length}`);
  }

  #activate(/** @type {number} */ index) {
    this.#active = index;
    [...this.list.children].forEach((child, at) => child.setAttribute("aria-selected", String(at === index)));
    if (index < 0) return this.#box.removeAttribute("aria-activedescendant");
    this.list.children[index]?.scrollIntoView({ block: "nearest" });
    this.#box.setAttribute("aria-activedescendant", `${this.list.id}-${index}`);
  }

  /** @param {Option} option */
  #take(option) {
    this.#box.value = option.text;
    this.#box.setSelectionRange(option.text.length, option.text.length);
    this.#close();
    this.#box.dispatchEvent(new Event("input"));
  }

  #close() {
    this.#asked = "";
    this.list.hidden = true;
    this.#active = -1;
    this.#box.removeAttribute("aria-activedescendant");
    this.#box.removeAttribute("aria-controls");
  }
}
