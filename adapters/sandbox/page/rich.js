/** Texts as nodes: what people typed, and the bot's lines with bold, links, channels, quotes and lists. */

import { h } from "./dom.js";

const URL_OR_NAME = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)'»”\]]|@[\p{L}\p{N}_.-]*[\p{L}\p{N}_]/gu;

/**
 * @typedef {object} Places  what a text may lead to
 * @property {(id: string) => string | null} channelName
 * @property {(id: string) => void} openChannel
 * @property {(name: string) => boolean} isName  whether an @ before it calls somebody
 * @property {(url: URL) => (() => void) | null} inside  how to go to an address of this page
 */

/**
 * A link to the outside in a new tab, or to a message of this page. Anything but http and https stays text.
 * @param {string} text
 * @param {string} address
 * @param {Places} places
 * @param {string} [look]  its class
 * @returns {Node}
 */
export function link(text, address, places, look = "") {
  let url;
  try {
    url = new URL(address);
  } catch {
    return document.createTextNode(text);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return document.createTextNode(text);
  const go = places.inside(url);
  if (!go) return h("a", { class: look, href: url.href, target: "_blank", rel: "noopener noreferrer" }, text);
  const follow = (/** @type {MouseEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go();
  };
  return h("a", { class: look, href: url.href, rel: "noopener noreferrer", onclick: follow }, text);
}

/**
 * What somebody typed: as it is, with addresses one can follow and the names that call somebody.
 * @param {string} text
 * @param {Places} places
 * @returns {DocumentFragment}
 */
export function typed(text, places) {
  const fragment = document.createDocumentFragment();
  let done = 0;
  for (const match of text.matchAll(URL_OR_NAME)) {
    const word = match[0];
    const before = text[match.index - 1] ?? " ";
    let node = null;
    if (!word.startsWith("@")) node = link(word, word, places);
    else if (!/[\p{L}\p{N}]/u.test(before) && places.isName(word.slice(1))) node = h("span", { class: "called" }, word);
    if (!node) continue;
    fragment.append(text.slice(done, match.index), node);
    done = match.index + word.length;
  }
  fragment.append(text.slice(done));
  return fragment;
}

/**
 * The lines of a post: paragraphs, with quotes and list items that follow each other put together.
 * @param {Array<{ kind: string, spans: any[] }>} all
 * @param {Places} places
 * @returns {DocumentFragment}
 */
export function lines(all, places) {
  const fragment = document.createDocumentFragment();
  /** @type {HTMLElement | null} */
  let group = null;
  let kind = "";
  for (const line of all) {
    const empty = line.spans.every(({ text, channel }) => !text && !channel);
    if (line.kind === "text" && empty) {
      group = null;
      continue;
    }
    if (!group || line.kind !== kind) {
      group = h({ quote: "blockquote", item: "ul" }[line.kind] ?? "p", null);
      fragment.append(group);
    } else if (line.kind === "text") group.append(h("br", null));
    kind = line.kind;
    if (kind === "text") group.append(...spans(line.spans, places));
    else group.append(h(kind === "item" ? "li" : "p", null, ...spans(line.spans, places)));
  }
  return fragment;
}

/**
 * @param {any[]} all
 * @param {Places} places
 * @returns {Node[]}
 */
export function spans(all, places) {
  return all.map((span) => {
    if (span.channel) return channelLink(span, places);
    if (span.url) return link(span.text, span.url, places);
    return span.bold ? h("strong", null, span.text) : document.createTextNode(span.text);
  });
}

/**
 * @param {any} span
 * @param {Places} places
 */
function channelLink(span, places) {
  const name = places.channelName(span.channel);
  if (!name) return document.createTextNode(span.text || `#${span.channel}`);
  const open = () => places.openChannel(span.channel);
  return h("button", { type: "button", class: "channel-link", onclick: open }, `#${name}`);
}
