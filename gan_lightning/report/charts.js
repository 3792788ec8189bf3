"use strict";
// Draws a chart when it comes into sight, and all of them again when the colour scheme changes.
(() => {
  const page = report;
  const charts = new Map(page.charts.map((chart) => [chart.id, chart]));
  const several = page.runs.length > 1;
  const drawn = new Set();
  const narrow = matchMedia("(max-width: 640px)");
  const touch = matchMedia("(pointer: coarse)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  // plotly reads some HTML in texts; what was logged is only text.
  const plain = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  let range = null;
  let follows = false;

  const name = (curve) => plain(several ? page.runs[curve.run].letter + "  " + curve.name : curve.name);

  function place(curve, chart) {
    if (several) return curve.run;
    const player = /(^|\/)([dg])\//.exec(curve.name);
    const own = chart.curves.filter((each) => !each.floor);
    const players = own.map((each) => (/(^|\/)([dg])\//.exec(each.name) || [])[2]);
    // D and G keep their colours from chart to chart wherever they alone share one.
    if (player && new Set(players).size === own.length) return player[2] === "d" ? 0 : 1;
    return Math.max(0, curve.floor ? 0 : own.indexOf(curve)) % 6;
  }

  function traces(chart) {
    const found = [];
    for (const curve of chart.curves) {
      const shade = colour("s" + place(curve, chart));
      found.push({
        type: "scatter", mode: curve.x.length < 3 ? "lines+markers" : "lines", x: curve.x, y: curve.y, name: name(curve),
        line: { color: shade, width: curve.floor ? 1.4 : 1.8, dash: curve.floor ? "dot" : "solid" },
        hovertemplate: "%{y:.4~g}<extra>" + name(curve) + "</extra>",
      });
      if (curve.broken.length) {
        found.push({
          type: "scatter", mode: "markers", x: curve.broken, y: curve.broken.map(() => 0.03), yaxis: "y2", showlegend: false,
          marker: { symbol: "x", size: 7, color: shade }, name: name(curve),
          hovertemplate: "NaN or infinite<extra>" + name(curve) + "</extra>",
        });
      }
    }
    for (const floor of chart.floors) {
      const shade = colour("s" + (several ? floor.run : 0));
      found.push({
        type: "scatter", mode: "lines", x: [1, page.last], y: [floor.value, floor.value], hoverinfo: "name",
        name: (several ? page.runs[floor.run].letter + "  " : "") + "floor", line: { color: shade, width: 1.4, dash: "dot" },
      });
    }
    return found;
  }

  // Spans of the same sort that overlap are shaded once.
  function spans(events, sort) {
    const merged = [];
    for (const { x0, x1 } of events.filter((event) => event.sort === sort).sort((a, b) => a.x0 - b.x0)) {
      const end = x1 === null ? page.last : x1, before = merged[merged.length - 1];
      if (before && x0 <= before[1]) before[1] = Math.max(before[1], end);
      else merged.push([x0, end]);
    }
    return merged;
  }

  function marks() {
    const shapes = [], annotations = [];
    const whole = { yref: "paper", y0: 0, y1: 1, layer: "below" };
    page.runs.forEach((run, at) => {
      const ink = (sort) => colour(several ? "s" + at : { failure: "failing", warning: "warning", remedy: "accent" }[sort]);
      for (const sort of several ? ["failure"] : ["warning", "failure"]) {
        for (const [x0, x1] of spans(run.events, sort)) {
          shapes.push({ ...whole, type: "rect", x0, x1, fillcolor: ink(sort), opacity: 0.08, line: { width: 0 } });
        }
      }
      for (const event of run.events) {
        const dash = event.sort === "remedy" ? "dash" : "solid";
        const line = { color: ink(event.sort), width: 1, dash };
        shapes.push({ ...whole, type: "line", x0: event.x0, x1: event.x0, line, opacity: 0.7 });
        annotations.push({
          x: event.x0, y: 1, yref: "paper", yanchor: "bottom", showarrow: false, font: { size: 10, color: ink(event.sort) },
          text: (several ? run.letter : "") + event.n, hovertext: plain(event.title), captureevents: true,
        });
      }
    });
    return { shapes, annotations: apart(annotations) };
  }

  // Numbers that would lie on each other are left to the first of them.
  function apart(labels) {
    const room = page.last / (narrow.matches ? 12 : 22);
    let free = -Infinity;
    return labels.sort((a, b) => a.x - b.x).filter((label) => {
      const fits = label.x >= free;
      if (fits) free = label.x + room;
      return fits;
    });
  }

  // plotly shows a flat curve between -1 and 1.
  function heights(chart) {
    const values = new Set(chart.curves.flatMap((curve) => curve.y).concat(chart.floors.map((floor) => floor.value)));
    values.delete(null);
    const [only] = values;
    return values.size === 1 && only !== 0 ? { range: only > 0 ? [0, 2 * only] : [2 * only, 0] } : {};
  }

  function layout(chart) {
    const axis = { gridcolor: colour("line"), zeroline: false, linecolor: colour("line"), tickcolor: colour("line"), automargin: true };
    const shown = chart.curves.length + chart.floors.length > 1;
    return {
      ...marks(),
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: colour("muted") },
      margin: { l: 44, r: 10, t: 22, b: 36 }, showlegend: shown,
      legend: { orientation: "h", x: 0, y: 0, yref: "container", yanchor: "bottom", font: { color: colour("text") } },
      xaxis: { ...axis, title: { text: page.clock, standoff: 6 }, range: range || [0, page.last * 1.01], separatethousands: true, nticks: narrow.matches ? 4 : 7 },
      yaxis: { ...axis, type: chart.log ? "log" : "linear", exponentformat: "power", nticks: 6, ...heights(chart) },
      yaxis2: { overlaying: "y", range: [0, 1], visible: false, fixedrange: true },
      hovermode: "x unified", dragmode: touch.matches ? false : "zoom", uirevision: "kept",
      hoverlabel: { bgcolor: colour("surface"), bordercolor: colour("line"), font: { color: colour("text") } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("muted"), activecolor: colour("accent") },
    };
  }

  const options = {
    responsive: true, displaylogo: false, displayModeBar: touch.matches ? false : "hover",
    modeBarButtons: [["toImage", "resetScale2d"]],
  };

  function draw(id) {
    const chart = charts.get(id), box = document.getElementById(id);
    Plotly.react(box, traces(chart), layout(chart), options);
    if (drawn.has(id)) return;
    drawn.add(id);
    box.on("plotly_relayout", (change) => follow(id, change));
  }

  // All curves show the same iterations.
  function follow(from, change) {
    const zoomed = "xaxis.range[0]" in change, back = change["xaxis.autorange"] === true;
    if (follows || !(zoomed || back)) return;
    range = zoomed ? [change["xaxis.range[0]"], change["xaxis.range[1]"]] : [0, page.last * 1.01];
    follows = true;
    const others = [...drawn].filter((id) => id !== from || back);
    Promise.all(others.map((id) => Plotly.relayout(id, { "xaxis.range": range.slice() }))).finally(() => { follows = false; });
  }

  const redraw = () => drawn.forEach(draw);
  dark.addEventListener("change", redraw);
  narrow.addEventListener("change", redraw);
  addEventListener("beforeprint", () => charts.forEach((_, id) => document.getElementById(id).offsetWidth && draw(id)));
  const sight = new IntersectionObserver((seen) => seen.forEach((each) => {
    if (!each.isIntersecting) return;
    sight.unobserve(each.target);
    draw(each.target.id);
  }), { rootMargin: "600px" });
  charts.forEach((_, id) => sight.observe(document.getElementById(id)));
})();
