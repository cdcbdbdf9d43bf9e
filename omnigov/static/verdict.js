// Giving a verdict by keys: u, o and e, numbers for labels, Ctrl and Enter to record and go on, ? for the sheet of keys.
"use strict";
(() => {
  const root = document.documentElement;
  const form = document.querySelector("[data-verdict]");
  const sheet = document.querySelector("#keys");
  const typing = (target) => target.closest("input:not([type=radio],[type=checkbox],[type=range]), textarea, select");

  document.addEventListener("keydown", (event) => {
    if (root.dataset.keys === "off" || event.defaultPrevented || event.altKey || event.isComposing) return;
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!event.repeat && !sheet.open) form.requestSubmit(form.querySelector("[name=then]"));
      return;
    }
    if (event.key === "Escape" && event.target.closest("[data-verdict], .act")) {
      event.target.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || typing(event.target)) return;
    if (event.key === "?") {
      event.preventDefault();
      if (!sheet.open) sheet.showModal();
    } else if (form && /^[1-9]$/.test(event.key) && !sheet.open) {
      choose(event.key);
      event.preventDefault();
    }
  });

  // The model's own label is upheld; another one overturns.
  const choose = (number) => {
    const own = number === form.dataset.ownNumber;
    const label = form.querySelector(`[data-number="${number}"]`);
    if (!own && !label) return;
    const verdict = form.querySelector(own ? "#uphold" : "#overturn");
    verdict.checked = true;
    if (label) label.checked = true;
    form.dispatchEvent(new Event("change", { bubbles: true }));
    form.elements.reason.focus();
  };

  // A question to the operator begins where it is written.
  document.addEventListener("key-chosen", (event) => {
    const field = event.target.matches("summary") && event.target.parentElement.querySelector("textarea");
    if (field) field.focus();
  });

  if (!form) return;
  form.addEventListener("key-chosen", () => {
    const wanted = form.elements.verdict.value === "overturn" && !form.querySelector("[name=label]:checked");
    (wanted ? form.querySelector("[name=label]") : form.elements.reason).focus();
  });
})();
