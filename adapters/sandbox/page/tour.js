/** The guided tour: the three jobs, each with a button that does it. Whoever does it by hand gets on as well. */

import { confirm } from "./dialogs.js";
import { byId, h, once } from "./dom.js";
import { keep } from "./session.js";
import { label, t } from "./texts.js";

const SEEN = "vigie-tour";
const ASKER = "ada";
const MODERATOR = "malo";
const HELP = "support";
const TEAM = "team";

/**
 * @typedef {"1" | "1-seen" | "2" | "2-seen" | "3" | "3-wait" | "3-answer" | "3-seen" | "end" | "off"} Progress
 *
 * @typedef {object} Stop
 * @property {string} step  1, 2, 3, or empty for the end
 * @property {string} text  the key of what to say
 * @property {string} [action]  the key of the button that does it
 * @property {string} [points]  a selector of what to press by hand
 * @property {() => void} [arrive]
 * @property {() => void} [act]
 * @property {Progress} next
 */

export class Tour {
  #app;
  /** @type {Record<string, Stop>} */
  #stops;
  #title = h("h2", { class: "tour-title" });
  #count = h("p", { class: "tour-count" });
  #text = h("p", { class: "tour-text" });
  #go = h("button", { type: "button", class: "button primary", id: "tour-go", onclick: () => this.#pressed() });
  #skip = h("button", { type: "button", class: "link-button", id: "tour-skip", onclick: () => this.#leave() });
  #again = false;
  #shown = "";
  draw = once(() => this.#draw());

  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.#app = app;
    this.#stops = this.#route();
    const words = h("div", { class: "tour-words", "aria-live": "polite" }, this.#count, this.#title, this.#text);
    byId("tour").append(words, h("div", { class: "tour-buttons" }, this.#skip, this.#go));
    byId("tour-again").addEventListener("click", () => this.start());
    app.state.addEventListener("hello", () => this.#greeted());
    app.state.addEventListener("message", (/** @type {any} */ { detail }) => this.#heard(detail.message));
    app.state.addEventListener("private", (/** @type {any} */ { detail }) => this.#answered(detail));
    app.state.addEventListener("panel", () => this.#settled());
    app.addEventListener("moved", this.draw);
  }

  /** @returns {Progress} */
  get #at() {
    return this.#app.memory.tour ?? "off";
  }

  /** From its first step, for which nothing may have happened yet. */
  start() {
    if (this.#untouched) return this.#goTo("1");
    confirm(t("restart_confirm"), t("restart"), () => {
      this.#again = true;
      this.#app.restart();
    });
  }

  /** @returns {Record<string, Stop>} */
  #route() {
    const app = this.#app;
    return {
      1: { step: "1", text: "tour_1_text", action: "tour_1_action", points: "[data-move='9:00']", arrive: () => this.#be(MODERATOR, TEAM), act: () => app.moveClock("9:00"), next: "1-seen" },
      "1-seen": { step: "1", text: "tour_1_seen", arrive: () => this.#be(MODERATOR, TEAM), next: "2" },
      2: { step: "2", text: "tour_2_text", action: "tour_2_action", points: "#composer .composer-frame", arrive: () => this.#be(MODERATOR, TEAM), act: () => app.say(t("tour_2_command"), null), next: "2-seen" },
      "2-seen": { step: "2", text: "tour_2_seen", next: "3" },
      3: { step: "3", text: "tour_3_text", action: "tour_3_action", points: "#composer .composer-frame", arrive: () => this.#be(ASKER, HELP), act: () => app.say(t("tour_question"), null), next: "3-wait" },
      "3-wait": { step: "3", text: "tour_3_wait_text", action: "tour_3_wait", points: "[data-move='1h'], #open-right, #right", act: () => app.moveClock("1h"), next: "3-answer" },
      "3-answer": { step: "3", text: "tour_3_answer_text", action: "tour_3_answer", arrive: () => this.#be(MODERATOR, TEAM), act: () => this.#answer(), next: "3-seen" },
      "3-seen": { step: "3", text: "tour_3_seen", arrive: () => this.#be(MODERATOR, TEAM), next: "end" },
      end: { step: "", text: "tour_end_text", next: "off" },
    };
  }

  /** Speak as somebody, somewhere, at the end of what was said there. */
  #be(/** @type {string} */ person, /** @type {string} */ channel) {
    this.#app.speakAs(person);
    this.#app.open(channel);
    this.#app.closeThread();
    this.#app.flow.followNext();
  }

  /** Answers the last question in its thread. */
  #answer() {
    const { state } = this.#app;
    const asked = state.rooms.get(HELP)?.flow.findLast(({ author, post }) => author === ASKER && !post);
    this.#be(MODERATOR, HELP);
    if (asked) this.#app.openThread(asked);
    this.#app.say(t("tour_reply"), asked?.id ?? null);
  }

  /** Whether the scene is as the tour's first step tells it. */
  get #untouched() {
    const { state } = this.#app;
    return state.clock && !state.clock.working && state.panel.deliveries.length === 0 && state.panel.mentions.length === 0;
  }

  #greeted() {
    const { state, memory } = this.#app;
    byId("tour-again").hidden = Boolean(state.replay);
    if (state.replay) memory.tour = "off";
    else if (this.#again || (memory.tour === null && this.#untouched && !seenBefore())) {
      this.#again = false;
      this.#goTo("1");
    } else if (memory.tour === null || (memory.tour !== "off" && memory.tour !== "1" && this.#untouched)) memory.tour = "off";
    keep();
    this.#shown = "";
    this.draw();
  }

  /** @param {any} message */
  #heard(message) {
    const of = (/** @type {string} */ area) => acts(message.post, area);
    const at = this.#at;
    if (at === "1" && of("tip.")) this.#goTo("1-seen");
    else if (at === "3" && message.author === ASKER && message.channel === HELP && !message.thread) this.#goTo("3-wait");
    else if (at === "3-wait" && of("mention.") && message.channel === TEAM) this.#goTo("3-answer");
  }

  /** @param {any} detail */
  #answered({ person, post }) {
    if (this.#at === "2" && person === this.#app.person && acts(post, "tip.")) this.#goTo("2-seen");
  }

  #settled() {
    if (this.#at === "3-answer" && this.#app.state.panel.mentions.length === 0) this.#goTo("3-seen");
  }

  #pressed() {
    const stop = this.#stops[this.#at];
    if (!stop) return;
    if (stop.act) stop.act();
    else this.#goTo(stop.next);
  }

  #leave() {
    this.#goTo("off");
    byId("message-box").focus();
  }

  /** @param {Progress} progress */
  #goTo(progress) {
    this.#app.memory.tour = progress;
    keep();
    if (progress === "off" || progress === "end") remember();
    this.#stops[progress]?.arrive?.();
    this.draw();
  }

  #draw() {
    const at = this.#at;
    const stop = this.#stops[at];
    byId("tour").hidden = !stop;
    label(byId("tour-again"), t(seenBefore() ? "tour_again" : "tour_start"));
    for (const element of document.querySelectorAll(".pointed")) element.classList.remove("pointed");
    if (!stop) return;
    for (const element of stop.points ? document.querySelectorAll(stop.points) : []) element.classList.add("pointed");
    const look = `${at} ${document.documentElement.lang}`;
    if (this.#shown === look) return;
    this.#shown = look;
    this.#count.textContent = stop.step ? t("tour_step", { n: stop.step }) : t("tour");
    this.#title.textContent = t(stop.step ? `tour_${stop.step}_title` : "tour_end_title");
    this.#text.textContent = t(stop.text);
    this.#go.textContent = t(stop.action ?? (at === "end" ? "tour_done" : "tour_next"));
    this.#skip.textContent = t("tour_skip");
    this.#skip.hidden = at === "end";
  }
}

/** Whether a post has a button of this kind. */
function acts(/** @type {any} */ post, /** @type {string} */ area) {
  return Boolean(post?.buttons.some((/** @type {any} */ button) => button.action.startsWith(area)));
}

function seenBefore() {
  try {
    return localStorage.getItem(SEEN) !== null;
  } catch {
    return false;
  }
}

function remember() {
  try {
    localStorage.setItem(SEEN, "seen");
  } catch {
    // Forbidden: the tour offers itself again.
  }
}
