// The filter: which frames pass, and its words in an address.

export const NAMES = ["symbol", "kind", "module"];

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
        const isTick = frame.module === "market" && !this.ticks && !this.kind.has(frame.kind);
        return !isTick && NAMES.every((name) => this[name].size === 0 || this[name].has(frame[name]));
    }

    /** As the stream takes it. */
    asked() {
        return { symbols: [...this.symbol], kinds: [...this.kind], modules: [...this.module], ticks: this.ticks };
    }

    /** As an address keeps it: "" where everything passes. */
    search() {
        const asked = new URLSearchParams();
        for (const name of NAMES) for (const value of this[name]) asked.append(name, value);
        if (this.ticks) asked.set("ticks", "1");
        const text = asked.toString();
        return text && `?${text}`;
    }
}
