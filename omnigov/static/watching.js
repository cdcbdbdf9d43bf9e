// A video is watched: picture by picture, with frames about what is hidden, and every hidden thing shown small.
//
//   <div data-player data-watched data-milliseconds="12000" [data-tracks="/…/tracks/"] …>
//     {% include "review/parts/_screen.html" %}   <video controls>, which is there without scripts, and what is laid over it
//     {% include "review/parts/_player.html" with video=True %}
//     <div data-line>…</div>                      what lies on the line of time; a click goes there
//     <details data-contact>… <li data-track="t1" data-finding="1"><span class="contact-row" data-show="…NUMBER…">
//   </div>
//
// The part `tracks` of the evidence says when each picture is shown and where each thing is in it (`Tracks` in
// omnigov/contracts/video.py). A picture's number counts from 0, and is said from 1. tracks.js uses `begin` for the page
// on which tracks are changed.
import { begin as player } from "./player.js";

const SVG = "http://www.w3.org/2000/svg";
const AROUND = 1.5; // times a thing's own side that a small picture shows about it
const LEAST = 96; // pixels of the video that a small picture shows at least
const SMALL = [144, 108]; // a small picture's own pixels
const SOON = 60; // milliseconds that count as here, when the next thing is looked for
const NUMBER = 22; // pixels of the screen that a box's number is high

export const drawn = (name, attributes = {}) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

// The place in `times` that is nearest to a moment: players say a picture's time with other roundings than files.
const nearest = (times, moment) => {
  let [low, high] = [0, times.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < moment) low = middle + 1;
    else high = middle;
  }
  return low && moment - times[low - 1] <= times[low] - moment ? low - 1 : low;
};
// The last one that has begun at a moment.
const begunBy = (times, moment) => {
  const found = nearest(times, moment);
  return found && times[found] > moment + 1 ? found - 1 : found;
};

export const begin = (root) => {
  const playing = player(root);
  const video = root.querySelector("video");
  const overlay = root.querySelector("[data-overlay]");
  const line = root.querySelector("[data-line]");
  const frameSaid = root.querySelector("[data-frame-said]");
  const told = [];
  let times = [];
  let boxes = new Map(); // by the picture's number: [{id, kind, box}, …]
  let frame = -1;
  video.controls = false;

  // --- which picture is shown -----------------------------------------------------------------------------

  const exact = "requestVideoFrameCallback" in video;
  const middleOf = (number) => {
    const after = number + 1 < times.length ? times[number + 1] : Math.max(playing.total(), times[number] + 2);
    return (times[number] + after) / 2;
  };
  let wanted = -1; // the picture that is on its way: a next step goes on from it, however long it takes to come
  const show = (number) => {
    if (!times.length) return;
    video.pause();
    wanted = Math.max(0, Math.min(times.length - 1, number));
    playing.seek(middleOf(wanted));
  };
  const step = (by) => {
    if (times.length) show((wanted < 0 ? frame : wanted) + by);
    else playing.seek(playing.at() + by * 40);
  };
  const head = document.createElement("i");
  head.className = "playhead";
  line?.append(head);
  const moved = (at) => {
    head.style.left = `${(100 * at) / (playing.total() || 1)}%`;
    const now = times.length ? (at < 0 ? 0 : begunBy(times, at)) : -1;
    if (now === wanted) wanted = -1;
    if (now === frame) return;
    frame = now;
    frameSaid.textContent = frameSaid.dataset.said.replace("NUMBER", frame + 1).replace("ALL", times.length);
    draw();
    told.forEach((each) => each(frame));
  };
  if (exact) {
    const seen = (_, data) => {
      moved(times.length ? times[nearest(times, data.mediaTime * 1000)] : data.mediaTime * 1000);
      video.requestVideoFrameCallback(seen);
    };
    video.requestVideoFrameCallback(seen);
  }
  for (const kind of ["timeupdate", "seeked"]) {
    video.addEventListener(kind, () => {
      if (!exact || video.readyState < 2) moved(playing.at());
    });
  }
  video.addEventListener("seeked", () => {
    if (times.length && begunBy(times, playing.at()) !== wanted) wanted = -1; // somebody went elsewhere
  });
  video.addEventListener("click", () => (video.paused ? playing.play() : video.pause()));
  line?.addEventListener("click", (event) => {
    if (event.target.closest("[data-wave], [data-play]") || !playing.total()) return;
    const box = line.getBoundingClientRect();
    playing.seek(((event.clientX - box.left) / box.width) * playing.total());
  });
  const find = (name) => root.querySelector(`[data-do=${name}]`);
  find("frame-back").addEventListener("click", () => step(-1));
  find("frame-on").addEventListener("click", () => step(1));

  // --- from one hidden thing to the next --------------------------------------------------------------------

  const begins = () =>
    [...document.querySelectorAll("[data-findings] [data-play], [data-hidden] [data-play]")]
      .map((node) => Number(node.dataset.play))
      .sort((one, other) => one - other);
  const jump = (way) => {
    const counted = times.length > 0;
    const now = counted ? (wanted < 0 ? frame : wanted) : playing.at();
    const all = begins().map((each) => (counted ? begunBy(times, each) : each));
    const [soon, late] = counted ? [now, now] : [now + SOON, now - SOON];
    const next = way > 0 ? all.find((each) => each > soon) : all.findLast((each) => each < late);
    if (next === undefined) return;
    video.pause();
    if (counted) show(next);
    else playing.seek(next);
  };
  find("previous")?.addEventListener("click", () => jump(-1));
  find("next")?.addEventListener("click", () => jump(1));

  // --- what is laid over it ---------------------------------------------------------------------------------

  const ordinals = new Map([...root.querySelectorAll("[data-track]")].map((row) => [row.dataset.track, row.dataset.finding]));
  const scale = () => (video.videoWidth || 1) / (video.clientWidth || 1);
  const draw = () => {
    if (overlay.dataset.overlay === "own") return; // another script draws it
    overlay.replaceChildren(
      ...(boxes.get(frame) || []).map(({ id, box }) => {
        const at = { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top };
        const group = drawn("g", { class: box.known === "filled" ? "second" : "" });
        if (ordinals.has(id)) group.setAttribute("data-box", ordinals.get(id));
        const number = drawn("text", { class: "box-number", x: box.left, y: box.top, "font-size": NUMBER * scale() });
        number.textContent = ordinals.get(id) || "";
        group.append(drawn("rect", { class: "halo", ...at }), drawn("rect", { class: "line", ...at }), number);
        return group;
      }),
    );
  };
  video.addEventListener("loadedmetadata", () => {
    overlay.setAttribute("viewBox", `0 0 ${video.videoWidth} ${video.videoHeight}`);
    draw();
  });

  // --- every hidden thing, small ----------------------------------------------------------------------------

  // One picture after the other is asked of a player of its own, so that what a person watches stays where it is.
  let aside = null;
  let waiting = Promise.resolve();
  const pictured = (number, box, canvas) => {
    waiting = waiting.then(async () => {
      if (!canvas.isConnected) return;
      if (aside === null) {
        aside = document.createElement("video");
        aside.muted = true;
        aside.preload = "auto";
        aside.src = video.currentSrc || video.src;
      }
      if (aside.readyState < 1) await once(aside, "loadedmetadata");
      aside.currentTime = middleOf(number) / 1000;
      await once(aside, "seeked");
      const [wide, high] = [box.right - box.left, box.bottom - box.top];
      const side = Math.max(LEAST, wide * (1 + 2 * AROUND), (high * (1 + 2 * AROUND) * SMALL[0]) / SMALL[1]);
      const seen = { width: Math.min(side, aside.videoWidth), height: Math.min((side * SMALL[1]) / SMALL[0], aside.videoHeight) };
      const left = Math.max(0, Math.min(aside.videoWidth - seen.width, (box.left + box.right - seen.width) / 2));
      const top = Math.max(0, Math.min(aside.videoHeight - seen.height, (box.top + box.bottom - seen.height) / 2));
      const by = Math.min(SMALL[0] / seen.width, SMALL[1] / seen.height);
      [canvas.width, canvas.height] = [Math.round(seen.width * by), Math.round(seen.height * by)];
      const pen = canvas.getContext("2d");
      pen.drawImage(aside, left, top, seen.width, seen.height, 0, 0, canvas.width, canvas.height);
      for (const [colour, width] of [["#000", 4], ["#fff", 2]]) {
        pen.strokeStyle = colour;
        pen.lineWidth = width;
        pen.strokeRect((box.left - left) * by, (box.top - top) * by, wide * by, high * by);
      }
    });
  };
  const once = (media, kind) =>
    new Promise((resolve, reject) => {
      media.addEventListener(kind, resolve, { once: true });
      media.addEventListener("error", () => reject(new Error("The video can't be read.")), { once: true });
    });
  const sheetRow = (row) => {
    const into = row.querySelector(".contact-row");
    const all = [];
    for (const [number, there] of boxes) {
      const mine = there.find((each) => each.id === row.dataset.track);
      if (mine) all.push([number, mine.box]);
    }
    all.sort((one, other) => one[0] - other[0]);
    const chosen = [...new Set([0, all.length >> 1, all.length - 1])].filter((place) => all[place]);
    into.replaceChildren(
      ...chosen.map((place) => {
        const [number, box] = all[place];
        const button = document.createElement("button");
        button.type = "button";
        button.className = "plain";
        button.dataset.play = middleOf(number);
        button.dataset.still = "";
        button.setAttribute("aria-label", into.dataset.show.replace("NUMBER", number + 1));
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = SMALL;
        button.append(canvas);
        queueMicrotask(() => pictured(number, box, canvas));
        return button;
      }),
    );
  };
  const contact = root.querySelector("[data-contact]");
  const inSight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting || !times.length) continue;
      inSight.unobserve(target);
      sheetRow(target);
    }
  });
  const sheet = () => {
    if (contact?.open && times.length) contact.querySelectorAll("[data-track]").forEach((row) => inSight.observe(row));
  };
  contact?.addEventListener("toggle", sheet);

  // --- what the evidence says ---------------------------------------------------------------------------------

  const loaded = (tracks) => {
    times = tracks.times;
    boxes = new Map();
    for (const { id, kind, boxes: every } of tracks.tracks) {
      for (const box of every) {
        if (!boxes.has(box.frame)) boxes.set(box.frame, []);
        boxes.get(box.frame).push({ id, kind, box });
      }
    }
    frame = -1;
    moved(playing.at());
    sheet();
  };
  const load = async () => {
    const answer = root.dataset.tracks && (await fetch(root.dataset.tracks));
    if (answer?.ok) loaded(await answer.json());
  };
  load();
  root.addEventListener("length-told", () => times.length || load()); // an original, once a worker has opened it

  return {
    ...playing, video, overlay, show, scale,
    frame: () => frame,
    times: () => times,
    boxesAt: (number) => boxes.get(number) || [],
    frameAt: (moment) => begunBy(times, moment),
    onFrame: (each) => told.push(each),
  };
};

document.querySelectorAll("[data-watched]:not([data-followed])").forEach(begin);
