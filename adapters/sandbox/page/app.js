/** Where one is, as whom, and what one can do from there. */

import { Connection } from "./connection.js";
import { confirm } from "./dialogs.js";
import { keep, memory } from "./session.js";
import { State } from "./state.js";
import { t } from "./texts.js";

const ADDRESS = /^#\/([^/]+)\/([^/]+)$/;
const ASKING = new Set(["say", "press", "submit"]);

/**
 * Tells `greeted`, `moved` when one went elsewhere or speaks as somebody else, `opened` when one chose to, `write`,
 * `problem`, `status`, `outbox`.
 */
export class App extends EventTarget {
  memory = memory;
  state = new State();
  connection = new Connection({
    hello: (hello) => {
      this.#tell("greeted", hello);
      this.state.greet(hello);
    },
    change: (change) => this.state.change(change),
    status: (connected) => this.#tell("status", connected),
    outbox: () => this.#tell("outbox"),
  });
  /** @type {import("./flow.js").Flow} */
  flow = /** @type {any} */ (null);
  /** @type {import("./flow.js").Flow} */
  threadFlow = /** @type {any} */ (null);

  get channel() {
    return memory.channel;
  }

  get person() {
    return memory.person;
  }

  /** The message whose thread is open. */
  get thread() {
    return memory.thread;
  }

  /** After a Hello: what is not there any more is left. */
  settle() {
    const { people, channels, rooms, messages } = this.state;
    const speakers = [...people.values()].filter(({ kind }) => kind !== "vigie");
    if (!speakers.some(({ id }) => id === memory.person)) memory.person = speakers[0]?.id ?? "";
    if (!rooms.has(memory.channel) && memory.channel !== `@${memory.person}`) memory.channel = channels[0]?.id ?? "";
    if (memory.thread && !messages.has(memory.thread)) memory.thread = null;
    keep();
    this.#tell("moved");
    this.followHash();
  }

  open(/** @type {string} */ channel) {
    if (channel !== memory.channel) {
      memory.channel = channel;
      memory.thread = null;
      keep();
      this.#tell("moved");
    }
    this.#tell("opened");
  }

  speakAs(/** @type {string} */ person) {
    if (person === memory.person || !this.state.people.has(person)) return;
    if (memory.channel === `@${memory.person}`) memory.channel = this.state.channels[0]?.id ?? "";
    memory.person = person;
    keep();
    this.#tell("moved");
  }

  /**
   * @param {any} message  of the thread, its root or not
   * @param {{ write?: boolean }} [how]  `write`: to answer at once
   */
  openThread(message, { write = false } = {}) {
    memory.thread = message.thread ?? message.id;
    memory.channel = message.channel;
    keep();
    this.#tell("moved");
    if (write) this.#tell("write");
  }

  closeThread() {
    if (!memory.thread) return;
    const root = memory.thread;
    memory.thread = null;
    keep();
    const inside = document.activeElement?.closest("#thread");
    this.#tell("moved");
    if (inside) this.flow.reveal(root);
  }

  /** To a message, in its thread if it has one. */
  async goTo(/** @type {string} */ id, /** @type {string} */ channel) {
    this.open(channel);
    const room = this.state.rooms.get(channel);
    while (!this.state.messages.has(id) && room?.older && this.connection.connected) await this.flow.askOlder();
    const message = this.state.messages.get(id);
    if (message?.thread) {
      this.openThread(message);
      this.threadFlow.reveal(id);
    } else this.flow.reveal(id);
  }

  /** Goes where the address of the page leads, once. */
  followHash() {
    const found = ADDRESS.exec(location.hash);
    if (!found) return;
    history.replaceState(null, "", location.pathname + location.search);
    const [channel, id] = found.slice(1).map(decodeURIComponent);
    if (this.state.rooms.has(channel)) this.goTo(`${channel}/${id}`, channel);
  }

  channelName(/** @type {string} */ id) {
    if (id.startsWith("@")) return "Vigie";
    return this.state.channels.find((channel) => channel.id === id)?.name ?? null;
  }

  /**
   * Does something, and says so when it could not be done.
   * @param {string} kind
   * @param {Record<string, any>} [fields]
   */
  async act(kind, fields = {}) {
    const ack = await this.connection.request(kind, fields);
    if (ack.error) this.#tell("problem", ack.error);
    return ack;
  }

  /** Whether what the bot answers just now may be to something this page did: answers come before the acknowledgement. */
  get asking() {
    return this.connection.pending.some(({ request }) => ASKING.has(request.kind) && request.person === this.person);
  }

  /**
   * @param {string} text
   * @param {string | null} thread
   */
  async say(text, thread) {
    const { channel, person } = this;
    (thread ? this.threadFlow : this.flow).followNext();
    const ack = await this.act("say", { person, channel, text, ...(thread ? { thread } : {}) });
    const place = thread ? `${channel}/${thread}` : channel;
    if (!ack.error || memory.drafts[place]) return;
    memory.drafts[place] = text;
    keep();
    this.#tell("moved");
  }

  react(/** @type {any} */ message, /** @type {string} */ emoji) {
    const given = message.reactions.find((/** @type {any} */ reaction) => reaction.emoji === emoji)?.members ?? [];
    this.act("react", { person: this.person, message: message.id, emoji, on: !given.includes(this.person) });
  }

  remove(/** @type {any} */ message) {
    confirm(t("delete_confirm"), t("delete"), () => this.act("delete", { person: this.person, message: message.id }));
  }

  moveClock(/** @type {string} */ move) {
    this.act("clock", { move });
  }

  restart() {
    this.act("restart");
  }

  /**
   * What the rows of a conversation need to be of use.
   * @param {import("./flow.js").Flow} flow
   * @returns {import("./row.js").Doing}
   */
  doing(flow) {
    const { person } = this;
    return {
      press: (message, { action, value }) => this.act("press", { person, channel: message.channel, message: message.id, action, value }),
      pressPrivate: (reply, { action, value }) => this.act("press", { person, channel: reply.channel, private_id: reply.id, action, value }),
      react: (message, emoji) => this.react(this.state.messages.get(message.id) ?? message, emoji),
      openThread: (message) => this.openThread(message, { write: true }),
      dismiss: (reply) => this.state.dismiss(reply.id),
      finishEdit: (message, text) => this.#finishEdit(flow, message, text),
      person: (id) => this.state.people.get(id),
      me: () => this.person,
      places: this.places,
    };
  }

  /** @type {import("./rich.js").Places} */
  places = {
    channelName: (id) => this.channelName(id),
    openChannel: (id) => this.open(id),
    isName: (name) => {
      const same = (/** @type {string} */ other) => other.localeCompare(name, undefined, { sensitivity: "base" }) === 0;
      return [...this.state.people.values()].some((person) => same(person.name)) || this.state.roles.some(same);
    },
    inside: (url) => {
      const found = url.origin === location.origin ? ADDRESS.exec(url.hash) : null;
      if (!found) return null;
      const [channel, id] = found.slice(1).map(decodeURIComponent);
      return () => this.goTo(`${channel}/${id}`, channel);
    },
  };

  /**
   * @param {import("./flow.js").Flow} flow
   * @param {any} message
   * @param {string | null} text  null: as it was
   */
  #finishEdit(flow, message, text) {
    flow.editing = null;
    const changed = text?.trim();
    if (changed && changed !== message.text) this.act("edit", { person: this.person, message: message.id, text: changed });
    flow.reveal(message.id);
  }

  /**
   * @param {string} kind
   * @param {any} [detail]
   */
  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
