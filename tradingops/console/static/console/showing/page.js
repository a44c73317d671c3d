// What every page of the console does: words its moments, renews what it reads again, sets its tables right, keeps the
// focus in its dialog.

import { Dialog } from "./dialog.js";
import { keepRenewing } from "./live.js";
import { alignHeads, reach } from "./tables.js";
import { keepTelling } from "./times.js";

keepTelling();
keepRenewing();

for (const field of document.querySelectorAll("[data-submits]")) field.addEventListener("change", () => field.form.submit());

const list = document.getElementById("result_list");
if (list) {
    alignHeads(list);
    if (list.parentElement) reach(list.parentElement, document.querySelector("h1")?.textContent.trim() || "Rows");
}

const box = document.getElementById("modal-content");
if (box) {
    const dialog = new Dialog({ box, rest: document.getElementById("page") });
    window.addEventListener("dialog-opened", () => dialog.open());
    window.addEventListener("dialog-closed", () => dialog.close());
    // Whoever was quicker than this script has one open already.
    if (box.querySelector("#dialog")) dialog.open();
}
