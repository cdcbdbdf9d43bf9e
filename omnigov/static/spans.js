// Spans of a text: marked by mouse or keyboard in a field that can't be changed, listed, and taken away.
//
//   <div data-spans data-text="…/0/" [data-kinds='[["FACE","Face"],…]'] [data-gaps='[[1,5,1,11],…]'] [data-keep-found]>
//     <textarea name="regions">[…]</textarea>   the value, kept current; without scripts it is edited as it stands
//     {% include "_spans_words.html" %}
//   </div>
//
// A region is as regions.js has it, with place: {place: "span", start, end} in characters of the ORIGINAL. `data-text`,
// with the number of a portion in place of its 0, answers {number, total, start, text}: of the original, or, where
// `data-gaps` says what stands in it for what, of the redacted copy. A gap is start and end in the original, start and
// end in the copy. A character is a code point, as Python counts them. With `data-keep-found` found spans stay. After
// `data-seconds`, if given, the text is covered.
"use strict";
(() => {
  const UNDO_STEPS = 200;
  const EXCERPT = 60;
  const ASKED_AGAIN = 20; // an original is opened by a worker, which takes a while

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

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
    const field = root.querySelector("textarea");
    const words = Object.fromEntries(
      [...root.querySelectorAll("[data-spans-words] dt")].map((dt) => [dt.textContent, dt.nextElementSibling.textContent]),
    );
    const kinds = JSON.parse(root.dataset.kinds || "[]");
    const gaps = JSON.parse(root.dataset.gaps || "[]");
    const kindName = (kind) => (kinds.find(([code]) => code === kind) || [kind, kind])[1];
    const newKind = kinds.length ? kinds[0][0] : "BY_HAND";
    const past = [];
    let regions = [];
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
      regions.filter((region) => {
        const { start, end } = shownPlace(region);
        return start < portion.start + length && end > portion.start;
      });
    const find = (id) => regions.find((region) => region.id === id);
    const fixed = (region) => region.origin === "found" && !region.removed && root.dataset.keepFound !== undefined;

    // --- the value --------------------------------------------------------------------------------------

    const fresh = () => {
      let number = 1;
      while (regions.some((region) => region.id === `n${number}`)) number += 1;
      return `n${number}`;
    };
    const read = () => {
      try {
        const value = JSON.parse(field.value || "[]");
        if (!Array.isArray(value) || value.some((region) => !region.place)) return false;
        regions = [];
        for (const region of value) {
          regions.push({ kind: newKind, label: "", origin: "drawn", removed: false, ...region, id: String(region.id ?? fresh()) });
        }
        return true;
      } catch {
        return false;
      }
    };
    const remember = () => {
      past.push(JSON.stringify(regions));
      if (past.length > UNDO_STEPS) past.shift();
    };
    const write = () => {
      field.value = JSON.stringify(regions);
      field.dispatchEvent(new Event("input", { bubbles: true })); // whoever keeps the form's draft hears it
      render();
    };
    const undo = () => {
      if (!past.length) return;
      regions = JSON.parse(past.pop());
      write();
      say(words.undone);
    };

    // --- what a person does -----------------------------------------------------------------------------

    const filled = (said, region) => {
      const parts = { NUMBER: here().indexOf(region) + 1, KIND: kindName(region.kind), LENGTH: region.place.end - region.place.start };
      return said.replace(/NUMBER|KIND|LENGTH/g, (name) => parts[name]);
    };
    const hide = () => {
      if (covered) return;
      if (text.selectionStart === text.selectionEnd) return say(words.nothing);
      const marked = { start: counted(text.selectionStart), end: counted(text.selectionEnd) };
      if (gaps.some((gap) => marked.start >= gap[2] && marked.end <= gap[3])) return say(words.already);
      const place = { place: "span", ...carried(marked, gaps, 2, 0) };
      remember();
      const region = { id: fresh(), place, kind: newKind, label: "", origin: "drawn", removed: false };
      regions.push(region);
      chosen = region.id;
      write();
      say(filled(words.added, region));
    };
    const remove = (region) => {
      if (fixed(region)) return say(words.fixed);
      remember();
      const rows = [...list.children];
      const at = rows.findIndex((row) => row.dataset.region === region.id);
      if (region.origin === "found") {
        region.removed = !region.removed;
        write();
        say(filled(region.removed ? words.removed : words["taken-back"], region));
      } else {
        const said = filled(words.deleted, region);
        regions = regions.filter((each) => each !== region);
        chosen = null;
        write();
        say(said);
      }
      const row = list.children[Math.min(at, list.children.length - 1)];
      (row?.querySelector("[data-take]:not([hidden])") || text).focus({ preventScroll: true });
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

    const stateOf = (region) => (region.removed ? "is-removed" : region.origin === "found" ? "is-found" : "is-drawn");
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
      const name = element("strong", {}, kindName(region.kind));
      const excerpt = element("span", { class: "place" }, `${words[state]} · `, element("q", {}, said.length > EXCERPT ? `${said.slice(0, EXCERPT)}…` : said));
      const what = element("span", { class: "what" }, name, excerpt);
      if (region.origin === "drawn" && kinds.length) {
        const select = element("select", { "aria-label": `${words.kind}: ${filled(words.name, region)}` }, ...kinds.map(([code, word]) => element("option", { value: code }, word)));
        select.value = region.kind;
        select.addEventListener("change", () => {
          remember();
          region.kind = select.value;
          write();
          list.querySelector(`[data-region="${region.id}"] select`)?.focus();
        });
        name.replaceWith(select);
      }
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
      undoButton.disabled = !past.length;
      before.disabled = portion.number <= 1;
      after.disabled = portion.number >= portion.total;
      const elsewhere = regions.length - now.length;
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

    field.addEventListener("change", () => {
      const old = JSON.stringify(regions);
      if (!read()) return say(words.unreadable);
      past.push(old);
      render();
    });
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
    if (!read()) say(words.unreadable);
    load(1);
  };

  document.querySelectorAll("[data-spans]").forEach(begin);
})();
