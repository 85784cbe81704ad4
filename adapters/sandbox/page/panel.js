/** What the bot has in mind: who is waiting, what comes up, and what it sent. */

import { byId, h, once, reconcile } from "./dom.js";
import { icon } from "./icons.js";
import { label, t } from "./texts.js";

/** @param {import("./app.js").App} app */
export function panel(app) {
  const close = h("button", { type: "button", class: "icon-button panel-close", id: "panel-close" }, icon("close"));
  const heading = h("h2", { class: "side-heading" });
  const mentions = section("panel-mentions");
  const coming = section("panel-next");
  const sent = section("panel-deliveries");
  byId("right").append(h("header", { class: "panel-header" }, heading, close), mentions.whole, coming.whole, sent.whole);
  const draw = once(() => {
    const { panel } = app.state;
    heading.textContent = t("panel");
    label(close, t("panel_hide"));
    mentions.show(t("panel_mentions"), t("panel_empty_mentions"), panel.mentions, ({ id }) => id, (row) => mention(row, app));
    coming.show(t("panel_next"), t("panel_empty_next"), panel.occurrences, ({ what, when }) => what + when, occurrence);
    sent.show(t("panel_deliveries"), t("panel_empty_deliveries"), panel.deliveries, ({ key }) => key, delivery);
  });
  app.state.addEventListener("hello", draw);
  app.state.addEventListener("panel", draw);
}

function section(/** @type {string} */ id) {
  const title = h("h3", { class: "side-title", id });
  const list = h("ul", { class: "panel-list" });
  const empty = h("p", { class: "panel-empty" });
  const whole = h("section", { class: "panel-section", "aria-labelledby": id }, title, list, empty);
  /**
   * @param {string} heading
   * @param {string} nothing  to say when there is nothing
   * @param {any[]} items
   * @param {(item: any) => string} key
   * @param {(item: any) => HTMLElement} render
   */
  const show = (heading, nothing, items, key, render) => {
    title.textContent = heading;
    empty.textContent = nothing;
    empty.hidden = items.length > 0;
    list.hidden = items.length === 0;
    reconcile(list, items, key, (item) => JSON.stringify([item, document.documentElement.lang]), render);
  };
  return { whole, show };
}

/**
 * @param {any} row
 * @param {import("./app.js").App} app
 */
function mention(row, app) {
  const where = `#${app.channelName(row.channel) ?? row.channel}`;
  return h(
    "li",
    { class: "thought", dataset: { state: row.state } },
    h(
      "p",
      { class: "thought-head" },
      h("button", { type: "button", class: "thought-open", onclick: () => app.goTo(row.message, row.channel) }, h("strong", null, row.asker), ` ${row.rule} · ${where}`),
      chip(row),
    ),
    h(
      "dl",
      { class: "thought-facts" },
      h("div", null, h("dt", null, t("panel_waited")), h("dd", null, row.waited)),
      h("div", null, h("dt", null, t("panel_step")), h("dd", null, row.next ?? t("panel_no_step"))),
    ),
  );
}

const occurrence = (/** @type {any} */ row) => h("li", { class: "line" }, h("span", { class: "line-what" }, row.what), h("span", { class: "line-when" }, row.when));

function delivery(/** @type {any} */ row) {
  return h(
    "li",
    { class: "line" },
    h("span", { class: "line-what" }, row.what, h("span", { class: "line-where" }, ` ${row.where}`)),
    chip(row),
    h("span", { class: "line-when" }, row.when),
  );
}

const chip = (/** @type {any} */ row) => h("span", { class: "chip", dataset: { state: row.state } }, row.state_label);
