/** The left side: channels, and the people one can speak as. */

import { byId, h, once, reconcile } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, badge } from "./people.js";
import { number, t } from "./texts.js";

/** @param {import("./app.js").App} app */
export function sides(app) {
  const draw = once(() => {
    drawChannels(app);
    drawPeople(app);
  });
  for (const kind of ["hello", "room", "seen", "private"]) app.state.addEventListener(kind, draw);
  app.addEventListener("moved", draw);
  byId("person-list").addEventListener("change", (/** @type {any} */ { target }) => app.speakAs(target.value));
}

/** @param {import("./app.js").App} app */
function drawChannels(app) {
  const direct = `@${app.person}`;
  const channels = app.state.channels.map(({ id, name }) => ({ id, name, unseen: id === app.channel ? 0 : app.state.unseen(id), direct: false }));
  if (app.state.privatesOf(app.person, direct).length) channels.push({ id: direct, name: "Vigie", unseen: 0, direct: true });
  reconcile(
    byId("channels"),
    channels,
    ({ id }) => id,
    (channel) => JSON.stringify([channel, channel.id === app.channel, document.documentElement.lang]),
    (channel) =>
      h(
        "li",
        null,
        h(
          "button",
          { type: "button", class: `channel ${channel.unseen ? "unseen-some" : ""}`, "aria-current": channel.id === app.channel && "page", dataset: { channel: channel.id }, onclick: () => app.open(channel.id) },
          icon(channel.direct ? "eye" : "hash"),
          h("span", { class: "channel-label" }, channel.name),
          channel.unseen > 0 && h("span", { class: "count" }, number(channel.unseen), h("span", { class: "unseen" }, ` ${t("new_messages")}`)),
        ),
      ),
  );
}

/** @param {import("./app.js").App} app */
function drawPeople(app) {
  const people = [...app.state.people.values()].filter(({ kind }) => kind !== "vigie");
  reconcile(
    byId("person-list"),
    people,
    ({ id }) => id,
    (person) => JSON.stringify([person, document.documentElement.lang]),
    (person) =>
      h(
        "label",
        { class: "person" },
        h("input", { type: "radio", name: "person", value: person.id, class: "unseen" }),
        avatar(person),
        h("span", { class: "person-name" }, person.name),
        badge(person),
      ),
  );
  for (const input of byId("person-list").querySelectorAll("input")) input.checked = input.value === app.person;
}
