// Hands files in through tus: in pieces, and after a lost connection from where it stopped.
"use strict";
(() => {
  const form = document.getElementById("upload");
  if (!form || !window.tus || !tus.isSupported) return;
  const words = Object.fromEntries(
    [...document.querySelectorAll("#upload-words dt")].map((dt) => [dt.textContent, dt.nextElementSibling.textContent]),
  );
  const part = (name) => form.querySelector(`[data-${name}]`);
  const [drop, list, rows, total, send, follow, again] = ["drop", "list", "rows", "total", "send", "follow", "again"].map(part);
  const together = part("together");
  const input = form.elements.files;
  const token = form.elements.csrfmiddlewaretoken.value;
  const PIECE = 2 * 1024 * 1024;
  const AT_ONCE = 3;
  // Half an hour of trying. Each piece that arrives begins the count anew.
  const PAUSES = [500, 1000, 2000, 5000, ...Array(180).fill(10000)];
  const files = [];
  let sending = false;

  form.dataset.again = "";
  input.required = false;
  part("drop-hint").hidden = false;

  const size = (bytes) =>
    bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

  const show = (entry, tone, text) => {
    entry.row.dataset.tone = tone;
    if (entry.state.textContent !== text) entry.state.textContent = text;
  };

  const count = () => {
    if (files.length === 0) send.textContent = words.send;
    else send.textContent = files.length === 1 ? words["send-one"] : words["send-many"].replace("NUMBER", files.length);
    send.disabled = files.length === 0;
    list.hidden = files.length === 0;
    offer();
  };

  // What a browser takes for a recording and for a picture; the server tells both from their content.
  const SOUNDS = /\.(wav|flac|mp3|m4a|aac|og[ga]|opus|weba)$/i;
  const isSound = (file) => file.type.startsWith("audio/") || SOUNDS.test(file.name);
  const isPicture = (file) => file.type.startsWith("image/");
  const PICTURES = 4;

  // A recording and its pictures may be one report: offered where the files could be that, and never chosen by itself.
  const isReport = () => {
    const recordings = files.filter((entry) => isSound(entry.file)).length;
    const pictures = files.filter((entry) => isPicture(entry.file)).length;
    return recordings === 1 && pictures >= 1 && pictures <= PICTURES && recordings + pictures === files.length;
  };
  const offer = () => {
    together.hidden = !isReport() && !form.elements.together.checked;
  };

  const add = (chosen) => {
    for (const file of chosen) {
      if (files.some((entry) => entry.file.name === file.name && entry.file.size === file.size && entry.file.lastModified === file.lastModified)) continue;
      const row = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
      const entry = { file, row, state: row.querySelector("[data-state]"), bar: row.querySelector("[data-bar]") };
      row.querySelector("[data-name]").textContent = file.name;
      row.querySelector("[data-size]").textContent = size(file.size);
      entry.bar.setAttribute("aria-label", file.name);
      row.querySelector("[data-remove]").addEventListener("click", () => {
        files.splice(files.indexOf(entry), 1);
        row.remove();
        count();
        (rows.querySelector("[data-remove]") || input).focus();
      });
      show(entry, "quiet", words.ready);
      files.push(entry);
      rows.append(row);
    }
    count();
  };

  input.addEventListener("change", () => {
    add(input.files);
    input.value = "";
  });
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      if (!sending) drop.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      if (name === "drop" || !form.contains(event.relatedTarget)) drop.classList.remove("over");
    });
  }
  form.addEventListener("drop", (event) => {
    if (!sending) add(event.dataTransfer.files);
  });

  // Who, where and for which policy belong to a file's mark: another person's upload is never gone on with.
  // The encoding that was chosen belongs to it where one was: what goes on keeps what was said when it began.
  const mark = (file) =>
    Promise.resolve(
      ["omnigov", form.dataset.owner, form.elements.policy.value, file.name, file.size, file.lastModified, form.elements.encoding.value].join(" ").trim(),
    );

  const sentence = (error) => {
    try {
      return JSON.parse(error.originalResponse.getBody()).sentence || words.stopped;
    } catch {
      return words.stopped;
    }
  };

  const make = (entry) =>
    new tus.Upload(entry.file, {
      endpoint: form.dataset.uploads,
      chunkSize: PIECE,
      retryDelays: PAUSES,
      fingerprint: mark,
      removeFingerprintOnSuccess: true,
      headers: { "X-CSRFToken": token },
      metadata: { filename: entry.file.name, policy: form.elements.policy.value, encoding: form.elements.encoding.value },
      onShouldRetry: (error) => {
        const status = error.originalResponse ? error.originalResponse.getStatus() : 0;
        const passing = status === 0 || status === 409 || status === 423 || status === 429 || status >= 500;
        if (passing) show(entry, "wait", words.lost);
        return passing;
      },
      onProgress: (sent, all) => {
        entry.bar.value = all ? (100 * sent) / all : 0;
        show(entry, "info", `${words.sending} · ${Math.floor(all ? (100 * sent) / all : 0)} %`);
      },
      onError: (error) => {
        show(entry, "stop", sentence(error));
        entry.bar.value = 0;
        entry.done("refused");
      },
      onSuccess: () => outcome(entry),
    });

  // A worker looks at the whole file before it is taken. Where none is free for a while, the batch page goes on.
  const CHECKED_WITHIN = 10;
  const ASK_AGAIN = 500;

  const outcome = async (entry) => {
    let found = { state: "accepted" };
    entry.bar.value = 100;
    try {
      for (let asked = 0; asked < (1000 / ASK_AGAIN) * CHECKED_WITHIN; asked += 1) {
        if (asked) await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN));
        found = await (await fetch(entry.upload.url, { headers: { Accept: "application/json" } })).json();
        if (found.state !== "checking") break;
        show(entry, "info", words.checking);
      }
    } catch {
      // It has arrived all the same; the batch page says what became of it.
    }
    if (found.state === "refused") {
      show(entry, "stop", `${words.refused}: ${found.sentence}`);
      entry.done("refused");
    } else {
      const waits = found.state === "checking";
      show(entry, "ok", waits ? words.checking : found.seen_before ? words.again : words.accepted);
      entry.done("accepted");
    }
  };

  const newBatch = async () => {
    const body = new FormData();
    body.append("policy", form.elements.policy.value);
    body.append("name", form.elements.name.value);
    const answer = await fetch(form.dataset.batches, { method: "POST", body, headers: { "X-CSRFToken": token } });
    const made = await answer.json();
    if (!answer.ok) throw new Error(made.sentence);
    return made;
  };

  // A file whose upload was cut off goes on in the batch that it began in, and the others join it there.
  const batchOfBefore = async () => {
    let id = "";
    for (const entry of files) {
      const before = await entry.upload.findPreviousUploads();
      if (!before.length) continue;
      entry.upload.resumeFromPreviousUpload(before[0]);
      show(entry, "info", words.resumed);
      id = before[0].metadata.batch || id;
    }
    return id && { id, url: `${form.dataset.batches}${id}/` };
  };

  const run = async () => {
    let done = 0;
    let refused = 0;
    const say = () => {
      const text = refused ? words["total-refused"] : words.total;
      total.textContent = text.replace("DONE", done - refused).replace("ALL", files.length).replace("REFUSED", refused);
    };
    const waiting = [...files];
    const sent = (entry) =>
      new Promise((resolve) => {
        entry.done = (state) => {
          done += 1;
          if (state === "refused") refused += 1;
          entry.row.classList.add("ended");
          say();
          resolve(state);
        };
        entry.upload.start();
      });
    const lane = async () => {
      while (waiting.length) await sent(waiting.shift());
    };
    say();
    if (form.elements.together.checked) {
      // The recording goes first: its pictures say which one they belong to.
      const [recording] = waiting.splice(waiting.findIndex((entry) => isSound(entry.file)), 1);
      for (const entry of waiting) show(entry, "quiet", words.waits);
      if ((await sent(recording)) === "refused") {
        for (const entry of waiting.splice(0)) {
          show(entry, "stop", words["not-sent"]);
          done += 1;
          refused += 1;
        }
        say();
      }
      const id = String(recording.upload.url).split("/").filter(Boolean).pop();
      for (const entry of waiting) entry.upload.options.metadata.beside = id;
    }
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return refused;
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending || !files.length) return;
    if (form.elements.together.checked && !isReport()) {
      total.textContent = words["one-recording"];
      return;
    }
    sending = true;
    send.disabled = true;
    try {
      for (const entry of files) entry.upload = make(entry);
      const batch = (await batchOfBefore()) || (await newBatch());
      for (const entry of files) entry.upload.options.metadata.batch = batch.id;
      if (form.elements.together.checked)
        for (const entry of files) if (isSound(entry.file)) entry.upload.options.metadata.pictures = files.length - 1;
      follow.href = batch.url;
    } catch (error) {
      sending = false;
      send.disabled = false;
      total.textContent = error instanceof TypeError || error instanceof SyntaxError ? words["no-batch"] : error.message;
      return;
    }
    send.hidden = true;
    drop.hidden = true;
    form.elements.policy.disabled = true;
    form.elements.name.disabled = true;
    form.elements.encoding.disabled = true;
    form.elements.together.disabled = true;
    rows.classList.add("sending");
    window.addEventListener("beforeunload", leaving);
    const refused = await run();
    window.removeEventListener("beforeunload", leaving);
    // Not before: whoever leaves this page ends what is still being sent.
    follow.hidden = again.hidden = false;
    // Nothing to read here any more: on to where the progress is.
    if (!refused) location.assign(follow.href);
  });

  const leaving = (event) => event.preventDefault();
  count();
})();
