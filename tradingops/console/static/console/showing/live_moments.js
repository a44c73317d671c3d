// Moments in the viewer's own zone: relative where people read, absolute on hover.

const UNITS = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
    ["second", 1],
];
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "narrow" });
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "short" });

/** "12s ago"; the text itself where it is no moment. */
export function ago(text, now = Date.now()) {
    const seconds = (Date.parse(text) - now) / 1000;
    if (Number.isNaN(seconds)) return text;
    const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1);
    return relative.format(Math.trunc(seconds / size), unit);
}

/** The full moment in the viewer's zone. */
export function full(text) {
    const moment = new Date(text);
    return Number.isNaN(moment.getTime()) ? text : absolute.format(moment);
}

/** Day and minute in the viewer's zone. */
export function short(text) {
    const moment = new Date(text);
    return Number.isNaN(moment.getTime()) ? text : clock.format(moment);
}
