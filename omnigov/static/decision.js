// The decision page: pointing at a finding shows its box; pages and their size; choosing a verdict leads to its reason.
"use strict";
(() => {
  // A document's pages and a text's parts are put in later: asked of whatever is there at the moment.
  const point = (event, on) => {
    const at = event.target instanceof Element && event.target.closest("[data-finding], g[data-box]");
    if (!at) return;
    if (at.dataset.box) {
      const line = document.querySelector(`[data-finding~="${at.dataset.box}"]`);
      if (line) line.classList.toggle("pointed", on);
      return;
    }
    for (const ordinal of at.dataset.finding.split(" ")) {
      document.querySelectorAll(`[data-box="${ordinal}"]`).forEach((box) => {
        box.classList.toggle("pointed", on);
        // A placeholder in a long text is looked for by keyboard; a box on a page is in sight. Under a mouse
        // that is being pressed nothing may move: its click would be another's.
        if (on && event.type === "focusin" && box.matches("mark") && event.target.matches(":focus-visible")) box.scrollIntoView({ block: "nearest" });
      });
    }
  };
  for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, (event) => point(event, true));
  for (const kind of ["pointerout", "focusout"]) document.addEventListener(kind, (event) => point(event, false));

  // Once a person has gone to another page or part, what they see is its beginning.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "part") return;
    const now = document.querySelector('.strip [aria-current="page"]');
    const strip = now && now.closest("ol");
    if (strip) strip.scrollLeft = now.offsetLeft - strip.offsetLeft - (strip.clientWidth - now.clientWidth) / 2;
    if (!document.activeElement || document.activeElement === document.body) {
      (document.querySelector("#part-next") || document.querySelector("#part-previous"))?.focus({ preventScroll: true });
    }
  });

  // Overlays are faded by hand; numbers on frames keep their size on the screen.
  document.addEventListener("input", (event) => {
    const { fade } = event.target.dataset;
    if (fade) document.documentElement.style.setProperty(`--fade-${fade}`, event.target.value / 100);
  });

  const zooms = [...document.querySelectorAll("input[name=zoom]")];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "z" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (!zooms.length || document.documentElement.dataset.keys === "off") return;
    if (event.target.closest("input:not([type=radio],[type=checkbox]), textarea, select")) return;
    event.preventDefault();
    zooms[(zooms.findIndex((zoom) => zoom.checked) + 1) % zooms.length].checked = true;
  });

  // What is printed is the whole page: closed drawers are opened for it, and closed again.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll(".cockpit details:not([open])")];
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of closed) each.open = false;
  });

  // Rail and medium take what the window has left below what stands above them.
  const rail = document.querySelector(".rail");
  const cockpit = document.querySelector(".cockpit");
  if (rail && cockpit) {
    const fit = () => document.documentElement.style.setProperty("--above", `${Math.round(cockpit.getBoundingClientRect().top + scrollY)}px`);
    new ResizeObserver(fit).observe(cockpit.parentElement);
    fit();
  }
})();
