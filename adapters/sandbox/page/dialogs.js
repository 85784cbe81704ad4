/** Modal dialogs: the bot's forms, and a question before something is lost; and sentences about what failed. */

import { byId, h } from "./dom.js";
import { icon } from "./icons.js";
import { label, t } from "./texts.js";

const SHOWN_FOR = 10_000;
let count = 0;

/**
 * @param {string} title
 * @param {Node[]} body
 * @param {{ submit: string, danger?: boolean }} look
 * @param {(data: FormData) => Promise<string | undefined>} accept  returns a sentence when it could not be done
 */
function open(title, body, { submit, danger = false }, accept) {
  const id = `dialog-${++count}`;
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const go = /** @type {HTMLButtonElement} */ (h("button", { type: "submit", class: `button ${danger ? "danger" : "primary"}` }, submit));
  const cancel = h("button", { type: "button", class: "button default", onclick: () => dialog.close() }, t("cancel"));
  const form = h("form", { class: "dialog-form" }, h("h2", { id, class: "dialog-title" }, title), ...body, problem, h("div", { class: "dialog-buttons" }, cancel, go));
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { class: "dialog", "aria-labelledby": id }, form));
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.disabled = true;
    const error = await accept(new FormData(/** @type {HTMLFormElement} */ (form)));
    go.disabled = false;
    if (!error) return dialog.close();
    problem.textContent = error;
    problem.hidden = false;
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before?.isConnected) before.focus({ preventScroll: true });
  });
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * Asks before something is lost. What was asked is the dialog's title.
 * @param {string} question
 * @param {string} submit
 * @param {() => void} accept
 */
export function confirm(question, submit, accept) {
  open(question, [], { submit, danger: true }, async () => void accept());
}

/**
 * A form of the bot's.
 * @param {any} form
 * @param {(values: Record<string, string>) => Promise<string | undefined>} submit
 */
export function fillIn(form, submit) {
  const inputs = form.inputs.map(input);
  open(form.title, inputs, { submit: form.submit }, (data) =>
    submit(Object.fromEntries([...data].map(([name, value]) => [name, String(value)]))),
  );
}

const FEW = 7;

/** @param {any} asked */
function input(asked) {
  if (asked.kind === "choice" && asked.choices.length <= FEW) return radios(asked);
  const id = `input-${++count}`;
  const field =
    asked.kind === "choice"
      ? h("select", { id, name: asked.name, class: "field", required: asked.required }, h("option", { value: "" }, t("choose")), ...asked.choices.map(option))
      : h("textarea", { id, name: asked.name, class: "field", rows: 3, required: asked.required });
  /** @type {HTMLTextAreaElement} */ (field).value = asked.initial;
  explain(/** @type {HTMLTextAreaElement} */ (field));
  return h("div", { class: "input" }, h("label", { for: id, class: "input-label" }, asked.label), field);
}

const option = (/** @type {any} */ { value, label: name }) => h("option", { value }, name);

/** @param {any} asked */
function radios(asked) {
  const choices = asked.choices.map((/** @type {any} */ { value, label: name }) => {
    const radio = /** @type {HTMLInputElement} */ (h("input", { type: "radio", name: asked.name, value, required: asked.required, autofocus: value === asked.initial }));
    radio.checked = value === asked.initial;
    explain(radio);
    return h("label", { class: "choice" }, radio, h("span", null, name));
  });
  return h("fieldset", { class: "input" }, h("legend", { class: "input-label" }, asked.label), ...choices);
}

/** Says what is missing in the page's language, not in the browser's. */
function explain(/** @type {HTMLInputElement | HTMLTextAreaElement} */ field) {
  field.addEventListener("invalid", () => field.setCustomValidity(field.validity.valueMissing ? t("required") : ""));
  field.addEventListener("input", () => field.setCustomValidity(""));
}

/** Shows a sentence about what could not be done; it goes away by itself, or when it is closed. */
export function toast(/** @type {string} */ text) {
  const close = h("button", { type: "button", class: "icon-button small", onclick: () => shown.remove() }, icon("close"));
  label(close, t("close"));
  const shown = h("div", { class: "toast" }, h("p", null, text), close);
  byId("toasts").append(shown);
  setTimeout(() => !shown.matches(":focus-within, :hover") && shown.remove(), SHOWN_FOR);
}
