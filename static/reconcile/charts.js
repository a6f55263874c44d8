// Draws a figure that a page carries as JSON once its fold is opened, in the colours of the page; a click on a mark goes to
// the address in its customdata. A trace says in `meta` which colour of site.css is its own. The library comes then too.
(() => {
  const places = new Set();
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

  let library;
  const fetched = (place) => {
    library ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = place.dataset.library;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });
    return library;
  };
  const open = async (place) => {
    if (places.has(place)) return;
    place.setAttribute("aria-busy", "true");
    try {
      await fetched(place);
    } catch {
      library = undefined;
      place.textContent = "The chart could not be fetched: close and open it to try again. The table has its figures.";
      return;
    } finally {
      place.removeAttribute("aria-busy");
    }
    place.textContent = "";
    places.add(place);
    draw(place);
    place.on("plotly_click", (click) => {
      const address = click.points[0].customdata;
      if (typeof address === "string" && address.startsWith("/")) window.location.assign(address);
    });
  };
  document.addEventListener("toggle", (event) => {
    const place = event.target.open && event.target.querySelector("[data-chart]");
    if (place) open(place);
  }, { capture: true });

  const again = () => places.forEach(draw);
  document.addEventListener("themechange", again);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
})();
