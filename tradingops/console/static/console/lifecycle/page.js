// The lifecycle page: moments in UTC, the chart, and the strand that the address points at.

import { ago, brief, full } from "../showing/moments.js";
import { draw } from "../showing/candles.js";

for (const time of document.querySelectorAll(".story time")) {
    time.textContent = brief(time.dateTime);
    time.title = `${full(time.dateTime)}, ${ago(time.dateTime)}`;
}

const candles = document.getElementById("story-candles");
if (candles) draw(document.getElementById("story-chart"), JSON.parse(candles.textContent));

const pointedAt = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
if (pointedAt) pointedAt.classList.add("is-pointed-at");
