// Small comforts; every page works without them. Listeners are the document's own, so that parts which htmx replaces
// need none.
(() => {
  const menuOf = (element) => element.closest?.("details.menu");
  const openMenus = () => [...document.querySelectorAll("details.menu[open]")];

  // The navigation on a phone, and menus of filters, which close on a click elsewhere.
  document.addEventListener("click", (click) => {
    const button = click.target.closest?.(".menu-button");
    if (button) button.setAttribute("aria-expanded", String(button.closest(".bar").classList.toggle("open")));
    openMenus().filter((menu) => menu !== menuOf(click.target)).forEach((menu) => { menu.open = false; });
  });

  // Menus of filters close on Escape too, and say how many are chosen.
  document.addEventListener("keydown", (key) => {
    if (key.key !== "Escape") return;
    openMenus().forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });
  document.addEventListener("change", (change) => {
    const menu = menuOf(change.target);
    if (!menu) return;
    const chosen = menu.querySelectorAll("input:checked").length;
    menu.querySelector("[data-count]").textContent = chosen ? `${chosen} chosen` : "Any";
  });

  // Addresses stay short: a filter that was not given is not in them.
  document.addEventListener("htmx:configRequest", (event) => {
    const given = event.detail.formData ?? event.detail.parameters;
    if (!(given instanceof FormData)) return;
    [...given.entries()].filter(([, value]) => value === "").forEach(([name]) => given.delete(name));
  });

  // A part that is about to be replaced is of the past: nothing can be done with it until what was asked for is there.
  // Where a filter was not answered, it is asked for again first, so that what is chosen and what is shown agree.
  const unanswered = new WeakMap();
  const again = (asker) => (asker.matches("form") ? asker.requestSubmit() : htmx.trigger(asker, "click"));
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { target: part, elt: asker } = event.detail;
    const first = unanswered.get(part);
    if (first?.matches("form") && first !== asker) {
      event.preventDefault();
      again(first);
      return;
    }
    part.setAttribute("aria-busy", "true");
    part.querySelectorAll("[data-of-rows]").forEach((button) => { button.disabled = true; });
  });
  document.addEventListener("htmx:afterRequest", (event) => event.detail.target.removeAttribute("aria-busy"));
  document.addEventListener("htmx:afterSwap", (event) => {
    event.detail.target.classList.remove("old");
    unanswered.delete(event.detail.target);
  });

  // A refresh that fails says so where it was to be seen, and that what stands there is from before.
  const notRefreshed = (why) => (event) => {
    const part = event.detail.target;
    const alert = document.getElementById("not-refreshed").content.firstElementChild.cloneNode(true);
    const shows = part.querySelector("[data-shows]")?.textContent;
    alert.querySelector("[data-why]").textContent = why(event.detail.xhr);
    alert.querySelector("[data-old]").textContent = shows ? `What follows is still: ${shows}.` : "What follows is from before.";
    alert.querySelector("button").addEventListener("click", () => again(event.detail.elt));
    part.querySelector("[data-not-refreshed]")?.remove();
    part.prepend(alert);
    part.classList.add("old");
    unanswered.set(part, event.detail.elt);
  };
  document.addEventListener("htmx:responseError", notRefreshed((answer) => `The server could not do it (${answer.status}).`));
  document.addEventListener("htmx:sendError", notRefreshed(() => "The server cannot be reached."));
  document.addEventListener("htmx:timeout", notRefreshed(() => "The server took too long."));

  // A file that would be refused for its size is not sent at all.
  document.addEventListener("change", (change) => {
    const most = Number(change.target.dataset?.mostBytes);
    const chosen = change.target.files?.[0];
    if (!most || !chosen) return;
    change.target.setCustomValidity(chosen.size > most ? change.target.dataset.tooLarge : "");
    change.target.reportValidity();
  });
})();
