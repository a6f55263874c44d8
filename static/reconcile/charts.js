// Draws each figure that a page carries as JSON; a click on a mark goes to the address in its customdata.
(() => {
  const draw = (place) => {
    const figure = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    Plotly.newPlot(place, figure.data, figure.layout, { displayModeBar: false, responsive: true });
    place.on("plotly_click", (click) => {
      const address = click.points[0].customdata;
      if (typeof address === "string" && address.startsWith("/")) window.location.assign(address);
    });
  };
  const places = document.querySelectorAll("[data-chart]");
  places.forEach(draw);
  const fit = () => places.forEach((place) => Plotly.Plots.resize(place));
  window.addEventListener("beforeprint", fit);
  window.addEventListener("afterprint", fit);
})();
