// The socket to the live stream: reconnects, resumes where it was, and says honestly how it stands.

import { Backoff } from "./backoff.js";

const ANEW_MS = 500;
const BEATS_MISSED = 2.5;
const SIGNED_OUT = 4401;

export class Feed {
    /** onFrames(frames, kind, letter); onState(state, detail) with connecting, live, behind, lost or signed-out. */
    constructor({ address, onFrames, onState }) {
        this.address = address;
        this.onFrames = onFrames;
        this.onState = onState;
        this.cursor = null;
        this.caughtUp = false;
        this.backoff = new Backoff();
        this.unacknowledged = 0;
        this.beatSeconds = 10;
    }

    /** Ask for what passes the filter; a new filter begins with its own history. */
    subscribe(filter) {
        this.filter = filter;
        this.cursor = null;
        if (this.isOpen()) this.ask();
        else if (!this.socket) this.connect();
    }

    isOpen() {
        return this.socket?.readyState === WebSocket.OPEN;
    }

    connect() {
        clearTimeout(this.retry);
        this.onState("connecting");
        this.caughtUp = false;
        this.unacknowledged = 0;
        this.socket = new WebSocket(this.address);
        this.socket.onmessage = (event) => this.hear(JSON.parse(event.data));
        this.socket.onclose = (event) => this.lose(event.code);
    }

    ask() {
        this.caughtUp = false;
        this.tell({ type: "subscribe", filter: this.filter, cursor: this.cursor });
    }

    tell(message) {
        if (this.isOpen()) this.socket.send(JSON.stringify(message));
    }

    hear(letter) {
        this.watch();
        if (letter.type === "hello") return this.greet(letter);
        if (letter.type === "resync") return this.startOver();
        if (letter.health) return this.stand(letter.health);
        if (letter.type === "misunderstood") return console.error(letter.why);
        this.receive(letter);
    }

    greet(letter) {
        this.ackEvery = letter.ack_every;
        this.beatSeconds = letter.beat_seconds;
        this.health = letter.health;
        this.ask();
    }

    startOver() {
        this.cursor = null;
        setTimeout(() => this.ask(), ANEW_MS);
    }

    receive(letter) {
        if (letter.type !== "frames") this.caughtUp = true;
        // Until the past has come, what is new must not move the cursor beyond it.
        if (this.caughtUp) this.cursor = { epoch: letter.epoch, position: letter.position, settled: letter.settled };
        this.onFrames(letter.frames, letter.type, letter);
        this.acknowledge(letter.frames.length);
        if (letter.type !== "frames") this.succeed();
    }

    succeed() {
        this.backoff.reset();
        this.stand(this.health);
    }

    acknowledge(count) {
        this.unacknowledged += count;
        if (this.unacknowledged < this.ackEvery) return;
        this.tell({ type: "ack", count: this.unacknowledged });
        this.unacknowledged = 0;
    }

    stand(health) {
        this.health = health;
        if (!this.caughtUp) return;
        this.onState(health, health === "lost" ? "the console has lost its database" : "");
    }

    /** A connection that went silent is a lost one, whatever the browser believes. */
    watch() {
        clearTimeout(this.silence);
        this.silence = setTimeout(() => this.socket.close(), this.beatSeconds * BEATS_MISSED * 1000);
    }

    lose(code) {
        clearTimeout(this.silence);
        this.socket = null;
        if (code === SIGNED_OUT) return this.onState("signed-out");
        const wait = this.backoff.next();
        this.onState("lost", `trying again in ${Math.max(1, Math.round(wait / 1000))} s`);
        this.retry = setTimeout(() => this.connect(), wait);
    }
}
