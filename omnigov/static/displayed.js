// Measures what of this page was displayed, for the record of a verdict: which parts stood in the window and for how
// long, what was laid over the medium, how large it was made, what of a recording was played. It goes with the verdict,
// and nowhere else.
"use strict";
(() => {
  const form = document.querySelector("[data-verdict]");
  const field = form && form.elements.displayed;
  if (!field) return;
  const HALF = 0.5;
  const TICK = 250; // milliseconds
  const OVERLAYS = { boxes: "#show-boxes", heat_map: "#show-heat", before: "#show-before" };
  const shown = new Map(); // by code: milliseconds
  const laid = new Map();
  const inView = new Set(); // elements
  let total = 0;
  let zoom = 1;
  let last = performance.now();

  const observer = new IntersectionObserver((entries) => {
    for (const { target, intersectionRatio, intersectionRect } of entries) {
      const enough = intersectionRatio >= HALF || intersectionRect.height >= HALF * innerHeight;
      inView[enough ? "add" : "delete"](target);
    }
  }, { threshold: [0, 0.1, 0.2, 0.3, 0.4, HALF, 0.75, 1] });
  const watched = new WeakSet();
  const watch = () => {
    for (const part of document.querySelectorAll("[data-displayed]")) {
      if (!watched.has(part)) {
        watched.add(part);
        observer.observe(part);
      }
    }
    for (const part of inView) if (!part.isConnected) inView.delete(part);
  };
  watch();
  document.addEventListener("htmx:afterSettle", watch);

  const pictures = (part) => [...part.querySelectorAll("img:not(.before)")];
  const loaded = (part) => pictures(part).every((image) => image.complete && image.naturalWidth > 0);
  const add = (map, code, time) => map.set(code, (map.get(code) || 0) + time);
  const unloaded = new Set();
  const tick = () => {
    const now = performance.now();
    const time = now - last;
    last = now;
    // A machine that slept, or a tab that stood back, displayed nothing meanwhile.
    if (document.visibilityState !== "visible" || time > 4 * TICK) return;
    total += time;
    const codes = new Set();
    for (const part of inView) {
      if (part.tagName === "DETAILS" && !part.open) continue;
      if (loaded(part)) codes.add(part.dataset.displayed);
      else unloaded.add(part.dataset.displayed);
    }
    for (const code of codes) {
      unloaded.delete(code);
      add(shown, code, time);
    }
    const medium = [...inView].some((part) => part.closest(".viewer"));
    for (const [code, box] of Object.entries(OVERLAYS)) {
      const input = document.querySelector(box);
      if (medium && input && input.checked) add(laid, code, time);
    }
    const chosen = document.querySelector("input[name=zoom]:checked");
    if (medium && chosen) zoom = Math.max(zoom, Number(chosen.id.replace("zoom-", "")) || 1);
  };
  setInterval(tick, TICK);

  const played = () => {
    let sum = 0;
    for (const media of document.querySelectorAll(".viewer audio, .viewer video")) {
      for (let part = 0; part < media.played.length; part += 1) sum += media.played.end(part) - media.played.start(part);
    }
    return Math.round(sum * 1000);
  };
  const whole = (map) => Object.fromEntries([...map].map(([code, time]) => [code, Math.round(time)]));
  form.addEventListener("submit", () => {
    tick();
    field.value = JSON.stringify({
      total: Math.round(total), parts: whole(shown), unloaded: [...unloaded], overlays: whole(laid), zoom, played: played(),
    });
  });
})();
