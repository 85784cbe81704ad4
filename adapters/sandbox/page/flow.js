/** A conversation on the page: a channel, or one thread of it, in a windowed list. */

import { byId, h, once } from "./dom.js";
import { WindowedList } from "./list.js";
import { render } from "./row.js";
import { rows } from "./rows.js";
import { label, localTime, t } from "./texts.js";
import { Toolbar } from "./toolbar.js";

const SLOW = 400;

export class Flow {
  /** @type {string | null} of a message being rewritten */
  editing = null;
  #thread;
  #scroller;
  #app;
  #list;
  #toolbar;
  #shownPlace = "";
  #toEnd = false;
  draw = once(() => this.drawNow());

  /**
   * @param {import("./app.js").App} app
   * @param {{ scroller: string, thread: boolean }} where
   */
  constructor(app, { scroller, thread }) {
    this.#app = app;
    this.#thread = thread;
    this.#scroller = byId(scroller);
    this.#toolbar = new Toolbar(app, this);
    this.#list = new WindowedList(this.#scroller, {
      render: (row) => this.#render(/** @type {any} */ (row)),
      top: () => this.askOlder(),
      moved: () => this.#moved(),
    });
    for (const kind of ["hello", "seen"]) app.state.addEventListener(kind, this.draw);
    app.state.addEventListener("room", (/** @type {any} */ { detail }) => detail.channel === app.channel && this.draw());
    this.#scroller.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#keyed(event));
    this.#toolbar.follow(this.#scroller, (key) => this.#list.node(key));
  }

  get #place() {
    return this.#thread ? (this.#app.thread ?? "") : this.#app.channel;
  }

  get messages() {
    const { state, channel, thread } = this.#app;
    if (!this.#thread) return state.rooms.get(channel)?.flow ?? [];
    const root = thread && state.messages.get(thread);
    return root ? [root, ...(state.threads.get(thread) ?? [])] : [];
  }

  drawNow() {
    const { state, connection } = this.#app;
    if (this.#shownPlace !== this.#place) {
      this.#list.clear();
      this.editing = null;
      this.#shownPlace = this.#place;
    }
    const channel = this.#app.channel;
    const now = Date.now();
    const pending = connection.pending
      .filter(({ request, since, done }) => !done && request.kind === "say" && !request.text.startsWith("/") && (now - since > SLOW || !connection.connected))
      .map(({ request }) => request)
      .filter((request) => request.channel === channel && (request.thread ?? "") === (this.#thread ? this.#app.thread : ""));
    const room = state.rooms.get(channel);
    const all = rows(this.messages, {
      me: this.#app.person,
      privates: this.#thread ? [] : state.privatesOf(this.#app.person, channel),
      pending,
      editing: this.editing,
      today: state.clock ? localTime(state.clock.now, state.clock.local).day : "",
      older: room?.older ?? false,
      thread: this.#thread,
      width: this.#scroller.clientWidth,
      language: document.documentElement.lang,
    });
    if (!this.#thread) all.unshift(this.#edge(room, all.length === 0));
    if (this.#toEnd) {
      this.#toEnd = false;
      this.#list.toEnd();
    }
    this.#toolbar.keepOver(() => this.#list.show(all));
    label(this.#scroller, this.#thread ? t("thread") : t("messages", { channel: this.#app.channelName(channel) ?? "" }));
    this.#moved();
  }

  /** What stands above the first message. */
  #edge(/** @type {any} */ room, /** @type {boolean} */ empty) {
    const text = room?.older ? "load_older" : empty ? "empty_channel" : "no_older";
    return /** @type {any} */ ({ key: "edge", kind: "edge", edge: true, text, guess: 40, look: `${text}|${document.documentElement.lang}` });
  }

  /** @param {any} row */
  #render(row) {
    if (row.kind !== "edge") {
      const node = render(row, this.#app.doing(this));
      if (row.editing) queueMicrotask(() => focusAtEnd(node.querySelector("textarea")));
      return node;
    }
    const ask = h("button", { type: "button", class: "button small default", onclick: () => this.askOlder() }, t(row.text));
    return h("article", { class: `edge ${row.text}`, "aria-label": t(row.text), tabindex: -1, dataset: { key: "edge" } }, row.text === "load_older" ? ask : t(row.text));
  }

  /** Shows the end with the next drawing: for what one said or asked for oneself. */
  followNext() {
    this.#toEnd = true;
    this.draw();
  }

  /** @param {string} id */
  edit(id) {
    this.editing = id;
    this.drawNow();
    this.#list.reveal(id);
  }

  /**
   * Brings a message into view and marks it for a moment.
   * @param {string} key
   */
  reveal(key) {
    this.drawNow();
    const node = this.#list.reveal(key);
    if (!node) return false;
    node.classList.remove("found");
    void node.offsetWidth;
    node.classList.add("found");
    node.focus({ preventScroll: true });
    return true;
  }

  /** Asks for messages before those that are known. */
  async askOlder() {
    const { state, channel } = this.#app;
    const room = state.rooms.get(channel);
    if (this.#thread || !room?.older || room.asking) return;
    room.asking = true;
    const ack = await this.#app.connection.request("older", { channel, before: room.flow[0]?.id ?? room.oldest });
    room.asking = false;
    if (ack.messages) state.prepend(channel, ack.messages, ack.older ?? false);
  }

  #moved() {
    if (this.#thread) return;
    const { state, channel } = this.#app;
    if (this.#list.atEnd && document.visibilityState === "visible") state.see(channel);
    byId("to-end").hidden = this.#list.atEnd || state.unseen(channel) === 0;
  }

  toEnd() {
    this.#list.toEnd();
    this.#moved();
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target !== this.#scroller && !target.matches("article")) return;
    const keys = this.#list.items.map((item) => item.key);
    const from = keys.indexOf(target.dataset.key ?? "");
    const to = { ArrowUp: from < 0 ? keys.length - 1 : from - 1, ArrowDown: from + 1, Home: 0, End: keys.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      const key = keys[Math.min(Math.max(0, to), keys.length - 1)];
      if (key !== undefined) this.#list.reveal(key)?.focus({ preventScroll: true });
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const message = this.#app.state.messages.get(target.dataset.key ?? "");
    if (message && this.#toolbar.key(event.key, message)) event.preventDefault();
  }
}

function focusAtEnd(/** @type {HTMLTextAreaElement | null} */ box) {
  box?.focus({ preventScroll: true });
  box?.setSelectionRange(box.value.length, box.value.length);
}
