// Regions over a picture: drawn, moved, resized and taken away by mouse, finger or keyboard.
//
//   <div data-regions [data-kinds='[["FACE","Face"],…]'] [data-kind="FACE"] [data-labels] [data-page="0"] [data-keep-found]>
//     <img …>                                   its natural pixels are the regions' pixels
//     <textarea name="regions">[…]</textarea>   the value, kept current; without scripts it is edited as it stands
//     {% include "_regions_words.html" %}
//   </div>
//
// A region: {id, place: {place: "area", part, left, top, right, bottom}, kind, label, origin: "found" | "drawn",
// removed}. A found one that is deleted is marked as removed and can be taken back; a drawn one is gone. Regions on
// other pages than `data-page`, which are parts of the same medium, are left as they are. With `data-pages`, an address
// that answers {pages: [{src, width, height}, …]}, a person goes from page to page. `data-kinds` offers a choice of kinds for drawn regions and names those of found ones, `data-kind` is
// what a new one is (else the first of the kinds, else BY_HAND), `data-labels` asks for a word on each drawn one, and
// with `data-keep-found` found ones stay where they are. After `data-seconds`, if given, the picture is covered.
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const CORNERS = [["left", "top"], ["right", "top"], ["left", "bottom"], ["right", "bottom"]];
  const ZOOMS = [1, 2, 4];
  const WHOLE = "whole"; // a pixel of the picture for a pixel of the screen
  const UNDO_STEPS = 200;
  const STEP = 4; // on the screen, for each press of an arrow
  const SMALLEST = 4; // on the screen: less than that is a click, not a drawing
  const KNOB = 10; // on the screen
  const GRIP = 28; // on the screen: what a finger has to meet

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const drawn = (name, attributes = {}) => {
    const made = document.createElementNS(SVG, name);
    set(made, attributes);
    return made;
  };
  const set = (node, attributes) => {
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  };
  const within = (value, low, high) => Math.min(Math.max(value, low), high);

  const begin = (root, pages = []) => {
    const image = root.querySelector("img");
    const field = root.querySelector("textarea");
    const words = Object.fromEntries(
      [...root.querySelectorAll("[data-regions-words] dt")].map((dt) => [dt.textContent, dt.nextElementSibling.textContent]),
    );
    const kinds = JSON.parse(root.dataset.kinds || "[]");
    const kindName = (kind) => (kinds.find(([code]) => code === kind) || [kind, kind])[1];
    const newKind = root.dataset.kind || (kinds.length ? kinds[0][0] : "BY_HAND");
    const labelled = root.dataset.labels !== undefined;
    let page = Number(root.dataset.page || 0);
    let width = image.naturalWidth;
    let height = image.naturalHeight;
    const shown = new Map(); // by id: what stands for a region on the picture and in the list
    const past = [];
    let lastStep = { what: "", when: 0 };
    let regions = [];
    let chosen = null;
    let dragging = null;

    // --- what stands around the picture ---------------------------------------------------------------

    const surface = drawn("svg", {
      class: "regions-surface", viewBox: `0 0 ${width} ${height}`, tabindex: 0, role: "group", "aria-label": words.surface,
    });
    const canvas = element("div", { class: "regions-canvas" });
    const stage = element("div", { class: "regions-stage", "data-zoom": 1 }, canvas);
    const live = element("p", { class: "hidden", role: "status", "aria-live": "polite" });
    const list = element("ol", { class: "regions-list", "aria-label": words.list });
    const none = element("p", { class: "none" }, words.none);
    const button = (name, act, quiet = "button quiet small") => {
      const made = element("button", { type: "button", class: quiet, "data-do": name }, words[name]);
      made.addEventListener("click", act);
      return made;
    };
    const undoButton = button("undo", () => undo());
    const touchButton = button("touch", () => {
      const on = surface.classList.toggle("by-touch");
      touchButton.setAttribute("aria-pressed", on);
    });
    touchButton.setAttribute("aria-pressed", "true");
    surface.classList.add("by-touch");
    const bar = element(
      "div", { class: "regions-bar", role: "toolbar", "aria-label": words.tools },
      button("add", () => addInTheMiddle()), undoButton,
      button("larger", () => zoom(1)), button("smaller", () => zoom(-1)),
      ...(root.dataset.wholeSize === undefined ? [] : [button("whole-size", () => wholeSize())]), touchButton,
    );
    bar.querySelector("[data-do=add]").dataset.key = "d";
    const grips = drawn("g", { class: "grips", "aria-hidden": "true" });
    CORNERS.forEach((_, corner) => {
      const grip = drawn("g", { class: `grip corner-${corner}`, "data-corner": corner });
      grip.append(drawn("rect", { class: "reach" }), drawn("rect", { class: "knob" }));
      grips.append(grip);
    });
    image.before(stage);
    canvas.append(image, surface);
    stage.before(bar);
    stage.after(element("div", { class: "regions-side" }, element("p", { class: "help" }, words.help, ...(pages.length > 1 ? [` ${words["help-pages"]}`] : [])), none, list), live);
    root.classList.add("regions");

    const say = (text) => {
      live.textContent = "";
      live.textContent = text;
    };
    // --- from page to page ----------------------------------------------------------------------------

    const turned = element("span", { class: "regions-page", "aria-live": "polite" });
    const turn = async (by) => {
      const next = pages[page + by];
      if (!next || dragging || covered) return;
      const loaded = new Image();
      loaded.src = next.src;
      try {
        await loaded.decode();
      } catch {
        return say(words["no-page"]);
      }
      if (covered) return;
      page += by;
      [width, height] = [loaded.naturalWidth, loaded.naturalHeight];
      image.src = next.src;
      if (stage.dataset.zoom === WHOLE) canvas.style.width = `${width}px`;
      set(image, { width, height });
      set(surface, { viewBox: `0 0 ${width} ${height}` });
      chosen = null;
      stage.scrollTop = 0;
      render();
    };
    let covered = false;
    const [before, after] = [button("page-before", () => turn(-1)), button("page-after", () => turn(1))];
    if (pages.length > 1) bar.prepend(before, turned, after);

    const wholeSize = () => {
      stage.dataset.zoom = WHOLE;
      canvas.style.width = `${width}px`;
      render();
    };
    const zoom = (by) => {
      canvas.style.width = "";
      if (stage.dataset.zoom === WHOLE) stage.dataset.zoom = by > 0 ? 1 : 2;
      const next = ZOOMS[within(ZOOMS.indexOf(Number(stage.dataset.zoom)) + by, 0, ZOOMS.length - 1)];
      stage.dataset.zoom = next;
      render();
      if (chosen && shown.has(chosen)) shown.get(chosen).group.scrollIntoView({ block: "nearest", inline: "nearest" });
    };
    // Pixels of the picture for one of the screen.
    const scale = () => width / (surface.getBoundingClientRect().width || width);

    // --- the value ------------------------------------------------------------------------------------

    const whole = (region) => ({
      kind: newKind, label: "", origin: "drawn", removed: false, ...region,
      id: String(region.id ?? fresh()),
    });
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
        for (const region of value) regions.push(whole(region));
        return true;
      } catch {
        return false;
      }
    };
    const write = () => {
      field.value = JSON.stringify(regions);
      field.dispatchEvent(new Event("input", { bubbles: true })); // whoever keeps the form's draft hears it
      render();
    };
    const here = () => regions.filter((region) => region.place.part === page);
    const find = (id) => regions.find((region) => region.id === id);
    const fixed = (region) => region.origin === "found" && !region.removed && root.dataset.keepFound !== undefined;
    // Presses that follow one another quickly are one step back.
    const remember = (what) => {
      const now = Date.now();
      if (!what || what !== lastStep.what || now - lastStep.when > 1000) past.push(JSON.stringify(regions));
      if (past.length > UNDO_STEPS) past.shift();
      lastStep = { what, when: now };
    };
    const undo = () => {
      if (!past.length) return;
      regions = JSON.parse(past.pop());
      lastStep = { what: "", when: 0 };
      write();
      say(words.undone);
      if (!shown.has(chosen)) {
        chosen = null;
        surface.focus({ preventScroll: true });
      }
    };

    // --- what a person does -----------------------------------------------------------------------------

    const filled = (text, region) => {
      const { left, top, right, bottom } = region.place;
      const parts = {
        NUMBER: here().indexOf(region) + 1, KIND: kindName(region.kind) + (region.label ? `, ${region.label}` : ""),
        LEFT: left, TOP: top, WIDTH: right - left, HEIGHT: bottom - top,
      };
      return text.replace(/NUMBER|KIND|LEFT|TOP|WIDTH|HEIGHT/g, (name) => parts[name]);
    };
    const choose = (id, focus = false) => {
      chosen = id;
      render();
      if (focus && shown.has(id)) shown.get(id).group.focus({ preventScroll: true });
    };
    const add = (box) => {
      remember("");
      const place = { place: "area", part: page, ...box };
      const region = { id: fresh(), place, kind: newKind, label: "", origin: "drawn", removed: false };
      regions.push(region);
      write();
      choose(region.id, true);
      say(filled(words.added, region));
    };
    const addInTheMiddle = () => {
      const half = [Math.max(1, Math.round(width / 12)), Math.max(1, Math.round(height / 12))];
      // In the middle of what is in sight, however large the picture is shown.
      const middle = (scroll, seen, all, length) => within(Math.round(((scroll + Math.min(seen, all) / 2) / (all || 1)) * length), 0, length);
      const x = middle(stage.scrollLeft, stage.clientWidth, surface.clientWidth || canvas.clientWidth, width);
      const y = middle(stage.scrollTop, stage.clientHeight, surface.clientHeight || canvas.clientHeight, height);
      add({ left: Math.max(0, x - half[0]), top: Math.max(0, y - half[1]), right: Math.min(width, x + half[0]), bottom: Math.min(height, y + half[1]) });
    };
    const remove = (region) => {
      if (fixed(region)) return say(words.fixed);
      remember("");
      if (region.origin === "found") {
        region.removed = !region.removed;
        write();
        return say(filled(region.removed ? words.removed : words["taken-back"], region));
      }
      const text = filled(words.deleted, region);
      const all = here();
      const next = all[all.indexOf(region) + 1] || all[all.indexOf(region) - 1];
      const inList = list.contains(document.activeElement);
      regions = regions.filter((each) => each !== region);
      write();
      chosen = null;
      if (next && inList) shown.get(next.id).take.focus();
      else if (next) choose(next.id, true);
      else surface.focus({ preventScroll: true });
      say(text);
    };
    const moved = (box, x, y) => {
      const across = within(x, -box.left, width - box.right);
      const down = within(y, -box.top, height - box.bottom);
      return { ...box, left: box.left + across, top: box.top + down, right: box.right + across, bottom: box.bottom + down };
    };
    const resized = (box, x, y) => ({
      ...box,
      right: within(box.right + x, box.left + 1, width),
      bottom: within(box.bottom + y, box.top + 1, height),
    });
    const pulled = (box, [side, edge], x, y) => {
      const low = { left: 0, right: box.left + 1, top: 0, bottom: box.top + 1 };
      const high = { left: box.right - 1, right: width, top: box.bottom - 1, bottom: height };
      return {
        ...box,
        [side]: within(box[side] + x, low[side], high[side]),
        [edge]: within(box[edge] + y, low[edge], high[edge]),
      };
    };

    root.addEventListener("keydown", (event) => {
      if (event.target.closest("input, textarea, select")) return;
      const control = event.ctrlKey || event.metaKey;
      if (event.key === "PageDown" || event.key === "PageUp") {
        if (pages.length < 2) return;
        event.preventDefault();
        turn(event.key === "PageDown" ? 1 : -1);
        return;
      }
      if (control && event.key.toLowerCase() === "z") {
        event.preventDefault();
        undo();
        return;
      }
      const group = event.target.closest(".region");
      const region = group && find(group.dataset.id);
      if (!region && event.target !== surface) return;
      if (!control && !event.altKey && (event.key === "a" || (event.key === "Enter" && !region))) {
        event.preventDefault();
        addInTheMiddle();
      } else if (region && (event.key === "Delete" || event.key === "Backspace")) {
        event.preventDefault();
        remove(region);
      } else if (region && event.key === "Enter") {
        event.preventDefault();
        const row = shown.get(region.id).row;
        (row.querySelector("select:not(:disabled), input") || row.querySelector("button"))?.focus();
      } else if (region && ARROWS[event.key]) {
        event.preventDefault();
        if (fixed(region)) return say(words.fixed);
        const step = control ? 1 : Math.max(1, Math.round(STEP * scale()));
        const [x, y] = ARROWS[event.key].map((way) => way * step);
        remember(`${event.shiftKey ? "resize" : "move"} ${region.id}`);
        region.place = event.shiftKey ? resized(region.place, x, y) : moved(region.place, x, y);
        write();
        say(filled(event.shiftKey ? words.resized : words.moved, region));
      } else if (region && event.key === "Escape") {
        choose(null);
        surface.focus({ preventScroll: true });
      }
    });

    const point = (event) => {
      const frame = surface.getBoundingClientRect();
      return [
        within(Math.round(((event.clientX - frame.left) / frame.width) * width), 0, width),
        within(Math.round(((event.clientY - frame.top) / frame.height) * height), 0, height),
      ];
    };
    const pencil = drawn("rect", { class: "pencil" });
    const meant = (event, [x, y]) => {
      if (event.shiftKey) return null;
      const mine = here().find((region) => region.id === chosen);
      const { left, top, right, bottom } = mine ? mine.place : {};
      if (mine && x >= left && x < right && y >= top && y < bottom) return mine;
      const group = event.target.closest(".region");
      return group && find(group.dataset.id);
    };
    surface.addEventListener("pointerdown", (event) => {
      if (event.button || dragging) return;
      const from = point(event);
      const grip = event.target.closest(".grip");
      const region = grip ? find(chosen) : meant(event, from);
      if (event.pointerType === "touch" && !region && !surface.classList.contains("by-touch")) return;
      event.preventDefault();
      if (region && !fixed(region)) {
        choose(region.id, true);
        dragging = { region, from, box: region.place, corner: grip && CORNERS[grip.dataset.corner] };
      } else {
        if (region) choose(region.id, true);
        dragging = { from, fixed: region };
        surface.append(pencil);
        set(pencil, { x: 0, y: 0, width: 0, height: 0 });
      }
      dragging.pointer = event.pointerId;
      dragging.scale = scale();
      surface.setPointerCapture(event.pointerId);
    });
    surface.addEventListener("pointermove", (event) => {
      if (!dragging || event.pointerId !== dragging.pointer) return;
      const { region, from, box, corner } = dragging;
      const to = point(event);
      const [x, y] = [to[0] - from[0], to[1] - from[1]];
      if (!region) {
        set(pencil, {
          x: Math.min(from[0], to[0]), y: Math.min(from[1], to[1]), width: Math.abs(x), height: Math.abs(y),
        });
        return;
      }
      if (!dragging.kept && !x && !y) return;
      if (!dragging.kept) remember("");
      dragging.kept = true;
      region.place = corner ? pulled(box, corner, x, y) : moved(box, x, y);
      write();
    });
    const end = (event) => {
      if (!dragging || event.pointerId !== dragging.pointer) return;
      const { region, from, corner, kept, scale: per, fixed: touched } = dragging;
      dragging = null;
      pencil.remove();
      if (event.type === "pointercancel") {
        if (kept) undo();
        return;
      }
      if (region) {
        if (kept) say(filled(corner ? words.resized : words.moved, region));
        return;
      }
      const to = point(event);
      const box = {
        left: Math.min(from[0], to[0]), top: Math.min(from[1], to[1]), right: Math.max(from[0], to[0]), bottom: Math.max(from[1], to[1]),
      };
      const least = Math.max(1, SMALLEST * per);
      if (box.right - box.left >= least && box.bottom - box.top >= least) add(box);
      else if (touched) say(words.fixed);
      else choose(null);
    };
    surface.addEventListener("pointerup", end);
    surface.addEventListener("pointercancel", end);

    // --- how it looks -----------------------------------------------------------------------------------

    const make = (region) => {
      const group = drawn("g", { class: "region", tabindex: 0, role: "button", "data-id": region.id });
      const parts = ["rect", "path"].flatMap((shape) => ["halo", "line"].map((name) => drawn(shape, { class: name })));
      const number = drawn("text", { class: "region-number", "aria-hidden": "true" });
      group.append(...parts, number);
      group.addEventListener("focus", () => {
        if (chosen !== region.id) choose(region.id);
      });
      const ordinal = element("span", { class: "ordinal" });
      const name = element("strong");
      const place = element("span", { class: "place" });
      const take = element("button", { type: "button", class: "button quiet small" });
      take.addEventListener("click", () => remove(find(region.id)));
      const row = element("li", { "data-region": region.id }, ordinal, element("span", { class: "what" }, name, place), take);
      const controls = region.origin === "drawn" ? fields(region, row) : {};
      if (controls.select) name.hidden = true;
      row.addEventListener("pointerenter", () => group.classList.add("pointed"));
      row.addEventListener("pointerleave", () => group.classList.remove("pointed"));
      row.addEventListener("focusin", () => {
        if (chosen !== region.id) choose(region.id);
      });
      return { group, parts, number, ordinal, name, place, take, row, ...controls };
    };
    const fields = (region, row) => {
      const what = row.querySelector(".what");
      const made = {};
      if (kinds.length) {
        made.select = element("select", {}, ...kinds.map(([code, name]) => element("option", { value: code }, name)));
        made.select.addEventListener("change", () => {
          remember("");
          find(region.id).kind = made.select.value;
          write();
        });
        what.prepend(made.select);
      }
      if (labelled) {
        made.input = element("input", { type: "text", maxlength: 60, placeholder: words.label });
        made.input.addEventListener("input", () => {
          remember(`label ${region.id}`);
          find(region.id).label = made.input.value;
          write();
        });
        what.prepend(made.input);
      }
      return made;
    };
    const lay = (region, ordinal) => {
      const parts = shown.get(region.id);
      const { left, top, right, bottom } = region.place;
      const per = scale();
      const d = region.removed ? `M${left} ${top}L${right} ${bottom}M${right} ${top}L${left} ${bottom}` : "";
      for (const part of parts.parts) {
        set(part, part.tagName === "rect" ? { x: left, y: top, width: right - left, height: bottom - top } : { d });
      }
      const state = region.removed ? "is-removed" : region.origin === "found" ? "is-found" : "is-drawn";
      set(parts.group, {
        class: `region ${state}${region.id === chosen ? " chosen" : ""}${fixed(region) ? " fixed" : ""}`,
        "aria-label": filled(words[`a-${state}`], region),
        "aria-pressed": region.id === chosen,
      });
      const size = 15 * per;
      parts.number.textContent = ordinal;
      set(parts.number, { x: left + 4 * per, y: top + size, "font-size": size, "stroke-width": 4 * per });
      parts.row.className = `${state}${region.id === chosen ? " chosen" : ""}`;
      parts.ordinal.textContent = ordinal;
      parts.name.textContent = kindName(region.kind);
      parts.place.textContent = filled(words[state], region);
      parts.take.textContent = region.removed ? words["take-back"] : words.remove;
      parts.take.setAttribute("aria-label", `${parts.take.textContent}: ${filled(words.name, region)}`);
      parts.take.hidden = fixed(region);
      if (parts.select) {
        parts.select.value = region.kind;
        parts.select.setAttribute("aria-label", `${words.kind}: ${filled(words.name, region)}`);
      }
      if (parts.input) {
        if (document.activeElement !== parts.input) parts.input.value = region.label;
        parts.input.setAttribute("aria-label", `${words.label}: ${filled(words.name, region)}`);
      }
    };
    // The grips of the chosen region lie over all regions: it may lie under another one.
    const layGrips = () => {
      const region = here().find((each) => each.id === chosen);
      const free = region && !region.removed && !fixed(region);
      surface.append(grips);
      grips.setAttribute("visibility", free ? "visible" : "hidden");
      if (!free) return;
      const per = scale();
      grips.childNodes.forEach((grip, corner) => {
        const [side, edge] = CORNERS[corner];
        grip.childNodes.forEach((rect, place) => {
          const span = (place ? KNOB : GRIP) * per;
          set(rect, { x: region.place[side] - span / 2, y: region.place[edge] - span / 2, width: span, height: span });
        });
      });
    };
    const render = () => {
      const now = here();
      const ids = new Set(now.map((region) => region.id));
      for (const [id, parts] of shown) {
        if (ids.has(id)) continue;
        parts.group.remove();
        parts.row.remove();
        shown.delete(id);
      }
      now.forEach((region, place) => {
        if (!shown.has(region.id)) {
          shown.set(region.id, make(region));
        }
        const { group, row } = shown.get(region.id);
        if (surface.children[place] !== group) surface.insertBefore(group, surface.children[place] || null);
        if (list.children[place] !== row) list.insertBefore(row, list.children[place] || null);
        lay(region, place + 1);
      });
      layGrips();
      none.hidden = now.length > 0;
      list.hidden = !now.length;
      undoButton.disabled = !past.length;
      before.disabled = page === 0;
      after.disabled = page + 1 >= pages.length;
      const elsewhere = regions.length - now.length;
      turned.textContent = words.page.replace("NUMBER", page + 1).replace("ALL", pages.length)
        + (elsewhere ? ` · ${words["on-others"].replace("NUMBER", elsewhere)}` : "");
    };

    field.addEventListener("change", () => {
      const before = JSON.stringify(regions);
      if (!read()) return say(words.unreadable);
      past.push(before);
      render();
    });
    if (root.dataset.seconds) {
      setTimeout(() => {
        covered = true;
        image.src = "";
        canvas.classList.add("covered");
        canvas.prepend(element("p", { class: "notice" }, words.covered));
        say(words.covered);
      }, 1000 * root.dataset.seconds);
    }
    root.addEventListener("region-choose", ({ detail }) => {
      const region = find(detail.id);
      if (!region) return;
      const there = region.place.part - page;
      Promise.resolve(there && turn(there)).then(() => {
        choose(detail.id, true);
        shown.get(detail.id)?.group.scrollIntoView({ block: "center", inline: "center" });
      });
    });
    root.addEventListener("region-remove", ({ detail }) => {
      const region = find(detail.id);
      if (region && !region.removed) remove(region);
    });
    if (root.dataset.wholeSize !== undefined && width > stage.clientWidth) wholeSize();
    new ResizeObserver(render).observe(surface);
    if (!read()) say(words.unreadable);
    render();
  };

  const loaded = (root, pages) => {
    const image = root.querySelector("img");
    if (image.complete && image.naturalWidth) begin(root, pages);
    else image.addEventListener("load", () => begin(root, pages), { once: true });
  };
  // A worker opens an original: until it has, the server lets the browser wait, and then ask again.
  const ASKED_AGAIN = 20;
  const listed = async (root) => {
    const image = root.querySelector("img");
    const waits = element("p", { class: "none", role: "status" }, root.querySelector("[data-waits]").textContent);
    image.before(waits);
    for (let asked = 0; asked < ASKED_AGAIN; asked += 1) {
      const answer = await fetch(root.dataset.pages);
      if (answer.ok) {
        const { pages } = await answer.json();
        const first = pages[Number(root.dataset.page || 0)] || pages[0];
        image.src = first.src;
        waits.remove();
        loaded(root, pages);
        return;
      }
      if (answer.status !== 503) break;
    }
    waits.textContent = root.querySelector("[data-no-pages]").textContent;
  };
  for (const root of document.querySelectorAll("[data-regions]")) {
    if (root.dataset.pages) listed(root);
    else loaded(root, []);
  }
})();
