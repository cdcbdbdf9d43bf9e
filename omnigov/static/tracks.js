// What is hidden in a video's picture, by hand: a box is drawn about a thing in one picture and it is followed; tracks
// are taken away, and limited in time; by mouse, finger and keys. Its sound is silences.js's, in the same field.
//
//   <div data-player data-watched data-followed data-milliseconds="12000" data-tracks="/…/" [data-keep-found] …>
//     {% include "review/parts/_screen.html" %} … <div data-line><div data-track-line></div> [<div data-wave></div>]</div>
//     <textarea name="regions">[…]</textarea>   the value, kept current; without scripts it is edited as it stands
//     {% include "_tracks_words.html" %}
//   </div>
//
// A region is as edits.js has it, with place: {place: "track", id, interval, hull}: of a found one where and when it is;
// of a drawn one `hull` is the box in the picture `hull.part`, from which it is followed while `interval` lasts. Pixels
// and times are the same in the original and in the copy. With `data-keep-found` found ones stay. After `data-seconds`,
// if given, the video is closed.
import { editsOf, element, stateOf, wordsOf } from "./edits.js";
import { precise, timeOf } from "./player.js";
import { begin as silences } from "./silences.js";
import { begin as watch, drawn } from "./watching.js";

const SMALLEST = 4; // on the screen: less than that is a click, not a drawing
const STEP = 4; // on the screen, for each press of an arrow
const LANE = 24; // pixels
const LANES = 8;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const within = (value, low, high) => Math.min(Math.max(value, low), high);

const begin = (root) => {
  root.dataset.interact = "no"; // the waveform is drawn on, and not only clicked
  const edits = editsOf(root);
  const words = wordsOf(root, "[data-tracks-words]");
  const playing = watch(root);
  const { video, overlay } = playing;
  const line = root.querySelector("[data-track-line]");
  const first = new Map(); // by id: from when to when a found track lasts, which it may be limited within
  let chosen = null;
  let covered = false;
  let dragging = null;
  overlay.dataset.overlay = "own";
  overlay.removeAttribute("aria-hidden");
  overlay.setAttribute("role", "group");
  overlay.setAttribute("tabindex", "0");
  overlay.setAttribute("aria-label", words.surface);
  overlay.classList.add("drawn-on", "regions-surface");

  // --- what stands around the picture ---------------------------------------------------------------------

  const live = element("p", { class: "hidden", role: "status", "aria-live": "polite" });
  const list = element("ol", { class: "regions-list", "aria-label": words.list });
  const none = element("p", { class: "none" }, words.none);
  const button = (name, act, key) => {
    const made = element("button", { type: "button", class: "button quiet small", "data-do": name }, words[name]);
    if (key) made.append(" ", element("kbd", { "data-keys-hint": "" }, key));
    made.addEventListener("click", act);
    return made;
  };
  const undoButton = button("undo", () => undo());
  const bar = element(
    "div",
    { class: "regions-bar", role: "toolbar", "aria-label": words.tools },
    button("add", () => addInTheMiddle(), "a"),
    button("begins", () => limit("start"), "I"),
    button("ends", () => limit("end"), "O"),
    undoButton,
  );
  root.querySelector(".player-bar").after(bar, live);
  root.querySelector(".sound-stage").after(element("h2", { class: "over" }, words.title), element("p", { class: "help" }, words.help), none, list, element("div", { class: "sound", "data-silences-here": "" }));
  const say = (said) => {
    live.textContent = "";
    live.textContent = said;
  };

  // --- the value ------------------------------------------------------------------------------------------

  const { find, fixed } = edits;
  const inPicture = (region) => region.place.place === "track" || region.place.place === "area";
  const interval = ({ place }) => {
    if (place.place === "track") return place.interval;
    const at = playing.times()[place.part] ?? 0;
    return { place: "interval", start: at, end: at + 1 };
  };
  const hull = ({ place }) => (place.place === "track" ? place.hull : place);
  const sorted = () =>
    edits.all().filter(inPicture).sort((one, other) => interval(one).start - interval(other).start || hull(one).part - hull(other).part);
  const size = () => [video.videoWidth || 1, video.videoHeight || 1];
  const total = () => Math.floor(playing.total());
  // Where a region is in the picture that is shown; null where it is not in it, or nobody knows.
  const boxNow = (region) => {
    const now = playing.frame();
    if (region.place.place === "area" || region.origin === "drawn") return hull(region).part === now ? hull(region) : null;
    const there = playing.boxesAt(now).find((each) => each.id === region.place.id);
    const at = playing.times()[now] ?? 0;
    const { start, end } = region.place.interval;
    return there && at >= start && at <= end ? there.box : null;
  };
  const filled = (said, region) => {
    const parts = {
      NUMBER: sorted().indexOf(region) + 1,
      KIND: edits.kindName(region.kind),
      FROM: precise(interval(region).start),
      UNTIL: precise(interval(region).end),
      ALL: hull(region).part + 1,
    };
    return said.replace(/NUMBER|KIND|FROM|UNTIL|ALL/g, (name) => parts[name]);
  };

  // --- what a person does ---------------------------------------------------------------------------------

  const choose = (id, focus = false) => {
    chosen = id;
    render();
    if (focus) overlay.querySelector(`[data-id="${id}"]`)?.focus({ preventScroll: true });
  };
  const add = (box) => {
    if (covered) return;
    if (playing.frame() < 0) return say(words["no-pictures"]);
    const id = `hand-${edits.fresh()}`;
    const place = {
      place: "track", id,
      interval: { place: "interval", start: 0, end: total() },
      hull: { place: "area", part: playing.frame(), ...box },
    };
    const region = edits.add(place);
    choose(region.id, true);
    say(filled(words.added, region));
  };
  const addInTheMiddle = () => {
    video.pause();
    const [width, height] = size();
    const side = Math.max(2, Math.round(Math.min(width, height) / 10));
    const [x, y] = [Math.round(width / 2), Math.round(height / 2)];
    add({ left: x - side, top: y - side, right: x + side, bottom: y + side });
  };
  const remove = (region) => {
    if (fixed(region)) return say(words.fixed);
    const [at, deleted] = [sorted().indexOf(region), filled(words.deleted, region)];
    const what = edits.remove(region);
    if (what === "deleted") chosen = null;
    say(what === "deleted" ? deleted : filled(words[what], region));
    const row = list.children[Math.min(at, list.children.length - 1)];
    return row?.querySelector("[data-take]:not([hidden])")?.focus({ preventScroll: true });
  };
  const undo = () => {
    if (edits.undo()) say(words.undone);
  };
  // True where it could be done: a found track is cut and never made longer, and a drawn one keeps its own picture.
  const last = (region, start, end) => {
    if (region.place.place !== "track" || region.removed) return false;
    if (fixed(region)) {
      say(words.fixed);
      return false;
    }
    const { start: low, end: high } = region.origin === "found" ? first.get(region.id) ?? region.place.interval : { start: 0, end: total() };
    const [from, until] = [within(Math.round(start), low, high), within(Math.round(end), low, high)];
    const own = playing.times()[hull(region).part];
    if (until <= from) return false;
    if (region.origin === "drawn" && own !== undefined && (own < from || own > until)) {
      say(words["not-its-picture"]);
      return false;
    }
    edits.remember(`last ${region.id}`);
    region.place = { ...region.place, interval: { place: "interval", start: from, end: until } };
    edits.write();
    say(filled(words.limited, region));
    return true;
  };
  const limit = (which) => {
    const region = chosen && find(chosen);
    if (!region || !inPicture(region)) return say(words["choose-first"]);
    const { start, end } = interval(region);
    // The picture that is shown is the first that is hidden, or the last. Times are whole milliseconds, cut off.
    const now = playing.frame();
    const [at, after] = [playing.times()[now] ?? playing.at(), playing.times()[now + 1] ?? total()];
    const from = at > (first.get(region.id)?.start ?? 0) ? at + 1 : at;
    return last(region, which === "start" ? from : start, which === "end" ? after : end);
  };
  const show = (region) => {
    const place = hull(region);
    chosen = region.id;
    if (playing.times().length) playing.show(region.origin === "drawn" ? place.part : playing.frameAt(interval(region).start));
    else playing.seek(interval(region).start);
    render();
  };

  const point = (event) => {
    // The picture is fitted into the frame, as the drawing over it is: SVG knows where a point of the screen lies in it.
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(overlay.getScreenCTM().inverse());
    const [width, height] = size();
    return [within(Math.round(at.x), 0, width), within(Math.round(at.y), 0, height)];
  };
  const pencil = drawn("rect", { class: "pencil" });
  const between = (one, other) => ({
    left: Math.min(one[0], other[0]), top: Math.min(one[1], other[1]), right: Math.max(one[0], other[0]), bottom: Math.max(one[1], other[1]),
  });
  const shifted = (box, x, y) => {
    const [width, height] = size();
    const [across, down] = [within(x, -box.left, width - box.right), within(y, -box.top, height - box.bottom)];
    return { left: box.left + across, top: box.top + down, right: box.right + across, bottom: box.bottom + down };
  };
  const put = (region, box) => {
    const hulled = { ...hull(region), ...box };
    region.place = region.place.place === "track" ? { ...region.place, hull: hulled } : hulled;
    edits.write();
  };
  overlay.addEventListener("pointerdown", (event) => {
    if (event.button || covered || dragging) return;
    event.preventDefault();
    video.pause();
    const pressed = event.shiftKey ? null : event.target.closest("[data-id]");
    const region = pressed && find(pressed.dataset.id);
    if (region) choose(region.id, true);
    const movable = region && region.origin === "drawn" && region.place.place === "track";
    dragging = { pointer: event.pointerId, from: point(event), region: movable ? region : null, box: movable ? { ...hull(region) } : null, kept: false, pressed: Boolean(region) };
    overlay.setPointerCapture(event.pointerId);
    if (!region) overlay.append(pencil);
  });
  overlay.addEventListener("pointermove", (event) => {
    if (!dragging || event.pointerId !== dragging.pointer) return;
    const to = point(event);
    const { from, region, box } = dragging;
    if (region) {
      if (!dragging.kept) edits.remember();
      dragging.kept = true;
      const { left, top, right, bottom } = box;
      put(region, shifted({ left, top, right, bottom }, to[0] - from[0], to[1] - from[1]));
    } else if (!dragging.pressed) {
      const { left, top, right, bottom } = between(from, to);
      for (const [name, value] of Object.entries({ x: left, y: top, width: right - left, height: bottom - top })) pencil.setAttribute(name, value);
    }
  });
  const end = (event) => {
    if (!dragging || event.pointerId !== dragging.pointer) return;
    const { from, region, pressed, kept } = dragging;
    dragging = null;
    pencil.remove();
    if (event.type === "pointercancel" || pressed) {
      if (region && kept) say(filled(words.moved, region));
      else if (pressed && chosen && fixed(find(chosen))) say(words.fixed);
      return;
    }
    const box = between(from, point(event));
    const least = Math.max(1, SMALLEST * playing.scale());
    if (box.right - box.left >= least && box.bottom - box.top >= least) add(box);
    else choose(null);
  };
  overlay.addEventListener("pointerup", end);
  overlay.addEventListener("pointercancel", end);

  document.addEventListener("keydown", (event) => {
    const control = event.ctrlKey || event.metaKey;
    const writes = event.target.closest("input:not([type=radio],[type=checkbox]), textarea, select");
    const group = event.target.closest("[data-id]");
    const region = group && overlay.contains(group) && find(group.dataset.id);
    if (control && event.key.toLowerCase() === "z" && !writes) undo();
    else if (region && !control && (event.key === "Delete" || event.key === "Backspace")) remove(region);
    else if (region && !control && ARROWS[event.key]) {
      if (region.origin !== "drawn") return say(words.fixed);
      const step = event.altKey ? 1 : Math.max(1, Math.round(STEP * playing.scale()));
      const [x, y] = ARROWS[event.key].map((way) => way * step);
      const { left, top, right, bottom } = hull(region);
      const [width, height] = size();
      edits.remember(`${event.shiftKey ? "resize" : "move"} ${region.id}`);
      put(region, event.shiftKey
        ? { left, top, right: within(right + x, left + 1, width), bottom: within(bottom + y, top + 1, height) }
        : shifted({ left, top, right, bottom }, x, y));
      overlay.querySelector(`[data-id="${region.id}"]`)?.focus({ preventScroll: true });
    } else if (!control && !event.altKey && !writes && document.documentElement.dataset.keys !== "off") {
      if (event.key === "a") addInTheMiddle();
      else if (event.key === "I") limit("start");
      else if (event.key === "O") limit("end");
      else return undefined;
    } else return undefined;
    event.preventDefault();
    return undefined;
  });

  // --- how it looks ---------------------------------------------------------------------------------------

  const mark = (region, ordinal) => {
    const box = boxNow(region);
    if (!box) return [];
    const per = playing.scale();
    const at = { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top };
    const said = `${filled(words.name, region)}, ${words[stateOf(region)]}`;
    const group = drawn("g", {
      class: `region ${stateOf(region)}${region.id === chosen ? " chosen" : ""}${fixed(region) ? " fixed" : ""}`,
      "data-id": region.id, "data-arrows": "", tabindex: 0, role: "button", "aria-label": said, "aria-pressed": region.id === chosen,
    });
    const cross = region.removed ? `M${box.left} ${box.top}L${box.right} ${box.bottom}M${box.right} ${box.top}L${box.left} ${box.bottom}` : "";
    for (const name of ["halo", "line"]) group.append(drawn("rect", { class: name, ...at }));
    for (const name of ["halo", "line"]) group.append(drawn("path", { class: name, d: cross }));
    const number = drawn("text", { class: "region-number", "aria-hidden": "true", x: box.left + 4 * per, y: box.top + 15 * per, "font-size": 15 * per, "stroke-width": 4 * per });
    number.textContent = ordinal;
    group.append(number);
    group.addEventListener("focus", () => chosen === region.id || choose(region.id, true));
    return [group];
  };
  const time = (region, which) => {
    const input = element("input", { type: "text", inputmode: "decimal", size: "8", value: precise(interval(region)[which]), "data-time": which, "aria-label": `${words[which]}: ${filled(words.name, region)}` });
    input.readOnly = region.place.place !== "track" || fixed(region) || region.removed;
    input.addEventListener("change", () => {
      const written = timeOf(input.value);
      const { start, end: until } = interval(region);
      const done = written !== null && last(region, which === "start" ? written : start, which === "end" ? written : until);
      if (!done) {
        input.value = precise(interval(region)[which]);
        say(words["bad-time"]);
      } else list.querySelector(`[data-region="${region.id}"] [data-time=${which}]`)?.focus({ preventScroll: true });
    });
    return element("label", { class: "time-field" }, element("span", {}, words[which]), input);
  };
  const row = (region, ordinal) => {
    const state = stateOf(region);
    const name = element("strong", {}, edits.kindName(region.kind));
    const where = region.origin === "drawn" ? `${words[state]} · ${filled(words.picture, region)}` : words[state];
    const what = element("span", { class: "what" }, name, element("span", { class: "place" }, where));
    const select = edits.kindField(region, `${words.kind}: ${filled(words.name, region)}`, () => {
      list.querySelector(`[data-region="${region.id}"] select`)?.focus();
    });
    if (select) name.replaceWith(select);
    const seen = element("button", { type: "button", class: "button quiet small", "aria-label": `${words.show}: ${filled(words.name, region)}` }, words.show);
    seen.addEventListener("click", () => show(region));
    const taken = region.removed ? words["take-back"] : words.remove;
    const take = element("button", { type: "button", class: "button quiet small", "data-take": "", "aria-label": `${taken}: ${filled(words.name, region)}` }, taken);
    take.hidden = fixed(region);
    take.addEventListener("click", () => remove(region));
    const made = element(
      "li",
      { class: `${state}${region.id === chosen ? " chosen" : ""}`, "data-region": region.id },
      element("span", { class: "ordinal" }, ordinal), what, time(region, "start"), time(region, "end"), seen, take,
    );
    // What "the next hidden thing" goes to.
    made.append(element("span", { hidden: "", "data-hidden": "" }, element("i", { "data-play": interval(region).start, "data-still": "" })));
    return made;
  };
  const lay = (now) => {
    const free = [];
    const marks = now.map((region, at) => {
      const { start, end: until } = interval(region);
      let lane = free.findIndex((each) => each <= start);
      if (lane < 0) lane = Math.min(free.length, LANES - 1);
      free[lane] = Math.max(free[lane] ?? 0, until);
      const said = `${at + 1} ${edits.kindName(region.kind)}`;
      const made = element("button", { type: "button", class: `track-mark ${stateOf(region)}${region.id === chosen ? " chosen" : ""}`, "aria-label": `${words.show}: ${filled(words.name, region)}` }, said);
      const all = playing.total() || 1;
      made.style.left = `${(100 * start) / all}%`;
      made.style.width = `${(100 * (until - start)) / all}%`;
      made.style.top = `${LANE * lane}px`;
      made.addEventListener("click", (event) => {
        event.stopPropagation();
        show(region);
      });
      return made;
    });
    line.style.height = `${LANE * Math.max(1, free.length)}px`;
    line.replaceChildren(...marks);
  };
  const renderPicture = () => {
    if (covered) return;
    const now = sorted();
    overlay.replaceChildren(...now.flatMap((region, at) => mark(region, at + 1)), ...(dragging && !dragging.pressed ? [pencil] : []));
  };
  const render = () => {
    for (const region of edits.all()) {
      if (region.origin === "found" && region.place.place === "track" && !first.has(region.id)) first.set(region.id, region.place.interval);
    }
    const now = sorted();
    lay(now);
    list.replaceChildren(...now.map((region, at) => row(region, at + 1)));
    none.hidden = now.length > 0;
    list.hidden = !now.length;
    undoButton.disabled = !edits.canUndo();
    renderPicture();
  };

  edits.onChange(render);
  edits.onField(() => say(words.unreadable));
  playing.onFrame(renderPicture);
  new ResizeObserver(renderPicture).observe(video);
  for (const kind of ["loadedmetadata", "length-told"]) (kind === "length-told" ? root : video).addEventListener(kind, render);
  root.addEventListener("no-sound", () => {
    root.querySelector(".screen").prepend(element("p", { class: "notice error", role: "alert" }, words["no-video"]));
  });
  root.addEventListener("region-choose", ({ detail }) => {
    const region = find(detail.id);
    if (region && inPicture(region)) show(region);
  });
  root.addEventListener("region-remove", ({ detail }) => {
    const region = find(detail.id);
    if (region && inPicture(region) && !region.removed) remove(region);
  });
  if (root.dataset.seconds) {
    setTimeout(() => {
      covered = true;
      playing.close();
      overlay.replaceChildren();
      root.querySelector(".screen").replaceChildren(element("p", { class: "notice" }, words.covered));
      root.querySelector(".player-bar").hidden = true;
      bar.hidden = true;
      say(words.covered);
    }, 1000 * root.dataset.seconds);
  }
  if (root.dataset.original) say(words.waits);
  if (!edits.read()) say(words.unreadable);
  if (root.querySelector("[data-wave]")) silences(root, playing);
  render();
};

document.querySelectorAll("[data-followed]").forEach(begin);
