// Whether somebody has their hand on the rows, pressing one or selecting words in them: what comes meanwhile waits.

export class Hand {
    /** letGo is called when the hand is off the list again. */
    constructor(list, letGo) {
        this.list = list;
        this.letGo = letGo;
        this.isPressing = false;
        list.addEventListener("pointerdown", () => (this.isPressing = true));
        for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => this.release());
        document.addEventListener("selectionchange", () => this.isBusy || letGo());
    }

    get isBusy() {
        const selection = getSelection();
        return this.isPressing || (!selection.isCollapsed && this.list.contains(selection.anchorNode));
    }

    /** Only after the click that follows: a row that moves under the pointer would take the click along. */
    release() {
        if (!this.isPressing) return;
        setTimeout(() => {
            this.isPressing = false;
            if (!this.isBusy) this.letGo();
        });
    }
}
