// Small comforts; every page works without them.
(() => {
  const bar = document.querySelector(".bar");
  const button = document.querySelector(".menu-button");
  button?.addEventListener("click", () => {
    button.setAttribute("aria-expanded", String(bar.classList.toggle("open")));
  });

  // Menus of filters: say how many are chosen, close on Escape or a click elsewhere.
  const menus = [...document.querySelectorAll("details.menu")];
  const count = (menu) => {
    const chosen = menu.querySelectorAll("input:checked").length;
    menu.querySelector("[data-count]").textContent = chosen ? `${chosen} chosen` : "Any";
  };
  menus.forEach((menu) => menu.addEventListener("change", () => count(menu)));
  document.addEventListener("click", (click) => {
    menus.forEach((menu) => { if (!menu.contains(click.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (key) => {
    if (key.key !== "Escape") return;
    menus.filter((menu) => menu.open).forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // Addresses stay short: a filter that was not given is not in them.
  document.body.addEventListener("htmx:configRequest", (event) => {
    const given = event.detail.formData ?? event.detail.parameters;
    if (!(given instanceof FormData)) return;
    [...given.entries()].filter(([, value]) => value === "").forEach(([name]) => given.delete(name));
  });
})();
