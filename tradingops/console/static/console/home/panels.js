// Panels that are read again: only what changed is replaced, and what is marked to be kept stays in the page.

export class Panels {
    constructor(root) {
        this.root = root;
        this.before = sections(root.innerHTML).map((section) => section.outerHTML);
    }

    /** Put HTML of the console's own making in the place of what is shown. */
    replace(html) {
        const fresh = sections(html);
        const now = fresh.map((section) => section.outerHTML);
        const shown = [...this.root.children];
        if (fresh.length !== shown.length) this.root.replaceChildren(...fresh);
        else fresh.forEach((section, place) => now[place] !== this.before[place] && put(shown[place], section));
        this.before = now;
    }
}

function sections(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    return [...holder.content.children];
}

// A canvas drawn anew is what flickers.
function put(old, fresh) {
    const kept = old.querySelector("[data-keep]");
    const place = fresh.querySelector("[data-keep]");
    if (kept && place) place.replaceWith(kept);
    old.replaceWith(fresh);
}
