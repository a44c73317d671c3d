// Tables of records: heads of figures stand to the right as the figures do, and what scrolls can be reached by keyboard.

/** Set the heads of columns of figures to the right. */
export function alignHeads(table) {
    const heads = table.querySelectorAll("thead th");
    const cells = table.querySelector("tbody tr.data-row")?.children ?? [];
    for (const [place, cell] of [...cells].entries()) {
        if (cell.firstElementChild?.matches(".figure")) heads[place]?.classList.add("head-of-figures");
    }
}

/** Let a region that scrolls take the focus, under a name. */
export function reach(region, name) {
    region.tabIndex = 0;
    region.setAttribute("role", "region");
    region.setAttribute("aria-label", name);
}
