// Spans of a text: marked by mouse or keyboard in a field that can't be changed, listed, and taken away.
//
//   <div data-spans data-text="…/0/" [data-kinds='[["FACE","Face"],…]'] [data-gaps='[[1,5,1,11],…]'] [data-keep-found]>
//     <textarea name="regions">[…]</textarea>   the value, kept current; without scripts it is edited as it stands
//     {% include "_spans_words.html" %}
//   </div>
//
// A region is as edits.js has it, with place: {place: "span", start, end} in characters of the ORIGINAL. `data-text`,
// with the number of a portion in place of its 0, answers {number, total, start, text}: of the original, or, where
// `data-gaps` says what stands in it for what, of the redacted copy. A gap is start and end in the original, start and
// end in the copy. A character is a code point, as Python counts them. With `data-keep-found` found spans stay. After
// `data-seconds`, if given, the text is covered.
import { editsOf, element, stateOf, wordsOf } from "./edits.js";

const EXCERPT = 60;
const ASKED_AGAIN = 20; // an original is opened by a worker, which takes a while

// From places of one text to those of another: each gap is a stretch of both, and all else is the same in both.
const carried = ({ start, end }, gaps, from, to) => {
  const at = (place, open) => {
    let shift = 0;
    for (const gap of gaps) {
      const [begin, stop] = [gap[from], gap[from + 1]];
      if (open ? place < begin : place <= begin) break;
      if (open ? place < stop : place <= stop) return open ? gap[to] : gap[to + 1];
      shift = gap[to + 1] - stop;
    }
    return place + shift;
  };
  return { start: at(start, true), end: at(end, false) };
};

const begin = (root) => {
  const edits = editsOf(root);
  const words = wordsOf(root, "[data-spans-words]");
  const gaps = JSON.parse(root.dataset.gaps || "[]");
  let chosen = null;
  let portion = { number: 1, total: 1, start: 0, text: "" };
  let length = 0; // characters of the portion
  let covered = false;

  // --- what stands around the text --------------------------------------------------------------------

  const text = element("textarea", {
    class: "spans-text", spellcheck: "false", autocomplete: "off", inputmode: "none", "aria-readonly": "true",
    "aria-label": words.surface, rows: 1,
  });
  const back = element("div", { class: "spans-back", "aria-hidden": "true" });
  const layers = element("div", { class: "spans-layers" }, back, text);
  const stage = element("div", { class: "spans-stage" }, layers);
  const live = element("p", { class: "hidden", role: "status", "aria-live": "polite" });
  const list = element("ol", { class: "regions-list", "aria-label": words.list });
  const none = element("p", { class: "none" }, words.none);
  const turned = element("span", { class: "regions-page", "aria-live": "polite" });
  const button = (name, act, kind = "button quiet small") => {
    const made = element("button", { type: "button", class: kind, "data-do": name }, words[name]);
    made.addEventListener("click", act);
    return made;
  };
  const hideButton = button("hide", () => hide(), "button small");
  hideButton.append(" ", element("kbd", { "data-keys-hint": "" }, "h"));
  const undoButton = button("undo", () => undo());
  const [before, after] = [button("before", () => load(portion.number - 1)), button("after", () => load(portion.number + 1))];
  const bar = element("div", { class: "regions-bar", role: "toolbar", "aria-label": words.tools }, hideButton, undoButton);
  const side = element("div", { class: "regions-side" }, element("p", { class: "help" }, words.help), none, list);
  root.prepend(bar, stage, side, live);
  root.classList.add("regions", "spans");
  // A pressed button takes the selection of the text with it in some browsers.
  hideButton.addEventListener("pointerdown", (event) => event.preventDefault());

  const say = (said) => {
    live.textContent = "";
    live.textContent = said;
  };

  // --- characters -------------------------------------------------------------------------------------

  // A field has one character for the end of a line, and JavaScript two for some that are one.
  const counted = (until) => {
    let [raw, inField, signs] = [0, 0, 0];
    while (inField < until && raw < portion.text.length) {
      const two = portion.text.startsWith("\r\n", raw);
      const width = two ? 2 : portion.text.codePointAt(raw) > 0xffff ? 2 : 1;
      raw += width;
      inField += two ? 1 : width;
      signs += two ? 2 : 1;
    }
    return portion.start + signs;
  };
  const inField = (place) => {
    let [raw, found, signs] = [0, 0, portion.start];
    while (signs < place && raw < portion.text.length) {
      const two = portion.text.startsWith("\r\n", raw);
      const width = two ? 2 : portion.text.codePointAt(raw) > 0xffff ? 2 : 1;
      raw += width;
      found += two ? 1 : width;
      signs += two ? 2 : 1;
    }
    return found;
  };
  const shownPlace = (region) => carried(region.place, gaps, 0, 2);
  const here = () =>
    edits.all().filter((region) => {
      const { start, end } = shownPlace(region);
      return start < portion.start + length && end > portion.start;
    });
  const { find, fixed } = edits;

  // --- what a person does -----------------------------------------------------------------------------

  const filled = (said, region) => {
    const parts = { NUMBER: here().indexOf(region) + 1, KIND: edits.kindName(region.kind), LENGTH: region.place.end - region.place.start };
    return said.replace(/NUMBER|KIND|LENGTH/g, (name) => parts[name]);
  };
  const hide = () => {
    if (covered) return;
    if (text.selectionStart === text.selectionEnd) return say(words.nothing);
    const marked = { start: counted(text.selectionStart), end: counted(text.selectionEnd) };
    if (gaps.some((gap) => marked.start >= gap[2] && marked.end <= gap[3])) return say(words.already);
    const place = { place: "span", ...carried(marked, gaps, 2, 0) };
    const region = edits.add(place);
    chosen = region.id;
    render();
    say(filled(words.added, region));
  };
  const remove = (region) => {
    if (fixed(region)) return say(words.fixed);
    const at = [...list.children].findIndex((row) => row.dataset.region === region.id);
    const deleted = filled(words.deleted, region);
    const what = edits.remove(region);
    if (what === "deleted") chosen = null;
    say(what === "deleted" ? deleted : filled(words[what], region));
    const row = list.children[Math.min(at, list.children.length - 1)];
    (row?.querySelector("[data-take]:not([hidden])") || text).focus({ preventScroll: true });
  };
  const undo = () => {
    if (edits.undo()) say(words.undone);
  };
  const show = (region) => {
    chosen = region.id;
    render();
    const { start, end } = shownPlace(region);
    text.focus({ preventScroll: true });
    text.setSelectionRange(inField(start), inField(end));
    back.querySelector(`[data-id="${region.id}"]`)?.scrollIntoView({ block: "center" });
  };

  // The field takes a caret, so that the keyboard selects in it, and no change.
  text.addEventListener("beforeinput", (event) => event.preventDefault());
  for (const kind of ["input", "compositionend"]) {
    text.addEventListener(kind, () => {
      text.value = portion.text;
    });
  }
  text.addEventListener("drop", (event) => event.preventDefault());
  root.addEventListener("keydown", (event) => {
    const control = event.ctrlKey || event.metaKey;
    if (event.target !== text && event.target.closest("input, textarea, select")) return;
    if (control && event.key.toLowerCase() === "z") {
      event.preventDefault();
      undo();
    } else if (event.target === text && !control && !event.altKey && (event.key === "h" || event.key === "Enter")) {
      event.preventDefault();
      hide();
    } else if (event.target === text && !control && (event.key === "PageDown" || event.key === "PageUp") && !event.shiftKey) {
      if (portion.total < 2) return;
      event.preventDefault();
      load(portion.number + (event.key === "PageDown" ? 1 : -1));
    }
  });

  // --- how it looks -----------------------------------------------------------------------------------

  const plain = (low, high) => text.value.slice(inField(low), inField(high));
  const lay = (now) => {
    const last = portion.start + length;
    const edges = new Set([portion.start, last]);
    const places = now.map((region) => {
      const { start, end } = shownPlace(region);
      const [low, high] = [Math.max(start, portion.start), Math.min(end, last)];
      edges.add(low).add(high);
      return { region, low, high };
    });
    const sorted = [...edges].sort((one, other) => one - other);
    const nodes = [];
    for (let at = 0; at + 1 < sorted.length; at += 1) {
      const [low, high] = [sorted[at], sorted[at + 1]];
      const over = places.filter((place) => place.low <= low && place.high >= high);
      if (!over.length) {
        nodes.push(plain(low, high));
        continue;
      }
      const top = over[over.length - 1].region;
      const chosenHere = over.some((place) => place.region.id === chosen);
      nodes.push(element("mark", { class: `span-mark ${stateOf(top)}${chosenHere ? " chosen" : ""}`, "data-id": top.id }, plain(low, high)));
    }
    // The last line of a field that ends with a line's end is shown; that of a block is not.
    back.replaceChildren(...nodes, "\u200b");
  };
  const row = (region, ordinal) => {
    const place = shownPlace(region);
    const said = plain(Math.max(place.start, portion.start), Math.min(place.end, portion.start + length));
    const state = stateOf(region);
    const name = element("strong", {}, edits.kindName(region.kind));
    const excerpt = element("span", { class: "place" }, `${words[state]} · `, element("q", {}, said.length > EXCERPT ? `${said.slice(0, EXCERPT)}…` : said));
    const what = element("span", { class: "what" }, name, excerpt);
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
    return element("li", { class: `${state}${region.id === chosen ? " chosen" : ""}`, "data-region": region.id }, element("span", { class: "ordinal" }, ordinal), what, seen, take);
  };
  const render = () => {
    const now = here().sort((one, other) => one.place.start - other.place.start);
    lay(now);
    list.replaceChildren(...now.map((region, at) => row(region, at + 1)));
    none.hidden = now.length > 0;
    list.hidden = !now.length;
    undoButton.disabled = !edits.canUndo();
    before.disabled = portion.number <= 1;
    after.disabled = portion.number >= portion.total;
    const elsewhere = edits.all().length - now.length;
    turned.textContent = words.part.replace("NUMBER", portion.number).replace("ALL", portion.total)
      + (elsewhere ? ` · ${words["on-others"].replace("NUMBER", elsewhere)}` : "");
  };

  const load = async (number) => {
    for (let asked = 0; asked < ASKED_AGAIN; asked += 1) {
      const answer = await fetch(root.dataset.text.replace(/\/0\/$/, `/${Math.max(1, number)}/`));
      if (covered) return;
      if (answer.ok) {
        portion = await answer.json();
        length = [...portion.text].length;
        text.value = portion.text;
        stage.scrollTop = 0;
        if (portion.total > 1 && !turned.isConnected) bar.prepend(before, turned, after);
        stage.classList.remove("waits");
        chosen = null;
        render();
        return;
      }
      if (answer.status !== 503) break;
    }
    say(words["no-text"]);
    back.textContent = words["no-text"];
  };

  edits.onChange(render);
  edits.onField(() => say(words.unreadable));
  if (root.dataset.seconds) {
    setTimeout(() => {
      covered = true;
      portion = { number: 1, total: 1, start: 0, text: "" };
      text.value = "";
      back.textContent = "";
      list.querySelectorAll("q").forEach((quote) => quote.remove());
      stage.replaceChildren(element("p", { class: "notice" }, words.covered));
      hideButton.disabled = true;
      say(words.covered);
    }, 1000 * root.dataset.seconds);
  }
  stage.classList.add("waits");
  if (!edits.read()) say(words.unreadable);
  load(1);
};

document.querySelectorAll("[data-spans]").forEach(begin);
