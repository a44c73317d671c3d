// Parts of a page that are read again while somebody works on it. What stands on the page stays, and takes over what
// the console says anew: a button that is pressed, the focus, a selection, a place scrolled to and a chart are kept.

const HTMX = ["hx-get", "hx-post", "hx-target"];

/** Let a region say what fresh says; both are the same element, read at two times. */
export function renew(region, fresh) {
    const focused = region.contains(document.activeElement) ? document.activeElement : null;
    const around = focused ? within(region, focused) : [];
    take(region, fresh);
    if (focused && !focused.isConnected) focusOn(around.find((each) => each.isConnected) ?? region);
}

/** Let a region's children be those of a piece of HTML. */
export function renewChildren(region, html) {
    const holder = region.cloneNode(false);
    const piece = document.createElement("template");
    piece.innerHTML = html;
    holder.append(piece.content);
    renew(region, holder);
}

/** Renew what htmx reads again, in its place, wherever a page marks it with data-live. */
export function keepRenewing() {
    document.addEventListener("htmx:beforeSwap", (event) => {
        const { target, shouldSwap, serverResponse } = event.detail;
        if (!shouldSwap || !target.id || !("live" in (target.dataset ?? {}))) return;
        const fresh = new DOMParser().parseFromString(serverResponse, "text/html").getElementById(target.id);
        event.detail.shouldSwap = false;
        // Whoever is signed out meanwhile is answered by the page that asks who they are.
        if (!fresh) return location.reload();
        renew(target, document.importNode(fresh, true));
        htmx.process(target);
    });
}

function within(region, element) {
    const path = [];
    for (let each = element.parentElement; each && each !== region; each = each.parentElement) path.push(each);
    return path;
}

function focusOn(element) {
    if (!element.matches("a[href], button, input, select, textarea, [tabindex]")) element.tabIndex = -1;
    element.focus({ preventScroll: true });
}

function take(old, fresh) {
    if (old.nodeType === Node.TEXT_NODE) {
        if (old.data !== fresh.data && !isSelected(old)) old.data = fresh.data;
    } else if (old.nodeType === Node.ELEMENT_NODE && !isKept(old, fresh)) {
        takeAttributes(old, fresh);
        takeChildren(old, fresh);
    }
}

/** A chart draws itself, and a moment that is worded for whoever looks is worded as it ages. */
function isKept(old, fresh) {
    if ("keep" in old.dataset) return "keep" in fresh.dataset;
    return old.matches("time[data-moment]") && old.getAttribute("datetime") === fresh.getAttribute("datetime");
}

function takeAttributes(old, fresh) {
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !isOurs(old, name)) old.removeAttribute(name);
}

/** What whoever looks has done, and where the focus was put: details opened, a region that took the focus. */
function isOurs(element, name) {
    return name === "open" || name === "tabindex";
}

function takeChildren(old, fresh) {
    let place = old.firstChild;
    for (const next of [...fresh.childNodes]) {
        const match = following(place).find((each) => isSame(each, next));
        if (!match) {
            old.insertBefore(next, place);
            continue;
        }
        // Those before it are gone, but for those that only stand later now.
        for (; place !== match && !staysIn(fresh, place); ) place = removed(place);
        if (place !== match) old.insertBefore(match, place);
        else place = match.nextSibling;
        take(match, next);
    }
    while (place) place = removed(place);
}

function following(node) {
    const found = [];
    for (let each = node; each; each = each.nextSibling) found.push(each);
    return found;
}

function removed(node) {
    const next = node.nextSibling;
    node.remove();
    return next;
}

function nameOf(node) {
    return node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset.row || "" : "";
}

function staysIn(fresh, node) {
    return nameOf(node) !== "" && [...fresh.children].some((each) => nameOf(each) === nameOf(node));
}

/** A button that asks for another thing is another button: whoever presses it must get what they pressed. */
function isSame(old, fresh) {
    if (old.nodeName !== fresh.nodeName || nameOf(old) !== nameOf(fresh)) return false;
    return old.nodeType !== Node.ELEMENT_NODE || HTMX.every((name) => old.getAttribute(name) === fresh.getAttribute(name));
}

function isSelected(node) {
    const selection = getSelection();
    return !selection.isCollapsed && selection.containsNode(node, true);
}
