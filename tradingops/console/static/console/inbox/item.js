// The page of one plan: its chart.

import { draw } from "../showing/candles.js";

const candles = document.getElementById("inbox-candles");
if (candles) draw(document.getElementById("inbox-chart"), JSON.parse(candles.textContent));
