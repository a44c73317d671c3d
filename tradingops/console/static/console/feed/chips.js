// The filter on the page: chips that are pressed or not, the box that adds a symbol, the switch for bars.

/** Bind chips, symbol box and tick switch to a filter; onChange() after each change. */
export function bind(root, filter, onChange) {
    const changed = () => {
        history.replaceState(null, "", filter.search() || location.pathname);
        paint(root, filter);
        onChange();
    };
    bindChips(root, filter, changed);
    bindSymbols(root.querySelector("#feed-symbol"), filter, changed);
    const ticks = root.querySelector("#feed-ticks");
    ticks.addEventListener("change", () => {
        filter.ticks = ticks.checked;
        changed();
    });
    paint(root, filter);
}

function bindChips(root, filter, changed) {
    root.addEventListener("click", (event) => {
        const chip = event.target.closest("[data-filter]");
        if (!chip) return;
        const isGoing = chip.dataset.filter === "symbol";
        filter.toggle(chip.dataset.filter, chip.dataset.name);
        changed();
        if (isGoing) root.querySelector("#feed-symbol").focus();
    });
}

function bindSymbols(box, filter, changed) {
    const add = () => {
        const symbol = box.value.trim();
        if (!symbol) return;
        filter.symbol.add(symbol);
        box.value = "";
        changed();
    };
    box.addEventListener("change", add);
    box.addEventListener("keydown", (event) => event.key === "Enter" && add());
}

function paint(root, filter) {
    root.querySelector("#feed-symbols").replaceChildren(...[...filter.symbol].map(symbolChip));
    for (const chip of root.querySelectorAll("[data-filter]")) {
        chip.setAttribute("aria-pressed", filter[chip.dataset.filter].has(chip.dataset.name));
    }
    root.querySelector("#feed-ticks").checked = filter.ticks;
}

function symbolChip(symbol) {
    const chip = document.createElement("button");
    Object.assign(chip, { type: "button", textContent: `${symbol} ×`, title: `Show ${symbol} no longer alone` });
    Object.assign(chip.dataset, { filter: "symbol", name: symbol });
    return chip;
}
