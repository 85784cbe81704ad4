/** What the server told, kept as the page needs it: messages by channel and thread, people, the clock, the panel. */

import { beginAnew, keep, memory } from "./session.js";

/**
 * @typedef {object} Private  a reply of the bot to one person alone
 * @property {string} id
 * @property {string} person
 * @property {string} channel
 * @property {any} post
 * @property {string} [after]  the message that it came after, where that was seen
 * @property {string} at
 * @property {string} local
 *
 * @typedef {object} Room
 * @property {any[]} flow  the channel's own messages, oldest first
 * @property {string} oldest  the first message that is known, of a thread or not
 * @property {boolean} older  whether there are others before it
 * @property {boolean} asking  whether they were asked for
 */

export class State extends EventTarget {
  session = "";
  /** @type {Map<string, any>} */
  people = new Map();
  /** @type {any[]} */
  channels = [];
  /** @type {any[]} */
  commands = [];
  /** @type {any} */
  clock = null;
  /** @type {any} */
  panel = { mentions: [], occurrences: [], deliveries: [] };
  /** @type {any} */
  replay = null;
  /** @type {Map<string, Room>} */
  rooms = new Map();
  /** @type {Map<string, any>} */
  messages = new Map();
  /** @type {Map<string, any[]>} */
  threads = new Map();
  /** @type {Private[]} */
  privates = [];
  /** @type {string[]} names besides people's that can be called */
  roles = [];

  /** @param {any} hello */
  greet(hello) {
    const anew = memory.session !== hello.session;
    if (anew) beginAnew(hello.session);
    this.session = hello.session;
    this.people = new Map(hello.people.map((/** @type {any} */ person, /** @type {number} */ tone) => [person.id, { ...person, tone: tone * 3 }]));
    this.channels = hello.channels;
    this.commands = hello.commands;
    this.clock = hello.clock;
    this.panel = hello.panel;
    this.replay = hello.replay ?? null;
    this.roles = hello.roles ?? [];
    const after = new Map(this.privates.map((reply) => [reply.id, reply.after]));
    this.privates = (hello.privates ?? [])
      .map((/** @type {any} */ told) => ({ ...told, id: told.private_id, post: told.private, after: after.get(told.private_id) }))
      .filter((/** @type {Private} */ { id }) => !memory.dismissed.includes(id));
    this.messages = new Map();
    this.threads = new Map();
    this.rooms = new Map();
    for (const { id } of hello.channels)
      this.rooms.set(id, { flow: [], oldest: "", older: hello.older[id] ?? false, asking: false });
    for (const message of hello.messages) this.#put(message);
    for (const { id } of hello.channels) if (anew) this.see(id);
    this.#tell("hello", { anew });
  }

  /** @param {any} change */
  change(change) {
    switch (change.kind) {
      case "message":
        return this.#changed(change.message);
      case "deleted":
        return this.#deleted(change.deleted);
      case "private":
        return this.#whispered(change);
      case "form":
        return this.#tell("form", change);
      case "clock":
      case "panel":
      case "replay":
        /** @type {any} */ (this)[change.kind] = change[change.kind];
        return this.#tell(change.kind);
    }
  }

  /**
   * Older messages of a channel, as they were asked for.
   * @param {string} channel
   * @param {any[]} messages
   * @param {boolean} older
   */
  prepend(channel, messages, older) {
    const room = this.rooms.get(channel);
    if (!room) return;
    const fresh = messages.filter(({ id }) => !this.messages.has(id));
    for (const message of fresh) this.messages.set(message.id, message);
    room.flow = [...fresh.filter(({ thread }) => !thread), ...room.flow];
    const touched = new Map();
    for (const reply of fresh.filter(({ thread }) => thread))
      touched.set(reply.thread, [...(touched.get(reply.thread) ?? []), reply]);
    for (const [root, replies] of touched) this.threads.set(root, [...replies, ...(this.threads.get(root) ?? [])]);
    room.oldest = fresh[0]?.id ?? room.oldest;
    room.older = older && fresh.length > 0;
    this.#tell("room", { channel });
  }

  /** The channel's last message was seen, and so was everything before. */
  see(/** @type {string} */ channel) {
    const last = this.rooms.get(channel)?.flow.at(-1)?.id ?? "";
    if (memory.seen[channel] === last) return;
    memory.seen[channel] = last;
    keep();
    this.#tell("seen", { channel });
  }

  /** How many messages of a channel were not seen yet. */
  unseen(/** @type {string} */ channel) {
    const flow = this.rooms.get(channel)?.flow ?? [];
    const last = flow.findLastIndex(({ id }) => id === memory.seen[channel]);
    return last < 0 && memory.seen[channel] ? 0 : flow.length - 1 - last;
  }

  /** @param {string} id  of a private reply that is not to be seen again */
  dismiss(id) {
    const gone = this.privates.find((reply) => reply.id === id);
    if (!gone) return;
    this.privates = this.privates.filter((reply) => reply !== gone);
    memory.dismissed.push(id);
    keep();
    this.#tell("room", { channel: gone.channel });
  }

  /**
   * The private replies that somebody sees in a channel.
   * @param {string} person
   * @param {string} channel
   */
  privatesOf(person, channel) {
    return this.privates.filter((reply) => reply.person === person && reply.channel === channel);
  }

  /** @param {any} message */
  #put(message) {
    this.messages.set(message.id, message);
    const room = this.rooms.get(message.channel);
    if (!room) return;
    room.oldest ||= message.id;
    if (!message.thread) room.flow.push(message);
    else this.threads.set(message.thread, [...(this.threads.get(message.thread) ?? []), message]);
  }

  /** @param {any} message */
  #changed(message) {
    const known = this.messages.has(message.id);
    if (!known) this.#put(message);
    else {
      this.messages.set(message.id, message);
      const list = message.thread ? this.threads.get(message.thread) : this.rooms.get(message.channel)?.flow;
      const at = list?.findLastIndex(({ id }) => id === message.id) ?? -1;
      if (list && at >= 0) list[at] = message;
    }
    this.#tell("room", { channel: message.channel });
    this.#tell("message", { message, fresh: !known });
  }

  /** @param {string} id */
  #deleted(id) {
    const message = this.messages.get(id);
    if (!message) return;
    this.messages.delete(id);
    if (message.thread)
      this.threads.set(message.thread, (this.threads.get(message.thread) ?? []).filter((reply) => reply.id !== id));
    const room = this.rooms.get(message.channel);
    if (!room) return;
    const at = room.flow.findIndex((other) => other.id === id);
    if (at >= 0) room.flow.splice(at, 1);
    if (room.oldest === id) room.oldest = room.flow[0]?.id ?? "";
    if (memory.seen[message.channel] === id) memory.seen[message.channel] = room.flow[at - 1]?.id ?? "";
    this.#tell("room", { channel: message.channel });
    this.#tell("gone", { message });
  }

  /** @param {any} change */
  #whispered({ private: post, private_id: id, person, channel, at, local }) {
    const known = this.privates.find((reply) => reply.id === id);
    const after = this.rooms.get(channel)?.flow.at(-1)?.id;
    if (known) this.privates[this.privates.indexOf(known)] = { ...known, post };
    else this.privates.push({ id, person, channel, post, after, at: at ?? this.clock.now, local });
    this.#tell("room", { channel });
    this.#tell("private", { person, channel, post, fresh: !known });
  }

  /**
   * @param {string} kind
   * @param {any} [detail]
   */
  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
