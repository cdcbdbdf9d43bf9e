// Hands in the examples of a label, three at a time, each through tus; then shows what became of them.
"use strict";
(() => {
  const list = document.getElementById("example-words");
  if (!list || !window.tus || !tus.isSupported) return;
  const words = Object.fromEntries([...list.querySelectorAll("dt")].map((dt) => [dt.textContent, dt.nextElementSibling.textContent]));
  const PIECE = 2 * 1024 * 1024;
  const AT_ONCE = 3;
  const PAUSES = [500, 1000, 2000, 5000, 10000, 10000, 10000];

  const hand = (file, form, batch, token) =>
    new Promise((resolve) => {
      const ended = (well) => () => resolve(well);
      new tus.Upload(file, {
        endpoint: form.dataset.uploads,
        chunkSize: PIECE,
        retryDelays: PAUSES,
        storeFingerprintForResuming: false,
        headers: { "X-CSRFToken": token },
        metadata: { filename: file.name, batch },
        onShouldRetry: (error) => {
          const status = error.originalResponse ? error.originalResponse.getStatus() : 0;
          return status === 0 || status === 409 || status === 423 || status === 429 || status >= 500;
        },
        onError: ended(false),
        onSuccess: ended(true),
      }).start();
    });

  const send = async (form, files) => {
    const state = form.querySelector("[data-state]");
    const bar = form.querySelector("progress");
    const token = form.elements.csrfmiddlewaretoken.value;
    const body = new FormData();
    body.append("label", form.elements.label.value);
    let answer;
    let made;
    try {
      answer = await fetch(form.action, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
      made = await answer.json();
    } catch {
      state.textContent = words.failed;
      return;
    }
    if (!answer.ok) {
      state.textContent = made.sentence;
      return;
    }
    form.querySelector("[data-shown]").hidden = false;
    let done = 0;
    let refused = 0;
    const say = () => {
      bar.value = (100 * done) / files.length;
      const text = refused ? words.refused : words.sent;
      state.textContent = text.replace("DONE", done - refused).replace("ALL", files.length).replace("REFUSED", refused);
    };
    const waiting = [...files];
    const lane = async () => {
      while (waiting.length) {
        if (!(await hand(waiting.shift(), form, made.id, token))) refused += 1;
        done += 1;
        say();
      }
    };
    say();
    const leaving = (event) => event.preventDefault();
    window.addEventListener("beforeunload", leaving);
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    window.removeEventListener("beforeunload", leaving);
    location.reload();
  };

  // On `document`: the page is put in its own place again while files are being redacted.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-examples]");
    if (!form || event.target.type !== "file") return;
    // A folder brings what the system hides in it.
    const files = [...event.target.files].filter((file) => !file.name.startsWith("."));
    if (files.length) send(form, files);
  });
})();
