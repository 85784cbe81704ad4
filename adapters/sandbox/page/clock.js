/** The community's clock: what time it is there, whether anybody works, and how to move it. */

import { byId, h } from "./dom.js";
import { icon } from "./icons.js";
import { label, t } from "./texts.js";

const MOVES = { "5m": "move_5m", "1h": "move_1h", "9:00": "move_9", monday: "move_monday" };

/** @param {import("./app.js").App} app */
export function clock(app) {
  const time = h("span", { class: "clock-time" });
  const dot = h("span", { class: "clock-dot", "aria-hidden": "true" });
  const words = h("span");
  const moves = Object.entries(MOVES).map(([move, key]) => {
    const button = h("button", { type: "button", class: "button small default", dataset: { move }, onclick: () => app.moveClock(move) });
    return { button, key };
  });
  const run = h("button", { type: "button", class: "icon-button small", id: "clock-run", onclick: () => app.act("clock", { running: !app.state.clock.running }) });
  byId("clock").append(
    h("p", { class: "clock-face" }, time, h("span", { class: "clock-state" }, dot, words)),
    h("div", { class: "clock-moves" }, ...moves.map(({ button }) => button), run),
  );
  let running = null;
  const draw = () => {
    const now = app.state.clock;
    time.textContent = now.local;
    const state = now.working ? t("working") : now.opens ? t("opens", { when: now.opens }) : t("not_working");
    words.textContent = state;
    words.title = state;
    byId("clock").classList.toggle("open", now.working);
    for (const { button, key } of moves) button.textContent = t(key);
    label(run, t(now.running ? "pause" : "resume"));
    if (running === now.running) return;
    running = now.running;
    run.replaceChildren(icon(running ? "pause" : "play"));
  };
  app.state.addEventListener("hello", draw);
  app.state.addEventListener("clock", draw);
}

/** @param {import("./app.js").App} app */
export function replay(app) {
  const place = byId("replay");
  const play = h("button", { type: "button", class: "icon-button small", onclick: () => app.act("replay", { playing: !app.state.replay.playing }) });
  const slower = h("button", { type: "button", class: "icon-button small", onclick: () => app.act("replay", { speed: app.state.replay.speed / 2 }) }, icon("slower"));
  const faster = h("button", { type: "button", class: "icon-button small", onclick: () => app.act("replay", { speed: app.state.replay.speed * 2 }) }, icon("faster"));
  const name = h("span", { class: "replay-name" });
  const speed = h("span", { class: "replay-speed" });
  const bar = /** @type {HTMLProgressElement} */ (h("progress", { max: 1 }));
  place.append(play, slower, faster, name, bar, speed);
  const draw = () => {
    const now = app.state.replay;
    place.hidden = !now;
    if (!now) return;
    const over = now.done >= 1;
    play.replaceChildren(icon(now.playing ? "pause" : "play"));
    label(play, t(now.playing ? "replay_pause" : "replay_play"));
    label(slower, t("slower"));
    label(faster, t("faster"));
    name.textContent = now.name;
    bar.value = now.done;
    bar.setAttribute("aria-label", t("replay"));
    speed.textContent = over ? t("replay_done") : t("replay_speed", { speed: new Intl.NumberFormat(document.documentElement.lang).format(now.speed) });
    for (const button of [play, slower, faster]) /** @type {HTMLButtonElement} */ (button).disabled = over;
  };
  app.state.addEventListener("hello", draw);
  app.state.addEventListener("replay", draw);
}
