/* Keeps the dashboard fresh: reads its panels again while the tab is seen, replaces what changed, redraws the curve. */
(() => {
  "use strict";
  const panels = document.getElementById("panels");
  if (!panels) return;
  let chart = null;
  let drawn = "";
  let before = sections(panels.innerHTML);

  function sections(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    return [...holder.content.children].map((section) => section.outerHTML);
  }

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
  const hour = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
  const money = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2, minimumFractionDigits: 2 });
  const whole = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 2 });

  function points(curve, values) {
    return curve.moments.map((at, place) => ({ x: Date.parse(at), y: values[place] }));
  }

  function wide(scale) {
    scale.width = 64;
  }

  function settings(curve) {
    const line = colour("--tc-line"), loss = colour("--tc-bad"), text = colour("--tc-muted"), grid = colour("--tc-grid");
    const span = curve.moments.length ? Date.parse(curve.moments.at(-1)) - Date.parse(curve.moments[0]) : 0;
    const label = span > 2 * 86400e3 ? day : hour;
    const axis = { grid: { color: grid }, border: { display: false }, position: "right", stack: "curve" };
    return {
      type: "line",
      data: {
        datasets: [
          { label: "Equity", data: points(curve, curve.equity), yAxisID: "equity", borderColor: line, borderWidth: 1.75, pointRadius: 0, pointHitRadius: 12, tension: 0 },
          { label: "Drawdown", data: points(curve, curve.drawdown), yAxisID: "drawdown", borderColor: loss, backgroundColor: colour("--tc-bad-soft"), borderWidth: 1.25, fill: "origin", pointRadius: 0, pointHitRadius: 12, tension: 0 },
        ],
      },
      options: {
        animation: false, responsive: true, maintainAspectRatio: false, parsing: false, normalized: true,
        interaction: { mode: "index", intersect: false },
        scales: {
          x: { type: "linear", min: points(curve, curve.equity)[0]?.x, max: points(curve, curve.equity).at(-1)?.x, grid: { display: false }, border: { color: grid }, ticks: { color: text, maxRotation: 0, maxTicksLimit: 8, callback: (value) => label.format(value) } },
          equity: { ...axis, stackWeight: 3, grace: "8%", afterFit: wide, ticks: { color: text, maxTicksLimit: 5, callback: (value, place) => (place ? whole.format(value) : "") } },
          drawdown: { ...axis, stackWeight: 1, max: 0, suggestedMin: -0.002, afterFit: wide, ticks: { color: text, maxTicksLimit: 3, callback: (value) => `${(value * 100).toFixed(2)} %` } },
        },
        plugins: {
          legend: { display: false },
          tooltip: {
            displayColors: false,
            callbacks: {
              title: (items) => (items.length ? moment.format(items[0].parsed.x) : ""),
              label: (item) => item.datasetIndex === 0 ? `Equity ${money.format(item.parsed.y)}` : `Drawdown ${(item.parsed.y * 100).toFixed(2)} %`,
            },
          },
        },
      },
    };
  }

  function draw(again) {
    const canvas = document.getElementById("equity");
    const source = document.getElementById("equity-curve");
    if (!canvas || !source || (source.textContent === drawn && !again)) return;
    drawn = source.textContent;
    const wanted = settings(JSON.parse(drawn));
    if (chart && chart.canvas === canvas) {
      chart.data = wanted.data;
      chart.options = wanted.options;
      chart.update("none");
    } else {
      if (chart) chart.destroy();
      chart = new Chart(canvas, wanted);
    }
    canvas.dataset.points = String(wanted.data.datasets[0].data.length);
  }

  function replace(html) {
    const now = sections(html);
    const shown = [...panels.children];
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const fresh = [...holder.content.children];
    if (fresh.length !== shown.length) {
      panels.replaceChildren(...fresh);
    } else {
      fresh.forEach((section, place) => { if (now[place] !== before[place]) put(shown[place], section); });
    }
    before = now;
    window.tellMoments(panels);
    draw(false);
  }

  /* The canvas stays in the page: a canvas drawn anew is what flickers. */
  function put(old, fresh) {
    const kept = old.querySelector("[data-keep]");
    const place = fresh.querySelector("[data-keep]");
    if (kept && place) place.replaceWith(kept);
    old.replaceWith(fresh);
  }

  let span = new URLSearchParams(location.search).get("span");
  let asking = false;

  async function refresh() {
    if (document.hidden || asking) return;
    asking = true;
    try {
      const address = panels.dataset.source + (span ? `?span=${encodeURIComponent(span)}` : "");
      const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
      if (answer.redirected) { location.reload(); return; }
      if (answer.ok) replace(await answer.text());
      panels.classList.toggle("stale", !answer.ok);
    } catch {
      panels.classList.add("stale");
    } finally {
      asking = false;
    }
  }

  panels.addEventListener("click", (event) => {
    const link = event.target.closest("[data-span]");
    if (!link || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    span = link.dataset.span;
    history.replaceState(null, "", `?span=${encodeURIComponent(span)}`);
    refresh();
  });
  document.addEventListener("visibilitychange", refresh);
  new MutationObserver(() => draw(true)).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  setInterval(refresh, Number(panels.dataset.every));
  requestAnimationFrame(() => draw(true));
})();
