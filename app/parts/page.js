// Tables by keyboard, and the page for the printer. Loaded by page_script.py; its hash stands in the content policy
// (app/access/headers.py), so that no other script of a page runs.
(() => {
  if (window.whysurePage) return;
  window.whysurePage = true;

  // A grid that gets the focus selects its first cell, and a selected cell opens its row. Hence: a focus that comes by
  // Tab is kept from it until Enter or an arrow says that somebody wants in; and Tab, which walks its cells, leads on.
  let pointer = false;
  let waiting = null;
  const grid = (target) => target instanceof Element && target.closest("canvas[data-testid=data-grid-canvas]");
  const canvas = (target) => (target === grid(target) ? target : null);

  addEventListener("pointerdown", () => { pointer = true; waiting = null; }, true);
  addEventListener("pointerup", () => setTimeout(() => { pointer = false; }), true);
  addEventListener("focusin", (event) => {
    const here = canvas(event.target);
    if (!here || pointer || event.whysure) return;
    waiting = here;
    event.stopImmediatePropagation();
  }, true);
  addEventListener("focusout", (event) => { if (event.target === waiting) waiting = null; }, true);
  addEventListener("keydown", (event) => {
    // a box that scrolls is a stop of its own for Tab, beside the grid that scrolls in it
    if (event.key === "Tab") document.querySelectorAll(".dvn-scroller").forEach((box) => { box.tabIndex = -1; });
    if (!grid(event.target)) return;
    if (event.key === "Tab") {
      event.stopImmediatePropagation();
    } else if (waiting && (event.key === "Enter" || event.key.startsWith("Arrow"))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const here = waiting;
      waiting = null;
      const focus = new FocusEvent("focusin", { bubbles: true });
      focus.whysure = true;
      here.dispatchEvent(focus);
    }
  }, true);

  const papers = () => document.querySelectorAll("[data-paper]");
  // what it holds was escaped where it was made (app/parts/paper.py)
  addEventListener("beforeprint", () => papers().forEach((paper) => { paper.innerHTML = paper.dataset.paper; }));
  addEventListener("afterprint", () => papers().forEach((paper) => paper.replaceChildren()));
})();
