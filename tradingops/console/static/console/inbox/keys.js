"use strict";
// Keys of the inbox: none while something is typed or a dialog is open, none with a modifier.
(() => {
  const root = document.querySelector("[data-inbox]");
  if (!root) return;
  const rows = () => [...root.querySelectorAll("[data-key-row]")];
  const step = (by) => {
    const all = rows();
    if (!all.length) return;
    const now = all.indexOf(document.activeElement);
    all[Math.min(Math.max(now + by, 0), all.length - 1)].focus();
  };
  const filter = () => {
    const search = root.querySelector("[data-key-search]");
    if (search) search.focus(); else location.assign(root.querySelector("[data-key-search-at]").dataset.keySearchAt);
  };
  if (location.hash === "#search") filter();
  const help = () => {
    const words = root.querySelector("[data-keys-help]");
    if (words.open) words.close(); else words.showModal();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    if (document.querySelector("#modal-content #dialog")?.offsetParent) return;
    const acts = { j: () => step(1), k: () => step(-1), "?": help, "/": filter };
    const own = /^[amrcgjk]$/.test(event.key) && root.querySelector(`[data-key="${event.key}"]`);
    const act = own ? () => own.click() : acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
