// The live feed page: socket, filter and rows together; pausing holds what comes and loses nothing.

import { bind } from "./chips.js";
import { Filter } from "./filter.js";
import { Hand } from "./hand.js";
import { Holding } from "./holding.js";
import { MOST_ROWS, Rows } from "./rows.js";
import { Feed } from "./socket.js";

const WORDS = { connecting: "Connecting", live: "Live", behind: "Behind", lost: "Connection lost", "signed-out": "Signed out" };
const AWAY_KEY = "tradingops.feed.hold-while-away";

const find = (name) => document.getElementById(`feed-${name}`);
const root = document.getElementById("feed");
const filter = new Filter(location.search);
const rows = new Rows({ list: find("rows"), lifecycle: root.dataset.lifecycle });
const title = document.title;
const held = new Holding(MOST_ROWS);
const hand = new Hand(find("rows"), release);
let paused = false;
let away = false;

function isHolding() {
    return paused || away || hand.isBusy;
}

function take(letterFrames, kind, letter) {
    const frames = letterFrames.filter((frame) => filter.wants(frame));
    if (letter.resync) note("Too much was said in between to show it all; this is the newest.");
    if (kind === "history" && letter.resync && !isHolding()) rows.clear();
    if (isHolding()) held.add(frames.filter((frame) => !rows.has(frame.id)));
    else rows.add(frames, { fresh: kind === "frames" });
    paint(frames);
}

function release() {
    if (isHolding() || held.count === 0) return;
    rows.add(held.release(), { fresh: true });
    paint([]);
}

function paint(frames) {
    find("new").hidden = held.count === 0;
    find("new").textContent = `${held.count.toLocaleString()} new`;
    find("empty").hidden = find("rows").children.length > 0 || held.count > 0;
    document.title = held.count ? `(${held.count}) ${title}` : title;
    remember(frames);
}

function remember(frames) {
    const known = new Set([...find("seen").options].map((option) => option.value));
    for (const { symbol } of frames) {
        if (!symbol || known.has(symbol)) continue;
        known.add(symbol);
        find("seen").append(new Option(symbol, symbol));
    }
}

function note(text) {
    find("note").textContent = text;
    find("note").hidden = !text;
}

function show(state, detail = "") {
    const line = find("state");
    line.dataset.state = state;
    line.lastElementChild.textContent = detail ? `${WORDS[state]}: ${detail}` : WORDS[state];
    if (state !== "signed-out") return;
    const link = Object.assign(document.createElement("a"), { href: root.dataset.login, textContent: "sign in again" });
    line.lastElementChild.append(", ", link);
}

function pause(wanted) {
    paused = wanted;
    const button = find("pause");
    button.setAttribute("aria-pressed", paused);
    button.querySelector("span").textContent = paused ? "play_arrow" : "pause";
    button.querySelector("b").textContent = paused ? "Resume" : "Pause";
    release();
}

function look(isAway) {
    away = isAway && find("away").checked;
    root.classList.toggle("is-away", away);
    release();
}

function isTyping(target) {
    return target.closest?.("input, textarea, select, [contenteditable]");
}

function listen() {
    find("pause").addEventListener("click", () => pause(!paused));
    find("new").addEventListener("click", () => pause(false));
    document.addEventListener("keydown", (event) => {
        if (event.code !== "Space" || isTyping(event.target) || event.target.closest?.("button")) return;
        event.preventDefault();
        pause(!paused);
    });
    window.addEventListener("blur", () => look(true));
    window.addEventListener("focus", () => look(false));
    find("away").checked = localStorage.getItem(AWAY_KEY) !== "no";
    find("away").addEventListener("change", () => localStorage.setItem(AWAY_KEY, find("away").checked ? "yes" : "no"));
}

const address = new URL(root.dataset.socket, location.href);
address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
const feed = new Feed({ address, onFrames: take, onState: show });

bind(root, filter, () => {
    rows.clear();
    held.clear();
    note("");
    feed.subscribe(filter.asked());
});
listen();
take(JSON.parse(document.getElementById("feed-history").textContent), "history", {});
feed.subscribe(filter.asked());
