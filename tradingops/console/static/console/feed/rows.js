// The rows on the page: newest on top, each strand once, never more than a screenful of screens.

import { ago, full, short } from "../showing/live_moments.js";

export const MOST_ROWS = 400;
const FRESH_MS = 1_500;
const MARKET_TIME_APART_MS = 300_000;

export class Rows {
    constructor({ list, lifecycle }) {
        this.list = list;
        this.lifecycle = lifecycle;
        this.shown = new Map();
        setInterval(() => this.refreshTimes(), 1_000);
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
        while (this.list.children.length > MOST_ROWS) this.drop(this.list.lastElementChild);
        return news.length;
    }

    insert(frame, fresh) {
        if (this.shown.has(frame.id)) return;
        const row = this.row(frame);
        this.shown.set(frame.id, row);
        let below = this.list.firstElementChild;
        while (below && Number(below.dataset.said) > frame.said) below = below.nextElementSibling;
        this.list.insertBefore(row, below);
        if (fresh) this.flash(row);
    }

    drop(row) {
        this.shown.delete(row.dataset.id);
        row.remove();
    }

    flash(row) {
        row.classList.add("is-fresh");
        setTimeout(() => row.classList.remove("is-fresh"), FRESH_MS);
    }

    row(frame) {
        const row = element("li", "feed-row");
        Object.assign(row.dataset, { id: frame.id, said: frame.said, tone: frame.tone, kind: frame.kind });
        const link = element("a", "feed-link");
        link.href = this.lifecycle.replace("@", encodeURIComponent(frame.lifecycle)) + `#${encodeURIComponent(frame.id)}`;
        link.append(this.time(frame), pill(frame), symbol(frame), element("span", "feed-text", frame.text));
        row.append(link);
        return row;
    }

    time(frame) {
        const time = element("time", "feed-time", ago(frame.written));
        time.dateTime = frame.written;
        time.title = `said ${full(frame.written)}\nmarket time ${full(frame.at)}`;
        if (Math.abs(Date.parse(frame.written) - Date.parse(frame.at)) > MARKET_TIME_APART_MS) {
            time.dataset.market = short(frame.at);
        }
        return time;
    }

    refreshTimes() {
        if (document.hidden) return;
        const now = Date.now();
        for (const time of this.list.querySelectorAll("time")) {
            const text = ago(time.dateTime, now);
            if (time.textContent !== text) time.textContent = text;
        }
    }
}

function pill(frame) {
    const pill = element("span", "feed-pill", (frame.kind || "strand").replaceAll("_", " "));
    pill.title = `${frame.module} said ${frame.kind}`;
    return pill;
}

function symbol(frame) {
    const cell = element("span", "feed-symbol", frame.symbol || "desk");
    cell.dataset.module = frame.module;
    return cell;
}

function element(name, className, text = "") {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
}
