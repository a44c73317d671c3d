// A dialog keeps the focus while it is open, and gives it back where it came from; where that is gone, to the page.

const REACHABLE = "a[href], button:not([disabled]), input:not([disabled]):not([type=hidden]), select:not([disabled]), textarea:not([disabled]), [tabindex='0']";
const FIELDS = "input:not([type=hidden]), select, textarea";

export class Dialog {
    /** box takes the focus; rest is what lies behind it. */
    constructor({ box, rest }) {
        this.box = box;
        this.rest = rest;
        this.opener = null;
        box.addEventListener("keydown", (event) => event.key === "Tab" && this.turn(event));
    }

    /** Name the dialog by its title and move into it: to the first field, else to the box. */
    open() {
        this.opener = document.activeElement;
        const title = this.box.querySelector("h1, h2");
        if (title) this.box.setAttribute("aria-label", title.textContent.trim());
        this.rest.inert = true;
        this.enter();
    }

    /** Move into the box; what is not shown yet cannot take the focus, and is tried again with each picture drawn. */
    enter(pictures = 60) {
        (this.box.querySelector(FIELDS) ?? this.box).focus();
        if (this.box.contains(document.activeElement) || pictures === 0) return;
        requestAnimationFrame(() => this.rest.inert && this.enter(pictures - 1));
    }

    close() {
        this.rest.inert = false;
        if (this.opener?.isConnected) this.opener.focus();
        else this.rest.querySelector("main :is(a[href], button, [tabindex])")?.focus();
        this.opener = null;
    }

    /** Tab goes round within the box. */
    turn(event) {
        const stops = [...this.box.querySelectorAll(REACHABLE)].filter((each) => each.checkVisibility());
        const from = event.shiftKey ? stops.at(0) : stops.at(-1);
        const to = event.shiftKey ? stops.at(-1) : stops.at(0);
        const isOutside = document.activeElement === this.box && event.shiftKey;
        if (stops.length > 0 && document.activeElement !== from && !isOutside) return;
        event.preventDefault();
        to?.focus();
    }
}
