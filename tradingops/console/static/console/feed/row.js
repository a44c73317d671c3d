// A frame as a row: its words as text, never as HTML.

import { ago, brief, full } from "../showing/moments.js";

const MARKET_TIME_APART_MS = 300_000;

/** Return a row; lifecycle is the address of a story with @ for its id. */
export function row(frame, { lifecycle, now = Date.now() }) {
    const made = element("li", "feed-row");
    Object.assign(made.dataset, { id: frame.id, said: frame.said, tone: frame.tone, kind: frame.kind });
    const link = element("a", "feed-link");
    link.href = address(frame, lifecycle);
    link.append(time(frame, now), pill(frame), symbol(frame), line(frame));
    made.append(link);
    return made;
}

/** Return where a frame's story is told, at the frame itself. */
export function address(frame, lifecycle) {
    return `${lifecycle.replace("@", () => encodeURIComponent(frame.lifecycle))}#${encodeURIComponent(frame.id)}`;
}

/** Whether market time is so far from the clock that both must be shown. */
export function isApart(frame) {
    return Math.abs(Date.parse(frame.written) - Date.parse(frame.at)) > MARKET_TIME_APART_MS;
}

function time(frame, now) {
    const made = element("time", "feed-time", ago(frame.written, now));
    made.dateTime = frame.written;
    made.title = `said ${full(frame.written)}\nmarket time ${full(frame.at)}`;
    if (isApart(frame)) made.dataset.market = brief(frame.at);
    return made;
}

function pill(frame) {
    const [label, tone] = frame.chip;
    const made = element("span", `feed-pill pill-${tone}`, label);
    made.title = `${frame.module} said ${frame.kind}`;
    return made;
}

/** A strand's line: each word or figure in its tone. */
function line(frame) {
    const made = element("span", "feed-text gist");
    for (const [text, tone, isPill, field] of frame.parts) {
        const part = element("span", `${isPill ? "pill pill" : "said said"}-${tone}`, text);
        if (field) part.title = field;
        made.append(part, " ");
    }
    return made;
}

function symbol(frame) {
    const made = element("span", "feed-symbol", frame.symbol || "desk");
    made.dataset.module = frame.module;
    return made;
}

function element(name, className, text = "") {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
}
