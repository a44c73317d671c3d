// Moments as people read them, in UTC as everywhere on the console; a text that is no moment stays as it is.

const UNITS = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
    ["second", 1],
];
/** Clocks of two machines may differ by as much. */
const SKEW_SECONDS = 30;
const FRESH_MS = 2 * 86_400_000;

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "narrow" });

/** "12s ago"; the day and the minute where it is still to come: a market that is played fast is ahead of the clock. */
export function ago(at, now = Date.now()) {
    const seconds = (millis(at) - now) / 1_000;
    if (Number.isNaN(seconds)) return at;
    if (seconds > SKEW_SECONDS) return brief(at);
    const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1);
    return relative.format(Math.trunc(seconds / size), unit);
}

/** How long ago while it is less than two days away, the day and minute after. */
export function worded(at, now = Date.now()) {
    return Math.abs(millis(at) - now) > FRESH_MS ? brief(at) : ago(at, now);
}

/** The day, the second and the zone. */
export function full(at) {
    return format(at, (text) => `${text.slice(0, 19).replace("T", " ")} UTC`);
}

/** The day, the minute and the zone. */
export function brief(at) {
    return format(at, (text) => `${text.slice(0, 16).replace("T", " ")} UTC`);
}

/** What the axis of a span is marked with: hours within two days, days beyond; the chart names the zone. */
export function onAxis(at, spanMs) {
    return format(at, (text) => (spanMs > FRESH_MS ? text.slice(5, 10) : text.slice(11, 16)));
}

function format(at, cut) {
    const moment = millis(at);
    return Number.isNaN(moment) ? at : cut(new Date(moment).toISOString());
}

function millis(at) {
    return typeof at === "number" ? at : Date.parse(at);
}
