// What a person writes and has not sent is kept by the server while they write: it is there again after loading the
// page anew, after signing out, and in another tab. Leaving asks only where something is not kept yet.
//
//   <form data-draft-to="/drafts/…/" data-draft='{"reason": ["…"]}'>  …  <p data-draft-said data-kept="…" …></p></form>
"use strict";
(() => {
  const form = document.querySelector("form[data-draft-to]");
  if (!form) return;
  const PAUSE = 600; // milliseconds without a key before it is kept
  const OURS = new Set(["csrfmiddlewaretoken", "served", "displayed", "review_id", "new_id", "pass_", "in", "then"]);
  const said = form.querySelector("[data-draft-said]");
  let timer = null;
  let kept = "";
  let leaving = false;
  let under_way = null;

  const fields = () => {
    const found = {};
    for (const [name, value] of new FormData(form)) {
      if (!OURS.has(name) && typeof value === "string" && value !== "") (found[name] ||= []).push(value);
    }
    return JSON.stringify(found);
  };
  const begin = fields();
  const empty = form.dataset.draftUnsent === undefined ? begin : "{}";
  const say = (what) => {
    if (said) said.textContent = what ? said.dataset[what] : "";
  };

  const fill = (text) => {
    const wanted = JSON.parse(text);
    for (const field of form.elements) {
      if (!field.name || OURS.has(field.name) || field.type === "file") continue;
      const values = wanted[field.name] || [];
      if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
      else if (field.name in wanted) field.value = values[0];
      else continue;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    kept = fields();
  };

  const tabs = "BroadcastChannel" in window ? new BroadcastChannel(form.dataset.draftTo) : null;
  const keep = async (last = false) => {
    clearTimeout(timer);
    timer = null;
    const now = fields();
    if (now === kept) return;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.set("fields", now === empty ? "{}" : now);
    try {
      under_way = new AbortController();
      const answer = await fetch(form.dataset.draftTo, { method: "POST", body, keepalive: last, signal: under_way.signal });
      // Whoever is signed out meanwhile is led to the page for signing in.
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      kept = now;
      say(now === empty ? "" : "kept");
      if (tabs) tabs.postMessage({ fields: now });
    } catch {
      if (!leaving) say("lost");
    }
  };
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);

  if (form.dataset.draft) {
    fill(form.dataset.draft);
    say("again");
  } else kept = begin;
  // What came back because something in it is wrong was sent and is no draft any more: it is one again.
  if (form.dataset.draftUnsent !== undefined) {
    kept = "";
    keep();
  }

  if (tabs) {
    tabs.onmessage = ({ data }) => {
      if (data.open) tabs.postMessage({ there: true });
      if (data.open || data.there) form.querySelector("[data-two-tabs]")?.removeAttribute("hidden");
      // What is written in another tab is shown here, where nothing is being written.
      if (data.fields && fields() === kept) fill(data.fields);
    };
    tabs.postMessage({ open: true });
  }

  form.addEventListener("submit", () => {
    leaving = true;
    // What is sent is no draft any more: one that came after it would be there again.
    clearTimeout(timer);
    if (under_way) under_way.abort();
    const stayed = setTimeout(() => {
      leaving = false;
      keep();
    }, 5000);
    addEventListener("pagehide", () => clearTimeout(stayed), { once: true });
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && !leaving) keep(true);
  });
  addEventListener("beforeunload", (event) => {
    if (leaving || fields() === kept) return;
    keep(true);
    event.preventDefault();
  });

  // The case is somebody's for a while only.
  const ends = document.querySelector("[data-hold-until]");
  if (!ends) return;
  const warn = (which) => {
    ends.querySelectorAll("[data-hold]").forEach((each) => (each.hidden = each.dataset.hold !== which));
    ends.hidden = which === "";
  };
  const NEARLY = 120_000;
  const watch = (left) => {
    setTimeout(() => warn("nearly"), Math.max(0, left - NEARLY));
    setTimeout(() => warn("over"), Math.max(0, left));
  };
  watch(Number(ends.dataset.holdUntil) * 1000);
})();
