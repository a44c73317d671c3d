"use strict";
// What waits, and how it stands, kept fresh: never under a dialog, and without taking the focus away.
(() => {
  const EVERY_MS = 3_000;
  const live = () => document.querySelector("[data-inbox-live]");
  const busy = () => document.hidden || document.querySelector("#modal-content #dialog")?.offsetParent || document.querySelector("dialog[open]");
  const refresh = async () => {
    if (!live() || busy()) return;
    const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
    if (!answer?.ok || answer.redirected || busy()) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-inbox-live]");
    const shown = live();
    if (!fresh || fresh.innerHTML === shown.innerHTML) return;
    if (fresh.dataset.state !== shown.dataset.state) return location.reload();
    const chosen = shown.contains(document.activeElement) && document.activeElement.getAttribute("href");
    shown.innerHTML = fresh.innerHTML;
    if (chosen) shown.querySelector(`a[href="${CSS.escape(chosen)}"]`)?.focus();
  };
  setInterval(refresh, EVERY_MS);
})();
