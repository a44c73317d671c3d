// The theme that a person chose in the console, before the page is drawn; without a choice the system's holds.

let chosen = null;
try {
    chosen = JSON.parse(localStorage.getItem("adminTheme") ?? "null");
} catch {
    chosen = null; // a browser that keeps nothing, or keeps nonsense
}
if (chosen === "dark" || chosen === "light") document.documentElement.classList.add(chosen);
