/* Words every moment on the page in the viewer's zone: how long ago while it is fresh, the day and hour after; all on hover. */
(() => {
  "use strict";
  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const FRESH_DAYS = 2;
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
  const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
  const brief = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

  function worded(at) {
    const seconds = (at - Date.now()) / 1000;
    const age = Math.abs(seconds);
    if (age > FRESH_DAYS * 86400) return brief.format(at);
    const [unit, size] = UNITS.find(([, size]) => age >= size) || UNITS[3];
    return relative.format(Math.trunc(seconds / size), unit);
  }

  function tell(root) {
    for (const element of root.querySelectorAll("time[data-moment]")) {
      const at = new Date(element.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      const text = worded(at);
      if (element.textContent !== text) element.textContent = text;
      if (!element.title) element.title = absolute.format(at);
    }
  }

  window.tellMoments = tell;
  document.addEventListener("DOMContentLoaded", () => tell(document));
  document.addEventListener("htmx:load", (event) => tell(event.target));
  setInterval(() => { if (!document.hidden) tell(document); }, 5000);
})();
