// Draws each figure that a page carries as JSON, in the colours of the page; a click on a mark goes to the address in its
// customdata. A trace says in `meta` which colour of site.css is its own.
(() => {
  const places = document.querySelectorAll("[data-chart]");
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };

  const coloured = (figure) => {
    const grid = colour("line");
    const axis = (given) => ({ ...given, gridcolor: grid, linecolor: grid, zerolinecolor: grid });
    return [
      figure.data.map((trace) => ({ ...trace, line: { ...trace.line, color: colour(trace.meta) }, marker: { ...trace.marker, color: colour(trace.meta) } })),
      { ...figure.layout, font: { ...figure.layout.font, color: colour("ink") }, xaxis: axis(figure.layout.xaxis), yaxis: axis(figure.layout.yaxis) },
    ];
  };
  const figureOf = (place) => JSON.parse(document.getElementById(place.dataset.chart).textContent);
  const draw = (place) => Plotly.react(place, ...coloured(figureOf(place)), { displayModeBar: false, responsive: true });

  places.forEach((place) => {
    draw(place);
    place.on("plotly_click", (click) => {
      const address = click.points[0].customdata;
      if (typeof address === "string" && address.startsWith("/")) window.location.assign(address);
    });
  });
  const again = () => places.forEach(draw);
  document.addEventListener("themechange", again);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  const fit = () => places.forEach((place) => Plotly.Plots.resize(place));
  window.addEventListener("beforeprint", fit);
  window.addEventListener("afterprint", fit);
})();
