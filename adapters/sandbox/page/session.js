/** What this tab remembers over a reload: where one was, as whom, and what was half written. */

const KEY = "vigie";

/**
 * @typedef {object} Remembered
 * @property {string} session  of the server: with another one, places and messages mean nothing any more
 * @property {string} channel
 * @property {string} person
 * @property {string | null} thread
 * @property {Record<string, string>} drafts  by channel, or by channel/thread
 * @property {Record<string, string>} seen  the last message seen in each channel
 * @property {string[]} dismissed  private replies that are not to be seen again
 * @property {Array<Record<string, any>>} outbox  requests that were not acknowledged
 * @property {import("./tour.js").Progress | null} tour
 */

/** @returns {Remembered} */
const nothing = () => ({
  session: "",
  channel: "",
  person: "",
  thread: null,
  drafts: {},
  seen: {},
  dismissed: [],
  outbox: [],
  tour: null,
});

/** @type {Remembered} */
export const memory = { ...nothing(), ...read() };

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}

/** To call after every change of `memory`. */
export function keep() {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(memory));
  } catch {
    // Full or forbidden: the page works, a reload forgets.
  }
}

/** Forgets what belonged to another run of the server; what was half written stays. */
export function beginAnew(/** @type {string} */ session) {
  const { person, channel, drafts } = memory;
  const tour = memory.tour === "off" ? "off" : null;
  const threads = Object.keys(drafts).filter((key) => key.includes("/"));
  for (const key of threads) delete drafts[key];
  Object.assign(memory, nothing(), { session, person, channel, drafts, tour });
  keep();
}
