/** The message box: Enter sends, Shift+Enter begins a line, Up rewrites one's last message, `/` and `@` suggest. */

import { byId, h } from "./dom.js";
import { icon } from "./icons.js";
import { avatar } from "./people.js";
import { keep, memory } from "./session.js";
import { Suggestions } from "./suggestions.js";
import { label, t } from "./texts.js";

const TALLEST = 200;

export class Composer {
  box = /** @type {HTMLTextAreaElement} */ (h("textarea", { class: "composer-box", rows: 1, autocomplete: "off" }));
  #app;
  #flow;
  #thread;
  #who = h("span", { class: "composer-who" });
  #send = /** @type {HTMLButtonElement} */ (h("button", { type: "submit", class: "send" }, icon("send")));
  #help;
  #suggestions;
  #place = "";

  /**
   * @param {import("./app.js").App} app
   * @param {import("./flow.js").Flow} flow
   * @param {{ form: string, thread: boolean }} where
   */
  constructor(app, flow, { form, thread }) {
    this.#app = app;
    this.#flow = flow;
    this.#thread = thread;
    this.box.id = thread ? "reply-box" : "message-box";
    this.#help = h("p", { class: "composer-help", id: `${this.box.id}-help` });
    this.box.setAttribute("aria-describedby", this.#help.id);
    this.#suggestions = new Suggestions(app, this.box, thread);
    const place = byId(form);
    place.append(this.#suggestions.list, h("div", { class: "composer-frame" }, this.#who, this.box, this.#send), this.#help);
    place.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#say();
    });
    this.box.addEventListener("keydown", (event) => this.#keyed(event));
    this.box.addEventListener("input", () => this.#typed());
  }

  get #key() {
    const { channel, thread } = this.#app;
    return this.#thread ? `${channel}/${thread}` : channel;
  }

  /** Where one writes, or as whom, changed: shows the draft kept for there. */
  draw() {
    const person = this.#app.state.people.get(this.#app.person);
    const values = { channel: this.#app.channelName(this.#app.channel) ?? "", name: person?.name ?? "" };
    const placeholder = t(this.#thread ? "reply_placeholder" : "message_placeholder", values);
    this.box.placeholder = placeholder;
    this.box.setAttribute("aria-label", placeholder);
    label(this.#send, t("send"));
    this.#help.textContent = t("composer_help");
    this.#who.replaceChildren(avatar(person, "small"));
    if (this.#place !== this.#key) {
      this.#place = this.#key;
      this.write(memory.drafts[this.#key] ?? "");
    }
  }

  /** Puts a text into the box, as if it had been typed. */
  write(/** @type {string} */ text) {
    this.box.value = text;
    this.#typed();
  }

  #typed() {
    const { value } = this.box;
    if (value) memory.drafts[this.#key] = value;
    else delete memory.drafts[this.#key];
    keep();
    this.#send.disabled = !value.trim();
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, TALLEST)}px`;
    this.#suggestions.update();
  }

  #say() {
    const text = this.box.value.trim();
    if (!text) return;
    this.write("");
    this.#app.say(text, this.#thread ? this.#app.thread : null);
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    if (event.isComposing) return;
    if (this.#suggestions.key(event)) return event.preventDefault();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#say();
    } else if (event.key === "ArrowUp" && !this.box.value) {
      const own = this.#flow.messages.findLast(({ author, post }) => author === this.#app.person && !post);
      if (!own) return;
      event.preventDefault();
      this.#flow.edit(own.id);
    }
  }
}
