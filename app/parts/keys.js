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

  // A key of the presentation that is pressed before its button is there is kept until it comes.
  const keys = { ArrowLeft: "previous", ArrowRight: "next", m: "hide", Escape: "leave" };
  const button = (key) => document.querySelector(".st-key-present_" + keys[key] + " button:enabled");
  let early = "";
  document.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey || types(event.target)) return;
    const presents = new URLSearchParams(location.search).get("view") === "present";
    early = presents && !document.querySelector(".st-key-present_keys") ? event.key : "";
  });
  const press = () => {
    if (!early || !button(early)) return;
    button(early).click();
    early = "";
  };

  let shown = "";
  const follow = () => {
    const part = document.querySelector(".why-tour")?.dataset.part ?? "";
    if (part === shown) return;
    shown = part;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (part) document.querySelector(".st-key-" + part)?.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  };
  new MutationObserver(() => requestAnimationFrame(() => { press(); follow(); })).observe(document.body, { childList: true, subtree: true });
})();
