"use strict";
// The editor of a draft: a search that filters its fields, and a switch that shows only those that differ.
(() => {
  const bar = document.querySelector("[data-policy-find]");
  if (!bar) return;
  const [search, only, count] = ["search", "differs", "count"].map((name) => bar.querySelector(`[data-policy-${name}]`));
  const fields = [...document.querySelectorAll("[data-policy-field]")];
  const holds = (row, words) => words.every((word) => row.dataset.words.includes(word));
  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of fields) row.hidden = !(holds(row, words) && (!only.checked || row.querySelector("input, select").value));
    for (const group of document.querySelectorAll(".policy-group")) {
      const none = !group.querySelector("[data-policy-field]:not([hidden])");
      group.hidden = none;
      document.querySelector(`.policy-groups a[href="#${group.id}"]`).hidden = none;
    }
    const left = fields.filter((row) => !row.hidden).length;
    count.textContent = left < fields.length ? `${left} of ${fields.length} fields` : `${left} fields`;
  };
  for (const row of fields) {
    const said = row.querySelector("td").textContent.replace(/\s+/g, " ");
    row.dataset.words = `${said} ${row.querySelector("input, select").name.replaceAll("_", " ")}`.toLowerCase();
  }
  search.addEventListener("input", show);
  search.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  only.addEventListener("change", show);
  bar.hidden = false;
  show();
})();
