// "?" opens the help, as Streamlit's shortcuts know letters and digits only; and the part of the page that the tour speaks
// of is scrolled into view. Loaded by help.py; its hash stands in the content policy (app/access/headers.py), so that no
// other script of a page runs.
(() => {
  if (window.whysureKeys) return;
  window.whysureKeys = true;

  const types = (place) => place instanceof Element && place.closest("input, textarea, select, [contenteditable=true]");

  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || types(event.target)) return;
    if (document.querySelector("[role=dialog]")) return;
    document.querySelector(".st-key-help button")?.click();
  });

  let shown = "";
  const follow = () => {
    const part = document.querySelector(".why-tour")?.dataset.part ?? "";
    if (part === shown) return;
    shown = part;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (part) document.querySelector(".st-key-" + part)?.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  };
  new MutationObserver(() => requestAnimationFrame(follow)).observe(document.body, { childList: true, subtree: true });
})();
