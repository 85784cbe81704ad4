/**
 * A list of any length of which only what is near the window is in the document. Heights are guessed until they were
 * measured; what the reader looks at stays where it is while things are added, changed or measured around it, and the
 * end stays in view only if it was.
 */

import { once } from "./dom.js";

const MARGIN = 600;
const NEAR_END = 32;
const NEAR_TOP = 800;
const AFTER_LAST = 12;

/**
 * @typedef {object} Item
 * @property {string} key
 * @property {string} look  two equal looks need no rendering
 * @property {number} guess  the height in pixels that it may have
 * @property {boolean} [edge]  stands above all others: what is put below it must not move what the reader looks at
 */

/** @template {Item} T */
export class WindowedList {
  /** @type {T[]} */
  #items = [];
  /** @type {Map<string, { node: HTMLElement, look: string }>} */
  #shown = new Map();
  /** @type {Map<string, number>} */
  #heights = new Map();
  #tops = new Float64Array(1);
  #height = 0;
  #above = document.createElement("div");
  #below = document.createElement("div");
  #atEnd = true;
  /** @type {{ key: string, offset: number } | null} */
  #anchor = null;
  #width = 0;
  #drawnHeight = 0;
  #scrolledTo = -1;
  /** @type {HTMLElement} */
  #scroller;
  /** @type {{ render: (item: T, index: number, count: number) => HTMLElement, top: () => void, moved: (atEnd: boolean) => void }} */
  #use;

  /**
   * @param {HTMLElement} scroller
   * @param {{ render: (item: T, index: number, count: number) => HTMLElement, top: () => void, moved: (atEnd: boolean) => void }} use
   *   `top` is called when the first items come near, `moved` whenever the reader moved
   */
  constructor(scroller, use) {
    this.#scroller = scroller;
    this.#use = use;
    scroller.replaceChildren(this.#above, this.#below);
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(once(() => this.#resized())).observe(scroller);
  }

  get items() {
    return this.#items;
  }

  get atEnd() {
    return this.#atEnd;
  }

  /** @param {T[]} items */
  show(items) {
    this.#items = items;
    this.draw();
  }

  /** Forgets everything, to show something else from its end. */
  clear() {
    this.#heights.clear();
    this.#atEnd = true;
    this.#anchor = null;
  }

  toEnd() {
    this.#atEnd = true;
    this.draw();
  }

  /**
   * Brings an item into view, if it is there.
   * @param {string} key
   * @returns {HTMLElement | null}
   */
  reveal(key) {
    const index = this.#items.findIndex((item) => item.key === key);
    if (index < 0) return null;
    const height = this.#heights.get(key) ?? this.#items[index].guess;
    const top = this.#tops[index] - this.#scroller.scrollTop;
    if (!this.node(key) || top < 0 || top + height > this.#scroller.clientHeight) {
      this.#atEnd = false;
      this.#anchor = { key, offset: Math.max(8, (this.#scroller.clientHeight - height) / 3) };
      this.draw();
    }
    return this.node(key);
  }

  /** @param {string} key */
  node(key) {
    return this.#shown.get(key)?.node ?? null;
  }

  draw() {
    // What is measured may move the window, and so show something else to measure; it settles in two or three rounds.
    for (let round = 0; round < 4; round++) {
      this.#place();
      this.#fill(...this.#window());
      if (!this.#measure()) break;
    }
    this.#place();
    this.#pad();
    const wanted = this.#wanted();
    this.#drawnHeight = this.#scroller.clientHeight;
    if (Math.abs(this.#scroller.scrollTop - wanted) < 1) return;
    this.#scroller.scrollTop = wanted;
    this.#scrolledTo = this.#scroller.scrollTop;
  }

  #place() {
    const tops = new Float64Array(this.#items.length + 1);
    this.#items.forEach((item, index) => {
      tops[index + 1] = tops[index] + (this.#heights.get(item.key) ?? item.guess);
    });
    this.#height = tops[this.#items.length] + AFTER_LAST;
    this.#tops = tops;
  }

  /** Where the scroller should be, so that what is looked at stays where it is. */
  #wanted() {
    const furthest = Math.max(0, this.#height - this.#scroller.clientHeight);
    if (this.#atEnd) return furthest;
    const index = this.#anchor ? this.#items.findIndex((item) => item.key === this.#anchor?.key) : -1;
    const wanted = index >= 0 && this.#anchor ? this.#tops[index] - this.#anchor.offset : this.#scroller.scrollTop;
    return Math.min(Math.max(0, wanted), furthest);
  }

  /** @returns {[number, number]} the first and one past the last item to have in the document */
  #window() {
    const from = this.#wanted();
    const first = this.#indexAt(from - MARGIN);
    const last = this.#indexAt(from + this.#scroller.clientHeight + MARGIN);
    return [first, Math.min(this.#items.length, last + 1)];
  }

  /** The item at this many pixels from the top. */
  #indexAt(/** @type {number} */ y) {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#tops[middle + 1] <= y) low = middle + 1;
      else high = middle;
    }
    return Math.min(low, Math.max(0, this.#items.length - 1));
  }

  /**
   * @param {number} first
   * @param {number} last
   */
  #fill(first, last) {
    const wanted = new Set();
    for (let index = first; index < last; index++) wanted.add(this.#items[index].key);
    for (const [key, { node }] of this.#shown) {
      if (wanted.has(key)) continue;
      if (node.contains(document.activeElement)) this.#scroller.focus({ preventScroll: true });
      node.remove();
      this.#shown.delete(key);
    }
    let next = this.#above.nextSibling;
    for (let index = first; index < last; index++) {
      const before = this.#shown.get(this.#items[index].key)?.node;
      const node = this.#node(index);
      if (before && before === next) next = node;
      if (node === next) next = node.nextSibling;
      else this.#scroller.insertBefore(node, next);
    }
    this.#pad(first, last);
  }

  #node(/** @type {number} */ index) {
    const item = this.#items[index];
    const shown = this.#shown.get(item.key);
    if (shown?.look === item.look) return shown.node;
    const node = this.#use.render(item, index, this.#items.length);
    if (shown) {
      const active = /** @type {HTMLElement} */ (document.activeElement);
      const focused = shown.node.contains(active);
      shown.node.replaceWith(node);
      if (focused) sameIn(node, active).focus({ preventScroll: true });
    }
    this.#shown.set(item.key, { node, look: item.look });
    return node;
  }

  #pad(first = this.#firstShown(), last = first + this.#shown.size) {
    this.#above.style.height = `${this.#tops[first] ?? 0}px`;
    this.#below.style.height = `${this.#height - (this.#tops[last] ?? 0)}px`;
  }

  #firstShown() {
    return this.#shown.size ? this.#items.findIndex((item) => this.#shown.has(item.key)) : 0;
  }

  /** @returns {boolean} whether a height is not what it was taken for */
  #measure() {
    let changed = false;
    for (const [key, { node }] of this.#shown) {
      const height = node.getBoundingClientRect().height;
      if (Math.abs((this.#heights.get(key) ?? -1) - height) < 0.5) continue;
      this.#heights.set(key, height);
      changed = true;
    }
    return changed;
  }

  #scrolled() {
    const { scrollTop, clientHeight } = this.#scroller;
    // The window changed its size and not the reader their place, or it was we who scrolled.
    if (clientHeight !== this.#drawnHeight) return this.draw();
    if (Math.abs(scrollTop - this.#scrolledTo) < 1) return;
    this.#scrolledTo = -1;
    this.#atEnd = this.#height - scrollTop - clientHeight < NEAR_END;
    let index = this.#indexAt(scrollTop);
    if (this.#items[index]?.edge && index + 1 < this.#items.length) index++;
    const item = this.#items[index];
    this.#anchor = item ? { key: item.key, offset: this.#tops[index] - scrollTop } : null;
    const first = this.#firstShown();
    const covered = this.#tops[first] <= Math.max(0, scrollTop - MARGIN / 3);
    const below = this.#tops[Math.min(this.#items.length, first + this.#shown.size)];
    const enough = below >= Math.min(this.#tops[this.#items.length], scrollTop + clientHeight + MARGIN / 3);
    if (!covered || !enough) this.draw();
    if (scrollTop < NEAR_TOP) this.#use.top();
    this.#use.moved(this.#atEnd);
  }

  #resized() {
    if (this.#scroller.clientWidth !== this.#width) {
      this.#width = this.#scroller.clientWidth;
      this.#heights.clear();
    }
    this.draw();
  }
}

/**
 * What stands for `before` in a row that was rendered anew: the control of the same name, else the row itself.
 * @param {HTMLElement} row
 * @param {HTMLElement} before
 * @returns {HTMLElement}
 */
function sameIn(row, before) {
  const name = before.dataset.focus;
  const same = name && [...row.querySelectorAll("[data-focus]")].find((element) => /** @type {HTMLElement} */ (element).dataset.focus === name);
  return /** @type {HTMLElement} */ (same || row);
}
