// The queue by keyboard: one stop for the tab key, and keys that work only while the list has the focus.
// The values of a facet are narrowed as somebody types.
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-narrows]")) return;
  const wanted = event.target.value.toLowerCase();
  event.target.closest("details").querySelectorAll("li").forEach((one) => {
    one.hidden = !one.querySelector("a")?.textContent.toLowerCase().includes(wanted);
  });
});

(() => {
  const queue = document.querySelector("[data-queue]");
  const list = queue?.querySelector(".scroll");
  const bulk = document.getElementById("work");
  const panel = document.querySelector("[data-peek-panel]");
  if (!list) return;
  const rows = [...list.querySelectorAll("tbody tr")];
  const box = (row) => row.querySelector("input[name=id]");
  let at = -1;
  let from = -1;
  list.querySelectorAll("tbody a, tbody input").forEach((one) => { one.tabIndex = -1; });

  const count = () => {
    const words = bulk?.querySelector("[data-chosen]");
    const ticked = rows.filter((row) => box(row)?.checked).length;
    if (words) words.textContent = ticked === 1 ? "With 1 chosen row" : `With ${ticked} chosen rows`;
  };
  list.addEventListener("change", count);
  count();

  const move = (to) => {
    if (!rows.length) return;
    rows[at]?.removeAttribute("aria-current");
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows[at].setAttribute("aria-current", "true");
    rows[at].scrollIntoView({ block: "nearest" });
    if (panel && !panel.hidden) peek();
  };
  const choose = (upTo) => {
    if (at < 0) return;
    const [first, last] = upTo && from >= 0 ? [Math.min(from, at), Math.max(from, at)] : [at, at];
    const on = upTo || !box(rows[at]).checked;
    rows.slice(first, last + 1).forEach((row) => { box(row).checked = on; });
    from = at;
    count();
  };
  const peek = async () => {
    const link = rows[at]?.querySelector("[data-peek]");
    if (!link || !panel) return;
    panel.hidden = false;
    panel.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(link.href, { headers: { "X-Peek": "1" } });
      if (!answer.ok || answer.redirected) throw new Error();
      panel.innerHTML = await answer.text();
    } catch {
      panel.textContent = "It could not be fetched. Try again.";
    }
    panel.removeAttribute("aria-busy");
  };
  const open = (key) => {
    const act = bulk?.querySelector(`[data-key="${key}"]`);
    if (!act) return;
    act.open = true;
    act.querySelector("select, input, textarea")?.focus();
  };
  const KEYS = {
    j: () => move(at + 1),
    k: () => move(at - 1),
    ArrowDown: () => move(at + 1),
    ArrowUp: () => move(at - 1),
    x: () => choose(false),
    X: () => choose(true),
    " ": () => { if (at < 0) move(0); if (panel.hidden) peek(); else panel.hidden = true; },
    Enter: () => rows[at]?.querySelector(".mpxn a, a")?.click(),
    "?": () => { const lines = document.querySelector("[data-keys]"); lines.open = !lines.open; },
    Escape: () => { panel.hidden = true; },
    ...Object.fromEntries(["a", "r", "e", "n", "f"].map((key) => [key, () => open(key)])),
  };
  list.addEventListener("keydown", (event) => {
    if ("noKeys" in queue.dataset || event.target !== list || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // An address that leads to the form for a cohort means all that it finds.
  const toFreeze = () => {
    const name = document.getElementById("cohort-name");
    if (!name || location.hash !== "#cohort-name") return;
    name.closest("details").open = true;
    bulk.elements.whole.checked = true;
    name.focus();
  };
  toFreeze();
  addEventListener("hashchange", toFreeze);

  // Sent once, however often the button is pressed.
  bulk?.addEventListener("submit", (event) => {
    if (bulk.dataset.sent) event.preventDefault();
    bulk.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => { if (bulk) delete bulk.dataset.sent; });
})();
