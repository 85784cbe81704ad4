/** The page's composition root: the connection, what it tells, and the parts that show it. */

import { App } from "./app.js";
import { inWords } from "./card.js";
import { clock, replay } from "./clock.js";
import { Composer } from "./composer.js";
import { confirm, fillIn, toast } from "./dialogs.js";
import { announce, byId } from "./dom.js";
import { Drawers } from "./drawers.js";
import { Flow } from "./flow.js";
import { panel } from "./panel.js";
import { sides } from "./sides.js";
import { drawIcons, learn, t } from "./texts.js";
import { theme } from "./theme.js";
import { Tour } from "./tour.js";

drawIcons();
theme();

const app = new App();
const flow = new Flow(app, { scroller: "flow", thread: false });
const threadFlow = new Flow(app, { scroller: "thread-flow", thread: true });
app.flow = flow;
app.threadFlow = threadFlow;
const composer = new Composer(app, flow, { form: "composer", thread: false });
const reply = new Composer(app, threadFlow, { form: "thread-composer", thread: true });
sides(app);
clock(app);
replay(app);
panel(app);
const drawers = new Drawers();
const tour = new Tour(app);

/** Everything that depends on where one is and as whom. */
function moved() {
  const channel = app.state.channels.find(({ id }) => id === app.channel);
  byId("channel-name").textContent = channel ? `#${channel.name}` : (app.channelName(app.channel) ?? "");
  byId("channel-topic").textContent = channel?.topic ?? t("only_you");
  byId("composer").hidden = !channel;
  byId("thread").hidden = !app.thread;
  byId("thread-where").textContent = channel ? `#${channel.name}` : "";
  document.body.classList.toggle("in-thread", Boolean(app.thread));
  document.title = `${channel ? `#${channel.name} · ` : ""}${t("title")}`;
  composer.draw();
  reply.draw();
  flow.drawNow();
  threadFlow.drawNow();
}

app.addEventListener("moved", moved);
app.addEventListener("opened", () => drawers.close());
app.addEventListener("write", () => reply.box.focus({ preventScroll: true }));
app.addEventListener("problem", (/** @type {any} */ { detail }) => toast(detail ?? t("failed")));

app.addEventListener("greeted", (/** @type {any} */ { detail }) => learn(detail.texts, detail.language));
app.state.addEventListener("hello", () => {
  document.body.classList.add("ready");
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-language]")))
    button.setAttribute("aria-pressed", String(button.dataset.language === document.documentElement.lang));
  app.settle();
});

app.state.addEventListener("message", (/** @type {any} */ { detail: { message, fresh } }) => {
  if (fresh) app.connection.arrived(message);
  const here = message.channel === app.channel && (!message.thread || message.thread === app.thread);
  if (!fresh || !here) return;
  const author = app.state.people.get(message.author)?.name ?? message.author;
  announce(`${author}: ${message.post ? inWords(message.post) : message.text}`);
});
app.state.addEventListener("private", (/** @type {any} */ { detail: { person, channel, post } }) => {
  if (person !== app.person || channel !== app.channel) return;
  announce(`${t("only_you")}: ${inWords(post)}`);
  if (app.asking) flow.followNext();
});
app.state.addEventListener("gone", (/** @type {any} */ { detail: { message } }) => message.id === app.thread && app.closeThread());
app.state.addEventListener("form", (/** @type {any} */ { detail: { person, channel, form } }) => {
  // Another tab may speak as the same person: the form is for the one that asked.
  if (person !== app.person || !app.asking) return;
  fillIn(form, async (values) => (await app.connection.request("submit", { person, channel, form: form.id, value: form.value, values })).error);
});

// The first words of a lost connection must be known before there is one.
const lost = byId("lost");
/** @type {number | undefined} */
let patience;
app.addEventListener("status", (/** @type {any} */ { detail: connected }) => {
  clearTimeout(patience);
  document.body.classList.toggle("offline", !connected);
  if (connected) lost.hidden = true;
  else patience = setTimeout(() => {
    lost.textContent = t("reconnecting");
    lost.hidden = false;
    flow.draw();
  }, 300);
});
app.addEventListener("outbox", () => {
  flow.draw();
  threadFlow.draw();
  setTimeout(() => (flow.draw(), threadFlow.draw()), 500);
});

byId("thread-close").addEventListener("click", () => app.closeThread());
byId("thread").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && !event.defaultPrevented && app.closeThread());
byId("to-end").addEventListener("click", () => flow.toEnd());
byId("restart").addEventListener("click", () => confirm(t("restart_confirm"), t("restart"), () => app.restart()));
for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-language]")))
  button.addEventListener("click", () => app.act("language", { language: button.dataset.language }));
addEventListener("hashchange", () => app.followHash());

app.connection.open();
