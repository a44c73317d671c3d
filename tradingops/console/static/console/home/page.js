// Home keeps itself fresh while it is seen: it reads its panels again, redraws the curve, and says when it cannot.

import { renewChildren } from "../showing/live.js";
import { tell } from "../showing/times.js";
import { Connection } from "./connection.js";
import { configuration } from "./curve.js";

/** An answer that takes longer is none. */
const PATIENCE_MS = 10_000;

const root = document.getElementById("panels");
const connection = root ? new Connection(document.getElementById("connection")) : null;
let chart = null;
let drawn = "";
let span = new URLSearchParams(location.search).get("span");
let isAsking = false;

function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--tc-${name}`).trim();
}

function draw({ anew }) {
    const canvas = document.getElementById("equity");
    const source = document.getElementById("equity-curve");
    if (!canvas || !source || (source.textContent === drawn && !anew)) return;
    drawn = source.textContent;
    const wanted = configuration(JSON.parse(drawn), colour);
    if (chart?.canvas === canvas) {
        Object.assign(chart, { data: wanted.data, options: wanted.options });
        chart.update("none");
    } else {
        chart?.destroy();
        chart = new Chart(canvas, wanted);
    }
    canvas.dataset.points = String(wanted.data.datasets[0].data.length);
}

async function read() {
    const address = root.dataset.source + (span ? `?span=${encodeURIComponent(span)}` : "");
    const answer = await fetch(address, {
        headers: { "X-Requested-With": "fetch" },
        credentials: "same-origin",
        signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.redirected) return location.reload();
    root.classList.toggle("stale", !answer.ok);
    if (!answer.ok) return connection.lost(`the console answered ${answer.status}`);
    renewChildren(root, await answer.text());
    connection.live();
    htmx.process(root);
    tell(root);
    draw({ anew: false });
}

async function refresh() {
    if (document.hidden || isAsking) return;
    isAsking = true;
    try {
        await read();
    } catch (fault) {
        root.classList.add("stale");
        connection.lost();
        console.error(fault);
    } finally {
        isAsking = false;
    }
}

function listen() {
    root.addEventListener("click", (event) => {
        const link = event.target.closest("[data-span]");
        if (!link || event.metaKey || event.ctrlKey) return;
        event.preventDefault();
        span = link.dataset.span;
        history.replaceState(null, "", `?span=${encodeURIComponent(span)}`);
        refresh();
    });
    document.addEventListener("visibilitychange", () => refresh());
    const repainting = new MutationObserver(() => draw({ anew: true }));
    repainting.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
    setInterval(() => refresh(), Number(root.dataset.every));
}

if (root) {
    listen();
    connection.live();
    requestAnimationFrame(() => draw({ anew: true }));
}
