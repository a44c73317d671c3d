// Candles with the Chart.js that the theme brings: bodies and wicks as floating bars, fills as points, prices as lines.

import { full, onAxis } from "./moments.js";

const NARROW = 640;

/** Draw once, and again when the page turns dark or light. */
export function draw(canvas, data) {
    let chart = new Chart(canvas, configuration(canvas, data));
    const repaint = () => {
        chart.destroy();
        chart = new Chart(canvas, configuration(canvas, data));
    };
    new MutationObserver(repaint).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
}

function configuration(canvas, data) {
    const colour = palette(canvas);
    return {
        data: { labels: data.candles.map(([opened]) => opened), datasets: [...candles(data, colour), ...marks(data, colour), ...lines(data, colour)] },
        options: options(data, colour),
    };
}

function palette(canvas) {
    const style = getComputedStyle(canvas);
    const read = (name) => style.getPropertyValue(`--tc-${name}`).trim();
    return { up: read("good"), down: read("bad"), quiet: read("muted"), line: read("grid"), ink: read("strong") };
}

function candles({ candles }, colour) {
    const painted = candles.map(([, open, , , close]) => (close >= open ? colour.up : colour.down));
    const common = { type: "bar", grouped: false, backgroundColor: painted, maxBarThickness: 22, order: 3 };
    return [
        { ...common, label: "wick", data: candles.map(([, , high, low]) => [low, high]), barThickness: 1 },
        { ...common, label: "body", data: candles.map(body), barPercentage: 0.9, categoryPercentage: 0.85, minBarLength: 1 },
    ];
}

function body([, open, , , close]) {
    return [Math.min(open, close), Math.max(open, close)];
}

/** Where in the row of candles a moment falls. */
function place(candles, at) {
    const after = candles.findIndex(([opened]) => opened > at);
    return after < 0 ? candles.length - 1 : Math.max(0, after - 1);
}

function marks({ candles, marks }, colour) {
    return marks.map((mark) => ({
        type: "scatter",
        label: mark.text,
        data: [{ x: candles[place(candles, mark.at)][0], y: mark.price }],
        pointStyle: mark.exit ? "rectRot" : "triangle",
        rotation: mark.side === "sell" && !mark.exit ? 180 : 0,
        pointRadius: 8,
        pointHoverRadius: 10,
        backgroundColor: mark.side === "buy" ? colour.up : colour.down,
        borderColor: colour.ink,
        borderWidth: 1.5,
        order: 1,
    }));
}

function lines({ candles, lines }, colour) {
    const colours = { entry: colour.quiet, stop: colour.down, target: colour.up };
    return lines.map(({ name, price }) => ({
        type: "line",
        label: `${name} ${price.toLocaleString()}`,
        data: candles.map(() => price),
        borderColor: colours[name],
        borderWidth: 1.5,
        borderDash: name === "entry" ? [2, 3] : [6, 4],
        pointRadius: 0,
        pointHitRadius: 0,
        order: 2,
    }));
}

function options(data, colour) {
    return {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        scales: {
            x: { type: "category", grid: { display: false }, ticks: ticks(colour, data), title: { display: true, text: "UTC", align: "end", color: colour.quiet } },
            y: { position: "right", grace: "4%", grid: { color: colour.line }, ticks: { color: colour.quiet }, beginAtZero: false },
        },
        plugins: { legend: legend(colour), tooltip: tooltip(data) },
    };
}

function ticks(colour, { candles }) {
    const most = window.innerWidth < NARROW ? 3 : 8;
    const span = candles.at(-1)?.[0] - candles.at(0)?.[0];
    return { color: colour.quiet, maxTicksLimit: most, maxRotation: 0, autoSkip: true, callback: (index) => onAxis(candles[index][0], span) };
}

function legend(colour) {
    return {
        labels: { color: colour.quiet, boxHeight: 1, boxWidth: 18, filter: (item, { datasets }) => datasets[item.datasetIndex].type === "line" },
        onClick: () => {},
    };
}

function tooltip({ candles }) {
    return {
        filter: (item) => item.dataset.label === "body" || item.dataset.type === "scatter",
        callbacks: {
            title: ([item]) => (item ? full(candles[Math.round(item.parsed.x)][0]) : ""),
            label: (item) => (item.dataset.type === "scatter" ? item.dataset.label : spoken(candles[item.dataIndex])),
        },
    };
}

function spoken([, open, high, low, close]) {
    return Object.entries({ open, high, low, close }).map(([name, price]) => `${name} ${price.toLocaleString()}`).join("  ");
}
