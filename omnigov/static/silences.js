// Silent stretches of a recording: added, moved and taken away on its waveform, in a list, and by keys.
//
//   <div data-player data-silences data-milliseconds="12000" [data-kinds='[["FACE","Face"],…]'] [data-keep-found] …>
//     <div data-wave></div>                     and the rest that player.js asks for
//     <textarea name="regions">[…]</textarea>   the value, kept current; without scripts it is edited as it stands
//     {% include "_silences_words.html" %}
//   </div>
//
// A region is as edits.js has it, with place: {place: "interval", start, end} in milliseconds, which are the same in
// the original and in the copy; regions with other places are another's, as tracks.js on the page of a video. With
// `data-keep-found` found ones stay. After `data-seconds`, if given, the recording is closed.
import { editsOf, element, stateOf, wordsOf } from "./edits.js";
import { begin as player, precise, timeOf } from "./player.js";

const ROUND = 10; // milliseconds
const NUDGE = 100; // what an arrow moves, and with Shift a tenth of that
const CLICK = 4; // pixels up to which a press is a click
const EDGE = 8; // pixels from its end within which a stretch is resized

export const begin = (root, playing = null) => {
  const edits = editsOf(root);
  const wave = root.querySelector("[data-wave]");
  const words = wordsOf(root, "[data-silences-words]");
  root.dataset.interact = "no";
  const whole = playing === null; // else the page has a player of its own, and a field that it reads
  playing ??= player(root);
  let chosen = null;
  let begun = null;
  let covered = false;

  // --- what stands around the waveform ------------------------------------------------------------------

  const layer = element("div", { class: "silence-layer" });
  wave.append(layer);
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
    button("from", () => from(), "i"),
    button("to", () => to(), "o"),
    ...(whole ? [undoButton] : []),
  );
  const around = [bar, element("p", { class: "help" }, words.help), none, list, live];
  if (whole) root.querySelector(".sound-stage").after(...around);
  else root.querySelector("[data-silences-here]").append(element("h2", { class: "over" }, words.title), ...around);

  const say = (said) => {
    live.textContent = "";
    live.textContent = said;
  };

  // --- the value ----------------------------------------------------------------------------------------

  const mine = () => edits.all().filter((region) => region.place.place === "interval");
  const sorted = () => mine().sort((one, other) => one.place.start - other.place.start || one.place.end - other.place.end);
  const { find, fixed } = edits;
  const rounded = (milliseconds) => Math.round(milliseconds / ROUND) * ROUND;
  const inside = (milliseconds) => Math.max(0, Math.min(Math.floor(playing.total()), milliseconds));

  // --- what a person does -------------------------------------------------------------------------------

  const filled = (said, region) => {
    const parts = {
      NUMBER: sorted().indexOf(region) + 1,
      KIND: edits.kindName(region.kind),
      FROM: precise(region.place.start),
      UNTIL: precise(region.place.end),
    };
    return said.replace(/NUMBER|KIND|FROM|UNTIL/g, (name) => parts[name]);
  };
  const add = (one, other) => {
    const [start, end] = [inside(rounded(Math.min(one, other))), inside(rounded(Math.max(one, other)))];
    if (covered || end - start < ROUND) return;
    const region = edits.add({ place: "interval", start, end });
    chosen = region.id;
    render();
    say(filled(words.added, region));
  };
  const from = () => {
    begun = playing.at();
    say(words.begun.replace("FROM", precise(begun)));
    render();
  };
  const to = () => {
    if (begun === null) return say(words.nothing);
    const start = begun;
    begun = null;
    return add(start, playing.at());
  };
  const place = (region, start, end, kept = true) => {
    if (fixed(region)) {
      say(words.fixed);
      return false;
    }
    const [low, high] = [inside(rounded(start)), inside(rounded(end))];
    if (high - low < ROUND) return false;
    if (kept) edits.remember();
    region.place = { place: "interval", start: low, end: high };
    return true;
  };
  const move = (region, start, end) => {
    if (!place(region, start, end)) return;
    edits.write();
    say(filled(words.moved, region));
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

  // A press on the waveform is a new stretch, one on a stretch moves it, one near its end changes that end.
  const moment = (event) => {
    const box = layer.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * playing.total();
  };
  layer.addEventListener("pointerdown", (event) => {
    if (event.button || covered || !playing.total()) return;
    const pressed = event.target.closest("[data-region]");
    const region = pressed && !event.shiftKey ? find(pressed.dataset.region) : null;
    const [began, x] = [moment(event), event.clientX];
    const box = pressed?.getBoundingClientRect();
    const before = region && { ...region.place };
    const part = !region ? "new" : x - box.left < EDGE ? "start" : box.right - x < EDGE ? "end" : "all";
    const draft = part === "new" ? element("div", { class: "silence-mark is-drawn draft" }) : null;
    let dragged = false;
    layer.setPointerCapture(event.pointerId);
    const drag = (moved) => {
      if (!dragged && Math.abs(moved.clientX - x) < CLICK) return;
      if (!dragged && region) {
        if (fixed(region)) return;
        edits.remember();
      }
      dragged = true;
      const by = moment(moved) - began;
      if (draft) {
        layer.append(draft);
        put(draft, { start: Math.min(began, began + by), end: Math.max(began, began + by) });
      } else if (part === "all") {
        const length = before.end - before.start;
        const start = Math.max(0, Math.min(playing.total() - length, before.start + by));
        place(region, start, start + length, false);
        render();
      } else if (place(region, before.start + (part === "start" ? by : 0), before.end + (part === "end" ? by : 0), false)) render();
    };
    const drop = (ended) => {
      layer.removeEventListener("pointermove", drag);
      for (const kind of ["pointerup", "pointercancel"]) layer.removeEventListener(kind, drop);
      draft?.remove();
      if (!dragged) {
        if (region) {
          chosen = region.id;
          render();
          layer.querySelector(`[data-region="${region.id}"]`)?.focus({ preventScroll: true });
          if (fixed(region)) say(words.fixed);
        }
        playing.seek(began);
      } else if (draft && ended.type === "pointerup") add(began, moment(ended));
      else if (region) {
        edits.write();
        say(filled(words.moved, region));
      }
    };
    layer.addEventListener("pointermove", drag);
    for (const kind of ["pointerup", "pointercancel"]) layer.addEventListener(kind, drop);
    event.preventDefault();
  });

  const zoom = () => {
    const zooms = [...root.querySelectorAll("input[name=zoom]")];
    zooms[(zooms.findIndex((each) => each.checked) + 1) % zooms.length].checked = true;
  };
  const steps = (event) => (event.shiftKey ? NUDGE / 10 : NUDGE) * (event.key === "ArrowLeft" || event.key === "ArrowDown" ? -1 : 1);
  document.addEventListener("keydown", (event) => {
    const control = event.ctrlKey || event.metaKey;
    const mark = event.target.closest("[data-region].silence-mark");
    const writes = event.target.closest("input, textarea, select");
    if (whole && control && event.key.toLowerCase() === "z" && !writes) {
      event.preventDefault();
      undo();
    } else if (mark && !control && (event.key === "Delete" || event.key === "Backspace")) {
      event.preventDefault();
      remove(find(mark.dataset.region));
    } else if (mark && !control && event.key.startsWith("Arrow")) {
      event.preventDefault();
      const region = find(mark.dataset.region);
      const wide = event.altKey; // with Alt the end alone
      move(region, region.place.start + (wide ? 0 : steps(event)), region.place.end + steps(event));
      layer.querySelector(`[data-region="${region.id}"]`)?.focus({ preventScroll: true });
    } else if (!control && !event.altKey && !writes && document.documentElement.dataset.keys !== "off") {
      if (event.key === "z") zoom();
      else if (event.key === "i") from();
      else if (event.key === "o") to();
      else return;
      event.preventDefault();
    }
  });

  const undo = () => {
    if (edits.undo()) say(words.undone);
  };

  // --- how it looks -------------------------------------------------------------------------------------

  const put = (node, { start, end }) => {
    const total = playing.total() || 1;
    node.style.left = `${(100 * start) / total}%`;
    node.style.width = `${(100 * (end - start)) / total}%`;
  };
  const mark = (region, ordinal) => {
    const said = `${filled(words.name, region)}, ${precise(region.place.start)} – ${precise(region.place.end)}, ${words[stateOf(region)]}`;
    const made = element(
      "div",
      { class: `silence-mark ${stateOf(region)}${region.id === chosen ? " chosen" : ""}`, "data-region": region.id, "data-arrows": "", tabindex: "0", role: "button", "aria-label": said, title: said },
      element("span", {}, `${ordinal} ${edits.kindName(region.kind)}`),
    );
    if (fixed(region)) made.classList.add("fixed");
    put(made, region.place);
    made.addEventListener("focus", () => {
      chosen = region.id;
      for (const node of [...layer.children, ...list.children]) node.classList.toggle("chosen", node.dataset.region === chosen);
    });
    return made;
  };
  const time = (region, which) => {
    const input = element("input", { type: "text", inputmode: "decimal", size: "8", value: precise(region.place[which]), "data-time": which, "aria-label": `${words[which]}: ${filled(words.name, region)}` });
    input.readOnly = fixed(region) || region.removed;
    const set = (milliseconds) => {
      const start = which === "start" ? milliseconds : region.place.start;
      move(region, start, which === "end" ? milliseconds : region.place.end);
      list.querySelector(`[data-region="${region.id}"] [data-time=${which}]`)?.focus({ preventScroll: true });
    };
    input.addEventListener("change", () => {
      const written = timeOf(input.value);
      const other = region.place[which === "start" ? "end" : "start"];
      if (written === null || inside(written) !== written || (which === "start" ? written >= other : written <= other)) {
        input.value = precise(region.place[which]);
        return say(words["bad-time"]);
      }
      return set(written);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
      event.preventDefault();
      if (!input.readOnly) set(region.place[which] + steps(event));
    });
    return element("label", { class: "time-field" }, element("span", {}, words[which]), input);
  };
  const row = (region, ordinal) => {
    const state = stateOf(region);
    const name = element("strong", {}, edits.kindName(region.kind));
    const what = element("span", { class: "what" }, name, element("span", { class: "place" }, words[state]));
    const select = edits.kindField(region, `${words.kind}: ${filled(words.name, region)}`, () => {
      list.querySelector(`[data-region="${region.id}"] select`)?.focus();
    });
    if (select) name.replaceWith(select);
    const listen = element("button", { type: "button", class: "button quiet small", "data-play": region.place.start, "data-lead": "", "aria-label": `${words.listen}: ${filled(words.name, region)}` }, words.listen);
    const taken = region.removed ? words["take-back"] : words.remove;
    const take = element("button", { type: "button", class: "button quiet small", "data-take": "", "aria-label": `${taken}: ${filled(words.name, region)}` }, taken);
    take.hidden = fixed(region);
    take.addEventListener("click", () => remove(region));
    return element(
      "li",
      { class: `${state}${region.id === chosen ? " chosen" : ""}`, "data-region": region.id },
      element("span", { class: "ordinal" }, ordinal), what, time(region, "start"), time(region, "end"), listen, take,
    );
  };
  const render = () => {
    const now = sorted();
    layer.replaceChildren(...now.map((region, at) => mark(region, at + 1)));
    if (begun !== null) {
      const line = element("div", { class: "silence-begun" });
      put(line, { start: begun, end: begun });
      layer.append(line);
    }
    list.replaceChildren(...now.map((region, at) => row(region, at + 1)));
    none.hidden = now.length > 0;
    list.hidden = !now.length;
    undoButton.disabled = !edits.canUndo();
  };

  edits.onChange(render);
  if (whole) edits.onField(() => say(words.unreadable));
  root.addEventListener("length-told", render);
  root.addEventListener("no-sound", () => {
    wave.prepend(element("p", { class: "notice error", role: "alert" }, words["no-sound"]));
  });
  if (root.dataset.seconds) {
    setTimeout(() => {
      covered = true;
      if (whole) playing.close();
      layer.replaceChildren();
      wave.replaceChildren(element("p", { class: "notice" }, words.covered));
      if (whole) root.querySelector(".player-bar").hidden = true;
      bar.hidden = true;
      say(words.covered);
    }, 1000 * root.dataset.seconds);
  }
  if (whole && root.dataset.original) say(words.waits);
  if (whole && !edits.read()) say(words.unreadable);
  render();
};

document.querySelectorAll("[data-silences]").forEach((root) => begin(root));
