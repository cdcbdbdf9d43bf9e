// What every page can do with scripts: the menu of narrow screens, theme, keyboard, live parts.
"use strict";
(() => {
  const root = document.documentElement;
  const remember = (key, value) => {
    try {
      localStorage.setItem(key, value);
    } catch {
      // Not remembered, but it holds for this page.
    }
  };

  // Pages show times, and take days, in the zone of whoever reads them. The server knows it from the next page on.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes(`omnigov_zone=${zone};`) && !document.cookie.endsWith(`omnigov_zone=${zone}`)) {
    document.cookie = `omnigov_zone=${zone};path=/;max-age=31536000;SameSite=Lax`;
  }

  const menu = document.querySelector("[data-menu]");
  if (menu) {
    menu.hidden = false;
    menu.addEventListener("click", () => {
      menu.setAttribute("aria-expanded", menu.getAttribute("aria-expanded") !== "true");
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && menu.getAttribute("aria-expanded") === "true") {
        menu.setAttribute("aria-expanded", "false");
        menu.focus();
      }
    });
  }

  const switches = document.querySelector("[data-switches]");
  if (switches) {
    switches.hidden = false;
    const theme = switches.querySelector("[data-theme-switch]");
    const keys = switches.querySelector("[data-keys-switch]");
    const say = () => {
      theme.querySelector("span").textContent = theme.dataset[root.dataset.theme || "auto"];
      keys.querySelector("span").textContent = keys.dataset[root.dataset.keys || "on"];
    };
    const following = { auto: "light", light: "dark", dark: "auto" };
    theme.addEventListener("click", () => {
      const next = following[root.dataset.theme || "auto"];
      if (next === "auto") delete root.dataset.theme;
      else root.dataset.theme = next;
      remember("theme", next);
      say();
    });
    keys.addEventListener("click", () => {
      root.dataset.keys = root.dataset.keys === "off" ? "on" : "off";
      remember("keys", root.dataset.keys);
      say();
    });
    say();
  }

  document.querySelectorAll("[data-submit]").forEach((field) => {
    field.addEventListener("change", () => field.form.requestSubmit());
  });

  // A second click while the first is on its way is not a second request.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.dataset.again !== undefined) return;
    if (form.dataset.sent) event.preventDefault();
    else if (!event.defaultPrevented) {
      form.dataset.sent = "yes";
      setTimeout(() => delete form.dataset.sent, 5000);
    }
  });

  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => print());
  });

  // Whoever wrote something and leaves without sending it is asked first. What keeps drafts asks for itself.
  document.querySelectorAll("form[data-unsaved]").forEach((form) => {
    const fields = () => JSON.stringify([...new FormData(form)].filter(([, value]) => typeof value === "string"));
    const begin = fields();
    let sent = false;
    form.addEventListener("submit", (event) => (sent = !event.defaultPrevented));
    addEventListener("beforeunload", (event) => {
      if (!sent && form.isConnected && fields() !== begin) event.preventDefault();
    });
  });

  const typing = (target) => target.closest("input:not([type=radio],[type=checkbox]), textarea, select, [contenteditable]");
  const rows = () => [...document.querySelectorAll("[data-row] th a")];
  document.addEventListener("keydown", (event) => {
    if (root.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.defaultPrevented || typing(event.target)) return;
    const links = event.key === "j" || event.key === "k" ? rows() : [];
    if (links.length) {
      const at = links.indexOf(document.activeElement);
      const next = at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)));
      links[next].focus();
      links[next].scrollIntoView({ block: "nearest" });
      event.preventDefault();
      return;
    }
    const looked = event.key === "/" && document.querySelector("[data-focus-key='/']");
    if (looked) {
      looked.focus();
      looked.select();
      event.preventDefault();
      return;
    }
    const target = /^[a-z]$/.test(event.key) && document.querySelector(`[data-key="${event.key}"]`);
    if (!target) return;
    event.preventDefault();
    target.click();
    target.dispatchEvent(new CustomEvent("key-chosen", { bubbles: true }));
  });

  // A verdict can be taken back for some seconds; after that the page no longer offers it.
  document.querySelectorAll("[data-undo]").forEach((form) => {
    setTimeout(() => {
      if (!form.dataset.sent) form.hidden = true;
    }, 1000 * Number(form.dataset.undo));
  });

  // Live parts. Signed out meanwhile, the server answers with another page: load that one whole.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, pathInfo } = event.detail;
    const asked = new URL(pathInfo.finalRequestPath || pathInfo.requestPath, location.href).pathname;
    if (xhr.responseURL && new URL(xhr.responseURL).pathname !== asked) {
      event.detail.shouldSwap = false;
      location.reload();
    }
  });
  document.addEventListener("htmx:afterSettle", () => {
    const live = document.querySelector("[data-live]");
    const part = document.querySelector("[data-summary]");
    if (live && part && live.textContent !== part.dataset.summary) live.textContent = part.dataset.summary;
  });
})();
