// The decision page: pointing at a finding shows its box; choosing a verdict leads to its reason.
"use strict";
(() => {
  document.querySelectorAll("[data-finding]").forEach((line) => {
    const box = document.querySelector(`[data-box="${line.dataset.finding}"]`);
    if (!box) return;
    const point = (on) => box.classList.toggle("pointed", on);
    line.addEventListener("pointerenter", () => point(true));
    line.addEventListener("pointerleave", () => point(false));
    line.addEventListener("focus", () => point(true));
    line.addEventListener("blur", () => point(false));
  });

  const form = document.querySelector("[data-verdict]");
  if (!form) return;
  const label = form.elements.label;
  const wanted = () => {
    label.required = form.elements.verdict.value === "overturn";
  };
  form.addEventListener("change", wanted);
  form.addEventListener("key-chosen", () => {
    wanted();
    (label.required && !label.value ? label : form.elements.reason).focus();
  });
  wanted();
})();
