// The curve of equity and drawdown, by the Chart.js that the theme brings.

const money = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2, minimumFractionDigits: 2 });
const rough = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 2 });
const DAY_MS = 86_400_000;
const LINE = { pointRadius: 0, pointHitRadius: 12 };

/** Return Chart.js's configuration of a curve; colour(name) is one of the palette's. */
export function configuration(curve, colour) {
    return {
        type: "line",
        data: { datasets: datasets(curve, colour) },
        options: {
            animation: false,
            responsive: true,
            maintainAspectRatio: false,
            parsing: false,
            normalized: true,
            interaction: { mode: "index", intersect: false },
            scales: scales(curve, colour),
            plugins: { legend: { display: false }, tooltip: { displayColors: false, callbacks: { title, label } } },
        },
    };
}

/** Return the points of a curve: market time in milliseconds, and the value. */
export function points(moments, values) {
    return moments.map((at, place) => ({ x: Date.parse(at), y: values[place] }));
}

/** A moment in UTC, as all of Home tells them: "2026-03-02 12:30". */
export function utc(at) {
    return new Date(at).toISOString().slice(0, 16).replace("T", " ");
}

/** What the axis of a span is marked with: the clock within a day, days beyond a week, both between. */
export function onAxis(at, spanMs) {
    const [day, clock] = [utc(at).slice(5, 10), utc(at).slice(11)];
    if (spanMs <= DAY_MS) return clock;
    return spanMs > 7 * DAY_MS ? day : `${day} ${clock}`;
}

/** A fraction in percent. */
export function percent(value) {
    return `${(value * 100).toFixed(2)} %`;
}

function datasets({ moments, equity, drawdown }, colour) {
    const below = { borderColor: colour("bad"), backgroundColor: colour("bad-soft"), borderWidth: 1.25, fill: "origin" };
    return [
        { ...LINE, label: "Equity", data: points(moments, equity), yAxisID: "equity", borderColor: colour("line"), borderWidth: 1.75 },
        { ...LINE, ...below, label: "Drawdown", data: points(moments, drawdown), yAxisID: "drawdown" },
    ];
}

function scales({ moments }, colour) {
    const [from, to] = [Date.parse(moments.at(0)), Date.parse(moments.at(-1))];
    const ticks = { color: colour("muted") };
    const axis = { grid: { color: colour("grid") }, border: { display: false }, position: "right", stack: "curve", afterFit };
    const along = { ...ticks, maxRotation: 0, maxTicksLimit: 6, autoSkipPadding: 16, callback: (at) => onAxis(at, to - from) };
    const worth = { ...ticks, maxTicksLimit: 5, callback: (value, place) => (place ? rough.format(value) : "") };
    return {
        x: { type: "linear", min: from, max: to, grid: { display: false }, border: { color: colour("grid") }, ticks: along },
        equity: { ...axis, stackWeight: 3, grace: "8%", ticks: worth },
        drawdown: { ...axis, stackWeight: 1, max: 0, suggestedMin: -0.002, ticks: { ...ticks, maxTicksLimit: 3, callback: percent } },
    };
}

function afterFit(scale) {
    scale.width = 64;
}

function title([item]) {
    return item ? `${utc(item.parsed.x)} UTC` : "";
}

function label({ datasetIndex, parsed }) {
    return datasetIndex === 0 ? `Equity ${money.format(parsed.y)}` : `Drawdown ${percent(parsed.y)}`;
}
