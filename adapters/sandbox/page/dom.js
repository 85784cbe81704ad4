/** The few things of the DOM that every part of the page needs. Data becomes text here, never markup. */

/**
 * An element. Keys of `props`: `class`, `on…` (a listener), `data…` by `dataset`, else an attribute; `true` sets an empty
 * attribute, `false` and `null` leave it out.
 * @param {string} tag
 * @param {Record<string, any> | null} [props]
 * @param {...(Node | string | null | false | undefined)} children
 * @returns {HTMLElement}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * @param {string} id
 * @returns {any} the element of the page that has this id
 */
export const byId = (id) => document.getElementById(id);

/**
 * Makes the children of `container` show `items`, leaving alone what looks the same, so that neither focus nor scroll
 * position is lost.
 * @template T
 * @param {HTMLElement} container
 * @param {T[]} items
 * @param {(item: T) => string} key
 * @param {(item: T) => string} look  two equal looks need no rendering
 * @param {(item: T) => HTMLElement} render
 */
export function reconcile(container, items, key, look, render) {
  const old = new Map([...container.children].map((child) => [/** @type {any} */ (child).vigieKey, child]));
  let next = container.firstElementChild;
  for (const item of items) {
    const id = key(item);
    const seen = look(item);
    let node = old.get(id);
    old.delete(id);
    if (!node || /** @type {any} */ (node).vigieLook !== seen) {
      const fresh = render(item);
      Object.assign(fresh, { vigieKey: id, vigieLook: seen });
      if (node) {
        const focused = node.contains(document.activeElement) ? focusIndex(node) : -1;
        if (next === node) next = fresh;
        node.replaceWith(fresh);
        if (focused >= 0) /** @type {any} */ (focusables(fresh)[focused])?.focus();
      }
      node = fresh;
    }
    if (node === next) next = next.nextElementSibling;
    else container.insertBefore(node, next);
  }
  for (const gone of old.values()) gone.remove();
}

/** @param {Element} root */
export const focusables = (root) => [...root.querySelectorAll("button, a[href], input, textarea, select, [tabindex]")];

/** @param {Element} root */
function focusIndex(root) {
  return focusables(root).indexOf(/** @type {Element} */ (document.activeElement));
}

/**
 * `work`, once before the next frame, however often it is asked for.
 * @param {() => void} work
 */
export function once(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
  };
}

/** Says something to those who listen to the page instead of looking at it. */
export function announce(/** @type {string} */ text) {
  const place = byId("announcer");
  place.append(h("p", null, text));
  while (place.children.length > 3) place.firstElementChild.remove();
}
