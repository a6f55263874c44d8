// The look-up form by keyboard, a file dropped on it, and its answers as text. The page works without.
(() => {
  const form = document.querySelector("[data-look-up]");
  const field = document.getElementById("numbers");
  if (!form) return;
  form.querySelector("[data-keys]").hidden = false;
  field.addEventListener("keydown", (key) => {
    if (key.key !== "Enter" || key.shiftKey || key.isComposing) return;
    key.preventDefault();
    form.requestSubmit();
  });

  const pasted = sessionStorage.getItem("pasted");
  if (pasted) {
    sessionStorage.removeItem("pasted");
    field.value = pasted;
    addEventListener("load", () => form.requestSubmit());
  }

  // A slash clears it for the next call, wherever one is but in another field.
  addEventListener("keydown", (key) => {
    const other = key.target.closest?.("input, select, textarea") ?? field;
    if (key.key !== "/" || other !== field || key.ctrlKey || key.metaKey || key.altKey) return;
    key.preventDefault();
    key.stopImmediatePropagation();
    field.value = "";
    document.getElementById("found").replaceChildren();
    field.focus();
  }, { capture: true });
  document.addEventListener("htmx:afterSwap", () => { field.select(); offer(); });

  const offer = () => document.querySelectorAll("[data-copy-table]").forEach((button) => { button.hidden = false; });
  offer();
  document.addEventListener("click", (click) => {
    const button = click.target.closest?.("[data-copy-table]");
    if (!button) return;
    const rows = [...document.querySelectorAll("#found tr")];
    const text = rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim()).join("\t")).join("\n");
    navigator.clipboard?.writeText(text).then(() => { button.textContent = "Copied"; });
  });

  form.addEventListener("dragover", (over) => over.preventDefault());
  form.addEventListener("drop", (drop) => {
    const file = drop.dataTransfer.files[0];
    if (!file) return;
    drop.preventDefault();
    file.text().then((text) => { field.value = text; form.requestSubmit(); });
  });
})();
