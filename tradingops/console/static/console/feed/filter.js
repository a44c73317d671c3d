// The filter: chips on the page, words in the address.

const NAMES = ["symbol", "kind", "module"];

export class Filter {
    constructor(search) {
        const asked = new URLSearchParams(search);
        for (const name of NAMES) this[name] = new Set(asked.getAll(name));
        this.ticks = asked.has("ticks");
    }

    toggle(name, value) {
        if (!this[name].delete(value)) this[name].add(value);
    }

    /** Whether a frame passes: what was on its way when the filter changed may not. */
    wants(frame) {
        const among = (names, name) => names.size === 0 || names.has(name);
        const isTick = frame.module === "market" && !this.ticks;
        return !isTick && among(this.symbol, frame.symbol) && among(this.kind, frame.kind) && among(this.module, frame.module);
    }

    /** As the stream takes it. */
    asked() {
        return { symbols: [...this.symbol], kinds: [...this.kind], modules: [...this.module], ticks: this.ticks };
    }

    /** As the address keeps it. */
    search() {
        const asked = new URLSearchParams();
        for (const name of NAMES) for (const value of this[name]) asked.append(name, value);
        if (this.ticks) asked.set("ticks", "1");
        const text = asked.toString();
        return text ? `?${text}` : location.pathname;
    }
}

/** Bind chips, symbol box and tick switch to a filter; onChange() after each change. */
export function bind(root, filter, onChange) {
    const changed = () => {
        history.replaceState(null, "", filter.search());
        paint(root, filter);
        onChange();
    };
    root.addEventListener("click", (event) => {
        const chip = event.target.closest("[data-filter]");
        if (!chip) return;
        filter.toggle(chip.dataset.filter, chip.dataset.name);
        changed();
    });
    const box = root.querySelector("#feed-symbol");
    const add = () => {
        const symbol = box.value.trim();
        if (!symbol) return;
        filter.symbol.add(symbol);
        box.value = "";
        changed();
    };
    box.addEventListener("change", add);
    box.addEventListener("keydown", (event) => event.key === "Enter" && add());
    const ticks = root.querySelector("#feed-ticks");
    ticks.addEventListener("change", () => {
        filter.ticks = ticks.checked;
        changed();
    });
    paint(root, filter);
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
