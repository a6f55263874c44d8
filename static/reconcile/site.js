// Small comforts; every page works without them. Listeners are the document's own, so that parts which htmx replaces
// need none.
(() => {
  const menuOf = (element) => element.closest?.("details.menu");
  const openMenus = () => [...document.querySelectorAll("details.menu[open]")];

  // Where one is stays in sight where the bar is wider than the screen. (scrollIntoView would have the tab key begin there.)
  document.querySelectorAll(".bar li [aria-current]").forEach((place) => {
    const list = place.closest("ul");
    const aside = place.getBoundingClientRect().left - list.getBoundingClientRect().left;
    list.scrollLeft += aside - (list.clientWidth - place.offsetWidth) / 2;
  });

  // A head stays in sight where nothing of its table has to be pushed aside: then the page alone scrolls.
  const fitting = new ResizeObserver((seen) => {
    seen.forEach(({ target }) => target.classList.toggle("fits", target.scrollWidth <= target.clientWidth));
  });
  const watch = (part) => part.querySelectorAll(".scroll:has(> table > thead)").forEach((one) => fitting.observe(one));
  watch(document);
  document.addEventListener("htmx:load", (event) => watch(event.detail.elt));

  // Menus close on a click elsewhere.
  document.addEventListener("click", (click) => {
    openMenus().filter((menu) => menu !== menuOf(click.target)).forEach((menu) => { menu.open = false; });
  });

  // Menus close on Escape too; those of filters say how many are chosen.
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
    const count = menu.querySelector("[data-count]");
    if (count) count.textContent = chosen ? `${chosen} chosen` : "Any";
  });

  // A long menu is narrowed to what somebody types; what is chosen stays.
  const narrowed = (part) => part.querySelectorAll("[data-narrow]").forEach((field) => { field.hidden = false; });
  narrowed(document);
  document.addEventListener("htmx:load", (event) => narrowed(event.detail.elt));
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-narrow]")) return;
    event.stopPropagation();
    const wanted = event.target.value.trim().toLowerCase();
    event.target.closest("fieldset").querySelectorAll("label").forEach((choice) => {
      choice.hidden = !choice.querySelector("input").checked && !choice.textContent.toLowerCase().includes(wanted);
    });
  }, { capture: true });
  // It is no part of the filter itself.
  document.addEventListener("change", (event) => { if (event.target.matches("[data-narrow]")) event.stopPropagation(); }, { capture: true });

  // A slash goes to the search, unless somebody is writing.
  document.addEventListener("keydown", (key) => {
    const writing = key.target.closest?.("input, select, textarea, [contenteditable]");
    const search = document.getElementById("search");
    if (key.key !== "/" || writing || key.ctrlKey || key.metaKey || key.altKey || !search) return;
    key.preventDefault();
    search.select();
  });

  // A list of numbers, pasted there, is looked up: the field itself holds one.
  document.addEventListener("paste", (paste) => {
    const text = paste.clipboardData?.getData("text") ?? "";
    if (paste.target.id !== "search" || text.trim().length <= 40) return;
    paste.preventDefault();
    sessionStorage.setItem("pasted", text);
    location.assign(paste.target.form.dataset.lookUpAt);
  });

  // Light or dark, other than the system has it: a cookie, so that the next page comes in it at once.
  const theme = document.querySelector("[data-theme-switch]");
  if (theme) {
    const root = document.documentElement;
    const isDark = () => getComputedStyle(root).colorScheme === "dark"
      || (root.dataset.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    const say = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
    say();
    theme.hidden = false;
    theme.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
      say();
      document.dispatchEvent(new Event("themechange"));
    });
  }

  // Filters are folded on a phone alone; an older browser folds them everywhere, so a wide screen opens them.
  if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 48.01rem)").matches) {
    document.querySelectorAll("details.fold").forEach((fold) => { fold.open = true; });
  }

  // A part that is still coming in is waited for: a print without it would lack evidence.
  const printWhole = (button) => {
    const coming = () => document.querySelector(".awaited.htmx-request");
    if (!coming()) { print(); return; }
    const words = button.textContent;
    button.textContent = "Waiting for the timeline …";
    document.addEventListener("htmx:afterRequest", () => { button.textContent = words; print(); }, { once: true });
  };

  // Print, and copy: buttons that only a script makes work. What is printed says when.
  document.querySelectorAll("[data-print], [data-copy]").forEach((button) => { button.hidden = false; });
  document.addEventListener("click", (click) => {
    const button = click.target.closest?.("[data-print], [data-copy]");
    if (!button) return;
    if (button.matches("[data-print]")) { printWhole(button); return; }
    const text = button.parentElement.querySelector("[data-summary]");
    getSelection().selectAllChildren(text);
    navigator.clipboard?.writeText(text.textContent).then(() => { button.textContent = "Copied"; });
  });
  addEventListener("beforeprint", () => {
    const now = new Date();
    const [day, month, year] = [now.getUTCDate(), now.toLocaleString("en-GB", { month: "short", timeZone: "UTC" }), now.getUTCFullYear()];
    document.querySelectorAll("[data-now]").forEach((place) => { place.textContent = `${day} ${month} ${year}, ${now.toISOString().slice(11, 16)} UTC`; });
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

  // What had the focus has it again: the head that sorts, the link that turns pages; else the rows that came instead.
  let held = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const at = document.activeElement;
    held = event.detail.target.contains(at) ? { head: at.closest("th")?.cellIndex, words: at.textContent } : null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const part = event.detail.target;
    if (held && document.activeElement === document.body) {
      const head = part.querySelectorAll("thead th")[held.head]?.querySelector("a");
      const page = [...part.querySelectorAll("nav a")].find((one) => one.textContent === held.words);
      (head ?? page ?? part.querySelector(".scroll"))?.focus({ preventScroll: true });
    }
    held = null;
  });

  // What comes along with a part and is as it was stays: somebody may be at it.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    if (fragment.firstElementChild?.innerHTML === target.innerHTML) event.detail.shouldSwap = false;
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
    const chosen = [...(change.target.files ?? [])];
    if (!most || !chosen.length) return;
    change.target.setCustomValidity(chosen.some((file) => file.size > most) ? change.target.dataset.tooLarge : "");
    change.target.reportValidity();
  });
})();
