/** Where there is no room for three columns, the sides are drawers over the conversation. */

import { byId, focusables } from "./dom.js";
import { t } from "./texts.js";

const NARROW = "(width < 760px)";
const MIDDLE = "(width < 1180px)";

export class Drawers {
  /** @type {"left" | "right" | null} */
  #open = null;
  #narrow = matchMedia(NARROW);
  #middle = matchMedia(MIDDLE);

  constructor() {
    byId("open-left").addEventListener("click", () => this.toggle("left"));
    byId("open-right").addEventListener("click", () => this.toggle("right"));
    byId("panel-close").addEventListener("click", () => this.close());
    byId("backdrop").addEventListener("click", () => this.close());
    for (const query of [this.#narrow, this.#middle]) query.addEventListener("change", () => this.close());
    addEventListener("keydown", (event) => event.key === "Escape" && this.#open && !document.querySelector("dialog[open]") && this.close());
    this.#draw();
  }

  /** @param {"left" | "right"} side */
  toggle(side) {
    if (this.#open === side) return this.close();
    this.#open = side;
    this.#draw();
    const inside = focusables(byId(side));
    /** @type {any} */ (inside.find((element) => element.matches("[aria-current], :checked")) ?? inside[0])?.focus();
  }

  close() {
    const side = this.#open;
    this.#open = null;
    const inside = side && byId(side).contains(document.activeElement);
    this.#draw();
    if (inside) byId(`open-${side}`).focus();
  }

  #draw() {
    for (const [side, folds] of /** @type {const} */ ([["left", this.#narrow.matches], ["right", this.#middle.matches]])) {
      const open = this.#open === side;
      byId(side).classList.toggle("opened", open);
      byId(side).inert = folds && !open;
      byId(`open-${side}`).setAttribute("aria-expanded", String(open));
    }
    for (const behind of ["top", "conversation", "thread"]) byId(behind).inert = this.#open !== null;
    byId("backdrop").hidden = this.#open === null;
    byId("backdrop").title = t("close");
  }
}
