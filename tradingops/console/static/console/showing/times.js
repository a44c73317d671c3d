// The moments of a page: each <time data-moment> says how long ago, and the whole moment on hover.

import { full, worded } from "./moments.js";

const EVERY_MS = 5_000;

/** Word the moments under a root. */
export function tell(root, now = Date.now()) {
    for (const time of root.querySelectorAll("time[data-moment]")) {
        const text = worded(time.dateTime, now);
        if (time.textContent !== text && !Number.isNaN(Date.parse(time.dateTime))) time.textContent = text;
        if (!time.title) time.title = full(time.dateTime);
    }
}

/** Word them now, when a part of the page is loaded, and again as they grow older. */
export function keepTelling() {
    tell(document);
    document.addEventListener("htmx:load", (event) => tell(event.target));
    setInterval(() => document.hidden || tell(document), EVERY_MS);
}
