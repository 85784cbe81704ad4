/** Light, dark, or as the system has it; remembered by the browser. */

import { byId } from "./dom.js";
import { icon } from "./icons.js";

const KEY = "vigie-theme";
const ICONS = /** @type {const} */ ({ light: "sun", dark: "moon", system: "system" });

export function theme() {
  const root = document.documentElement;
  const button = byId("theme");
  const now = () => /** @type {keyof typeof ICONS} */ (root.dataset.theme ?? "system");
  const draw = () => button.replaceChildren(icon(ICONS[now()]));
  button.addEventListener("click", () => {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    // Two presses lead round: to what the system has not, and back to the system.
    const next = root.dataset.theme ? "system" : dark ? "light" : "dark";
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Forbidden: it lasts until the next load.
    }
    draw();
  });
  draw();
}
