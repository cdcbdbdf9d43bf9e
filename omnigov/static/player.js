// A recording is played: its waveform, the keys, and a transcript that follows and is clicked to play.
//
//   <div data-player data-nonce="…" data-milliseconds="12000" data-peaks="/…/peaks/">
//     {% include "review/parts/_player.html" %}     <audio controls>, which is there without scripts, and the toolbar
//     <div data-wave>…</div>                        the waveform; what else lies in it is drawn over it
//     <ol class="conversation"><li data-at="0" data-until="900"><span class="word" data-at="0" data-until="300">…
//   </div>
//
// Times are milliseconds. [data-play] plays from its time on, wherever it stands; with data-lead from a second before,
// and with data-still it stands still there. Of a video, <video> stands in place of <audio> (watching.js), and where it
// has no sound there is no waveform.
// Peaks are pairs of signed bytes, each the lowest and the highest sample of 50 ms (omnigov/contracts/sound.py).
// With data-original, an original that a worker has yet to open is played, and its waveform is made of itself;
// silences.js uses `begin` so, and for the page on which silent stretches are changed.
import WaveSurfer from "./vendor/wavesurfer-8.0.1/wavesurfer.js";

const STEP = 5; // seconds that an arrow moves, and with Shift a tenth of that
const LEAD = 1000; // what is heard before a silent stretch
const HEIGHT = 112;
const ASKED_AGAIN = 20; // an original is opened by a worker, which takes a while

export const clock = (milliseconds, digits = 1) => {
  const tenths = 10 ** digits;
  const all = Math.max(0, Math.floor((milliseconds * tenths) / 1000));
  const [seconds, part] = [Math.floor(all / tenths), String(all % tenths).padStart(digits, "0")];
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = `${String(seconds % 60).padStart(2, "0")}.${part}`;
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
};

export const precise = (milliseconds) => clock(milliseconds, 2);
// What a person wrote as 0:07.50, in milliseconds; null for what is no time.
export const timeOf = (text) => {
  const parts = text.trim().split(":");
  if (parts.length > 3 || !parts.every((part) => /^\d+(\.\d*)?$/.test(part))) return null;
  return Math.round(parts.reduce((sum, part) => sum * 60 + Number(part), 0) * 1000);
};

// Two channels, upper and lower half, between 0 and 1.
export const peaksOf = (buffer) => {
  const signed = new Int8Array(buffer);
  const [low, high] = [new Float32Array(signed.length / 2), new Float32Array(signed.length / 2)];
  for (let at = 0; at < low.length; at += 1) {
    low[at] = Math.max(0, -signed[2 * at]) / 127;
    high[at] = Math.max(0, signed[2 * at + 1]) / 127;
  }
  return [high, low];
};

const typing = (target) => target.closest("input:not([type=radio],[type=checkbox]), textarea, select, [contenteditable]");

export const begin = (root) => {
  const audio = root.querySelector("audio, video");
  const wave = root.querySelector("[data-wave]");
  const stage = root.querySelector(".sound-stage");
  const find = (name) => root.querySelector(`[data-do=${name}]`);
  const speed = find("speed");
  const now = root.querySelector("[data-now]");
  const conversation = root.querySelector(".conversation");
  const follow = root.querySelector("[data-follow]");
  // Of a file in quarantine nobody has said yet how long it is.
  const total = () => Number(root.dataset.milliseconds) || (audio.duration || 0) * 1000;
  root.classList.add("has-player");

  // --- playing ----------------------------------------------------------------------------------------

  const at = () => audio.currentTime * 1000;
  const seek = (milliseconds) => {
    audio.currentTime = Math.max(0, Math.min(total(), milliseconds)) / 1000;
  };
  const play = () => {
    audio.play().catch(() => {
      // The browser did not let it play, or it was stopped at once: the button still says "Play".
    });
  };
  const toggle = () => (audio.paused ? play() : audio.pause());
  const hasten = (by) => {
    const next = speed.options[speed.selectedIndex + by];
    if (!next) return;
    next.selected = true;
    audio.playbackRate = Number(speed.value);
  };
  find("play").addEventListener("click", toggle);
  find("back").addEventListener("click", () => seek(at() - STEP * 1000));
  find("forward").addEventListener("click", () => seek(at() + STEP * 1000));
  speed.addEventListener("change", () => {
    audio.playbackRate = Number(speed.value);
  });
  const state = () => {
    find("play").querySelectorAll("[data-playing]").forEach((words) => {
      words.hidden = (words.dataset.playing === "yes") === audio.paused;
    });
  };
  for (const kind of ["play", "pause", "ended"]) audio.addEventListener(kind, state);
  audio.addEventListener("error", () => {
    if (audio.getAttribute("src")) root.querySelector("[data-no-sound]").hidden = false;
  });
  document.addEventListener("click", (event) => {
    const asked = event.target instanceof Element && event.target.closest("[data-play], .word[data-at]");
    if (!asked) return;
    seek(Number(asked.dataset.play ?? asked.dataset.at) - (asked.dataset.lead === undefined ? 0 : LEAD));
    if (asked.dataset.still === undefined) play();
    else audio.pause();
  });
  document.addEventListener("keydown", (event) => {
    if (document.documentElement.dataset.keys === "off" || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const onControl = event.target.closest("button, a, summary, label, input");
    const step = (event.shiftKey ? STEP / 10 : STEP) * 1000;
    if (event.key === " " && !onControl) toggle();
    else if (event.key === "ArrowLeft" && !event.target.closest("input, [data-arrows]")) seek(at() - step);
    else if (event.key === "ArrowRight" && !event.target.closest("input, [data-arrows]")) seek(at() + step);
    else if (event.key === ",") hasten(-1);
    else if (event.key === ".") hasten(1);
    else return;
    event.preventDefault();
  });

  // --- the transcript follows -------------------------------------------------------------------------

  const timed = (selector) =>
    [...root.querySelectorAll(selector)]
      .map((node) => ({ node, at: Number(node.dataset.at), until: Number(node.dataset.until) }))
      .sort((one, other) => one.at - other.at);
  const [words, turns] = [timed(".word[data-at]"), timed(".turn[data-at]")];
  const within = (list, moment) => {
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle].at <= moment) low = middle + 1;
      else high = middle;
    }
    const found = list[low - 1];
    return found && moment < found.until ? found.node : null;
  };
  let [word, turn] = [null, null];
  const mark = () => {
    const moment = at();
    now.textContent = clock(moment);
    const [nextWord, nextTurn] = [within(words, moment), within(turns, moment)];
    if (nextWord !== word) {
      word?.classList.remove("now");
      nextWord?.classList.add("now");
      word = nextWord;
      if (word && follow?.checked && !audio.paused) into(word);
    }
    if (nextTurn !== turn) {
      turn?.removeAttribute("aria-current");
      nextTurn?.setAttribute("aria-current", "true");
      turn = nextTurn;
      if (turn && follow?.checked) into(turn);
    }
    if (!audio.paused && stage && stage.scrollWidth > stage.clientWidth) {
      const place = (moment / total()) * stage.scrollWidth;
      if (place < stage.scrollLeft || place > stage.scrollLeft + stage.clientWidth * 0.95) {
        stage.scrollLeft = place - stage.clientWidth * 0.1;
      }
    }
  };
  // Only the conversation moves, never the page: a person may be reading elsewhere on it.
  const into = (node) => {
    const [inner, outer] = [node.getBoundingClientRect(), conversation.getBoundingClientRect()];
    if (inner.top < outer.top) conversation.scrollTop -= outer.top - inner.top + 12;
    else if (inner.bottom > outer.bottom) conversation.scrollTop += Math.min(inner.bottom - outer.bottom, inner.top - outer.top) + 12;
  };
  const run = () => {
    mark();
    if (!audio.paused) requestAnimationFrame(run);
  };
  audio.addEventListener("play", run);
  for (const kind of ["timeupdate", "seeked", "seeking"]) audio.addEventListener(kind, mark);

  // --- the waveform -----------------------------------------------------------------------------------

  const colours = () => {
    const style = getComputedStyle(wave);
    const [ink, accent] = [style.getPropertyValue("--wave"), style.getPropertyValue("--wave-played")];
    const drawn = (value) => {
      const probe = document.createElement("i");
      probe.style.color = value;
      wave.append(probe);
      const found = getComputedStyle(probe).color;
      probe.remove();
      return found;
    };
    return { waveColor: drawn(ink), progressColor: drawn(accent), cursorColor: drawn("var(--ink)") };
  };
  let surfer = null;
  const made = async () => {
    let answer = root.dataset.peaks && (await fetch(root.dataset.peaks));
    // Those of an original are made with the view of it, which a worker may still be at.
    for (let asked = 0; answer?.status === 503 && asked < 20; asked += 1) {
      await new Promise((resolve) => setTimeout(resolve, 3000));
      answer = await fetch(root.dataset.peaks);
    }
    if (!answer?.ok) return null; // the drawing that came with the page stays
    return { peaks: peaksOf(await answer.arrayBuffer()), duration: total() / 1000 };
  };
  const draw = async () => {
    if (!wave) return;
    const shape = await made().catch(() => null); // a video without sound, or sound that this browser can't read
    if (!shape) return;
    surfer = WaveSurfer.create({
      container: wave,
      media: audio,
      ...shape,
      height: HEIGHT,
      cspNonce: root.dataset.nonce,
      hideScrollbar: true,
      interact: root.dataset.interact !== "no",
      dragToSeek: false,
      cursorWidth: audio.tagName === "VIDEO" ? 0 : 2, // watching.js has a line through all that lies on the line of time
      normalize: true,
      ...colours(),
    });
    surfer.on("ready", () => wave.classList.add("drawn"));
    const again = () => surfer.setOptions(colours());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  };
  // Waits until a worker has opened the original; false where it can't be played.
  const opened = async (url) => {
    for (let asked = 0; asked < ASKED_AGAIN; asked += 1) {
      const answer = await fetch(url, { headers: { Range: "bytes=0-0" } });
      if (answer.ok) return true;
      if (answer.status !== 503) break;
    }
    return false;
  };
  const load = async () => {
    if (!root.dataset.original) return draw();
    if (!(await opened(root.dataset.original))) {
      root.dispatchEvent(new CustomEvent("no-sound"));
      return undefined;
    }
    audio.src = root.dataset.original;
    audio.addEventListener(
      "loadedmetadata",
      () => {
        root.querySelector("[data-length]").textContent = clock(total());
        root.dispatchEvent(new CustomEvent("length-told"));
        draw();
      },
      { once: true },
    );
    return undefined;
  };
  const close = () => {
    audio.pause();
    surfer?.destroy();
    audio.removeAttribute("src");
    audio.load();
  };
  load();
  state();
  mark();
  return { audio, seek, play, at, total, close };
};

document.querySelectorAll("[data-player]:not([data-silences], [data-watched])").forEach(begin);
