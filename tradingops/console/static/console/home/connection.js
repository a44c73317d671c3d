// Whether the page still hears the console, in words: what stands on it is as old as the last answer.

export class Connection {
    /** place is the element that says it; clock returns the present in milliseconds. */
    constructor(place, clock = Date.now) {
        this.place = place;
        this.clock = clock;
        this.heard = clock();
        this.isLost = false;
    }

    /** The console has answered. */
    live() {
        this.heard = this.clock();
        this.isLost = false;
        this.say(`Live, read at ${utc(this.heard)}.`);
    }

    /** It has not, or not with what was asked for. */
    lost(why = "") {
        this.isLost = true;
        const told = why ? ` (${why})` : "";
        this.say(`Connection lost${told}. What stands here is of ${utc(this.heard)}; it is asked for again every few seconds.`);
    }

    say(text) {
        if (this.place.textContent !== text) this.place.textContent = text;
        this.place.classList.toggle("said-bad", this.isLost);
        this.place.classList.toggle("said-muted", !this.isLost);
    }
}

/** "12:30:05 UTC", with the day where it is not today's. */
export function utc(millis, now = Date.now()) {
    const [day, time] = new Date(millis).toISOString().split("T");
    const today = new Date(now).toISOString().startsWith(day);
    return `${today ? "" : `${day} `}${time.slice(0, 8)} UTC`;
}
