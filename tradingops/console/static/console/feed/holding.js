// What came while the feed was held: the newest is kept, everything is counted.

export class Holding {
    constructor(most) {
        this.most = most;
        this.clear();
    }

    clear() {
        this.frames = new Map();
        this.count = 0;
    }

    /** Keep frames once each; the oldest go where there are too many, for they would not be shown anyway. */
    add(frames) {
        for (const frame of frames) {
            if (this.frames.has(frame.id)) continue;
            this.frames.set(frame.id, frame);
            this.count += 1;
            if (this.frames.size > this.most) this.frames.delete(this.frames.keys().next().value);
        }
    }

    /** Return what was kept, in the order it came, and begin anew. */
    release() {
        const frames = [...this.frames.values()];
        this.clear();
        return frames;
    }
}
