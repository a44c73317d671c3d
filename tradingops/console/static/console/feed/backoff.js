// How long to wait before trying again: twice as long each time, up to a bound, and never all screens at once.

const FIRST_MS = 500;
const MOST_MS = 15_000;

export class Backoff {
    constructor(random = Math.random) {
        this.random = random;
        this.reset();
    }

    reset() {
        this.wait = FIRST_MS;
    }

    /** Return the milliseconds to wait this time: from half to one and a half of the wait. */
    next() {
        const wait = this.wait * (0.5 + this.random());
        this.wait = Math.min(this.wait * 2, MOST_MS);
        return wait;
    }
}
