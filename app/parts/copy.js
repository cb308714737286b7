// Copies what a button with data-copy holds, and says beside it whether that worked. Loaded by copy_link.py; its hash
// stands in the content policy (app/access/headers.py), so that no other script of a page runs.
(() => {
  if (window.whysureCopies) return;
  window.whysureCopies = true;

  // navigator.clipboard is there only over https and on this machine itself
  const byHand = (text) => {
    const field = document.createElement("textarea");
    field.value = text;
    field.style.position = "fixed";
    field.style.opacity = "0";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return byHand(text);
    }
  };

  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[data-copy]") : null;
    if (!button) return;
    const done = await copy(button.dataset.copy);
    button.focus();
    button.parentElement.querySelector("[role=status]").textContent = done
      ? "Copied."
      : "This browser does not let pages copy. Select it here: " + button.dataset.copy;
  });
})();
