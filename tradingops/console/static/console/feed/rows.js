// The rows on the page: newest on top, each strand once, never more than a screenful of screens.

import { ago } from "../showing/moments.js";
import { row } from "./row.js";

export const MOST_ROWS = 400;
const FRESH_MS = 1_500;

export class Rows {
    constructor({ list, lifecycle }) {
        this.list = list;
        this.lifecycle = lifecycle;
        this.shown = new Map();
        setInterval(() => document.hidden || this.refreshTimes(), 1_000);
    }

    clear() {
        this.shown.clear();
        this.list.replaceChildren();
    }

    has(id) {
        return this.shown.has(id);
    }

    /** Show frames, whatever their order; one already here stays as it is. Returns how many were new. */
    add(frames, { fresh = false } = {}) {
        const news = frames.filter((frame) => !this.shown.has(frame.id)).sort((one, other) => one.said - other.said);
        for (const frame of news.slice(-MOST_ROWS)) this.insert(frame, fresh);
        for (let last; this.list.children.length > MOST_ROWS && !this.hasFocus((last = this.list.lastElementChild)); ) this.drop(last);
        return news.length;
    }

    insert(frame, fresh) {
        if (this.shown.has(frame.id)) return;
        const made = row(frame, { lifecycle: this.lifecycle });
        this.shown.set(frame.id, made);
        let below = this.list.firstElementChild;
        while (below && Number(below.dataset.said) > frame.said) below = below.nextElementSibling;
        this.list.insertBefore(made, below);
        if (fresh) this.flash(made);
    }

    hasFocus(row) {
        return row.contains(document.activeElement);
    }

    drop(row) {
        this.shown.delete(row.dataset.id);
        row.remove();
    }

    flash(row) {
        row.classList.add("is-fresh");
        setTimeout(() => row.classList.remove("is-fresh"), FRESH_MS);
    }

    refreshTimes(now = Date.now()) {
        for (const time of this.list.querySelectorAll("time")) {
            const text = ago(time.dateTime, now);
            if (time.textContent !== text) time.textContent = text;
        }
    }
}
