/** One WebSocket that is mended when it breaks, and requests that arrive exactly once whatever becomes of it. */

import { keep, memory } from "./session.js";

const FIRST_WAIT = 250;
const LONGEST_WAIT = 5_000;

/** Questions whose answer matters only to the page that asked; not asked again after a reload. */
const QUESTIONS = new Set(["older", "complete"]);

/**
 * @typedef {Record<string, any> & { error?: string }} Ack
 * @typedef {object} Listener
 * @property {(hello: any) => void} hello
 * @property {(change: any) => void} change
 * @property {(connected: boolean) => void} status
 * @property {() => void} outbox  the set of requests under way changed
 */

export class Connection {
  /** @type {WebSocket | null} */
  #socket = null;
  #session = "";
  #seq = 0;
  #wait = FIRST_WAIT;
  /** @type {number | undefined} */
  #timer;
  /** @type {Map<string, { request: any, since: number, done?: boolean, resolve: (ack: Ack) => void }>} */
  #pending = new Map();
  /** @type {Listener} */
  #listener;

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
    for (const request of memory.outbox) this.#pending.set(request.id, { request, since: Date.now(), resolve: () => {} });
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#hurry());
  }

  get connected() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Requests that were not acknowledged yet, oldest first, with the instant they were made at. */
  get pending() {
    return [...this.#pending.values()];
  }

  /**
   * A message arrived: if it is one that was asked for here, it is there, though not acknowledged yet.
   * @param {any} message
   */
  arrived(message) {
    const found = this.pending.find(({ request, done }) => !done && request.kind === "say" && isThat(request, message));
    if (found) found.done = true;
  }

  open() {
    const url = new URL("ws", location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    url.hash = "";
    if (this.#session) url.search = String(new URLSearchParams({ after: String(this.#seq), session: this.#session }));
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#opened());
    socket.addEventListener("message", (event) => socket === this.#socket && this.#receive(JSON.parse(event.data)));
    socket.addEventListener("close", () => socket === this.#socket && this.#lost());
  }

  /**
   * Asks the server for something. It is sent again under the same id until it is acknowledged.
   * @param {string} kind
   * @param {Record<string, any>} [fields]
   * @returns {Promise<Ack>}
   */
  request(kind, fields = {}) {
    const request = { type: "request", id: newId(), kind, ...fields };
    return new Promise((resolve) => {
      this.#pending.set(request.id, { request, since: Date.now(), resolve });
      this.#save();
      if (this.connected && this.#session) this.#send(request);
    });
  }

  #opened() {
    this.#wait = FIRST_WAIT;
    this.#listener.status(true);
    // Without a session, what is pending waits for the Hello: it may belong to a run of the server that is over.
    if (this.#session) this.#sendAgain();
  }

  /** @param {any} message */
  #receive(message) {
    if (message.type === "ack") this.#acknowledged(message);
    else if (message.type === "hello") this.#greeted(message);
    else if (message.seq === this.#seq + 1) {
      this.#seq = message.seq;
      this.#listener.change(message);
    } else if (message.seq > this.#seq) this.#socket?.close();
  }

  /** @param {any} hello */
  #greeted(hello) {
    const first = !this.#session;
    if (memory.session && memory.session !== hello.session) this.#forget();
    this.#session = hello.session;
    this.#seq = hello.seq;
    this.#listener.hello(hello);
    if (first) this.#sendAgain();
  }

  /** Another run of the server: what was asked of the one before is void, but no words are lost. */
  #forget() {
    for (const { request, resolve } of this.#pending.values()) {
      if (request.kind === "say" && !request.thread) memory.drafts[request.channel] ??= request.text;
      resolve({ id: request.id });
    }
    this.#pending.clear();
    this.#save();
  }

  /** @param {Ack} ack */
  #acknowledged(ack) {
    const found = this.#pending.get(ack.id);
    if (!found) return;
    this.#pending.delete(ack.id);
    this.#save();
    found.resolve(ack);
  }

  #lost() {
    this.#socket = null;
    this.#listener.status(false);
    this.#timer = setTimeout(() => this.open(), this.#wait * (0.75 + Math.random() / 2));
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }

  #hurry() {
    if (this.#socket) return;
    clearTimeout(this.#timer);
    this.open();
  }

  #sendAgain() {
    for (const { request } of this.#pending.values()) this.#send(request);
  }

  /** @param {any} request */
  #send(request) {
    this.#socket?.send(JSON.stringify(request));
  }

  #save() {
    memory.outbox = this.pending.map(({ request }) => request).filter(({ kind }) => !QUESTIONS.has(kind));
    keep();
    this.#listener.outbox();
  }
}

/**
 * @param {any} request
 * @param {any} message
 */
function isThat({ person, channel, thread, text }, message) {
  return message.author === person && message.channel === channel && message.text === text && (message.thread ?? "") === (thread ?? "");
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
