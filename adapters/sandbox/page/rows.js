/** Which rows a conversation has: messages grouped by author and day, private replies, and what is on its way. */

import { localTime, longDay, t } from "./texts.js";

const GROUP = 5 * 60_000;
const TEXT_LINE = 24;
const LAST = "";

/** @type {WeakMap<any, number>} */
const versions = new WeakMap();
let version = 0;

/** A number that changes with the message. */
function versionOf(/** @type {any} */ thing) {
  let known = versions.get(thing);
  if (known === undefined) versions.set(thing, (known = ++version));
  return known;
}

/**
 * @param {any[]} messages  oldest first
 * @param {{ me: string, privates: any[], pending: any[], editing: string | null, today: string, older: boolean, thread: boolean, width: number, language: string }} also
 * @returns {import("./row.js").Row[]}
 */
export function rows(messages, also) {
  /** @type {import("./row.js").Row[]} */
  const all = [];
  const whispers = placed(also.privates, messages, also.older);
  let previous = null;
  let lastDay = "";
  const whisper = (/** @type {string} */ after) => {
    for (const reply of whispers.get(after) ?? []) {
      all.push(row("private", `private ${reply.id}`, reply, { look: JSON.stringify(reply.post), guess: 220 }, also));
      previous = null;
    }
    whispers.delete(after);
  };
  for (const message of messages) {
    const { day } = dayOf(message);
    const first = day !== lastDay && !also.thread;
    const close = previous && previous.author === message.author && Date.parse(message.at) - Date.parse(previous.at) < GROUP;
    const head = first || !close || Boolean(message.post) || Boolean(previous?.post);
    const label = first ? (day === also.today ? t("today") : longDay(day)) : "";
    const editing = message.id === also.editing;
    all.push(
      row("message", message.id, message, { head, day: label, editing, guess: guess(message, head, first, also.width), look: `${versionOf(message)}|${head}|${label}|${editing}|${also.me}` }, also),
    );
    lastDay = day;
    previous = message;
    whisper(message.id);
  }
  whisper(LAST);
  for (const request of also.pending) all.push(row("pending", `pending ${request.id}`, request, { guess: 56 }, also));
  return all;
}

/**
 * Which private replies stand under which message: the one they came after, else the last that is not younger.
 * @param {any[]} privates
 * @param {any[]} messages
 * @param {boolean} older  whether there are messages before these
 * @returns {Map<string, any[]>}
 */
function placed(privates, messages, older) {
  const whispers = new Map();
  const known = privates.length ? new Set(messages.map(({ id }) => id)) : null;
  for (const reply of privates) {
    const before = messages.findLast(({ at }) => Date.parse(at) <= Date.parse(reply.at));
    const under = known?.has(reply.after) ? reply.after : (before?.id ?? (older ? null : LAST));
    if (under !== null) whispers.set(under, [...(whispers.get(under) ?? []), reply]);
  }
  return whispers;
}

/**
 * @param {"message" | "private" | "pending"} kind
 * @param {string} key
 * @param {any} message
 * @param {Partial<import("./row.js").Row>} more
 * @param {{ thread: boolean, language: string }} also
 * @returns {import("./row.js").Row}
 */
function row(kind, key, message, more, { thread, language }) {
  return { kind, key, message, head: true, day: "", editing: false, thread, guess: 60, ...more, look: `${more.look ?? ""}|${language}` };
}

/** @type {WeakMap<any, { time: string, day: string }>} */
const days = new WeakMap();

function dayOf(/** @type {any} */ message) {
  let known = days.get(message);
  if (!known) days.set(message, (known = localTime(message.at, message.local)));
  return known;
}

/**
 * @param {any} message
 * @param {boolean} head
 * @param {boolean} first
 * @param {number} width
 */
function guess(message, head, first, width) {
  const around = (head ? 36 : 4) + (first ? 40 : 0) + (message.replies ? 32 : 0) + (message.reactions.length ? 36 : 0);
  if (message.post) return around + 200;
  const perLine = Math.max(20, (width - 90) / 7.2);
  const count = (message.text ?? "").split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / perLine)), 0);
  return around + count * TEXT_LINE;
}
