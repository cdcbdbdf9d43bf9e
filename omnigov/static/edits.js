// The regions of a form's field while a person changes them: read from it, changed with steps back, and written to it.
//
// A region: {id, place, kind, label, origin: "found" | "drawn", removed}. A found one that is taken away is marked as
// removed and can be taken back; a drawn one is gone. With `data-keep-found` on the root found ones stay as they are.
// Several parts of a page may change the regions of one root: each is told when they changed, and shows its own.
const UNDO_STEPS = 200;
const ONE_STEP = 1000; // milliseconds within which presses of one kind are one step back

export const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

// The words of a <dl>, by what they are called there.
export const wordsOf = (root, selector) =>
  Object.fromEntries([...root.querySelectorAll(`${selector} dt`)].map((dt) => [dt.textContent, dt.nextElementSibling.textContent]));

export const stateOf = (region) => (region.removed ? "is-removed" : region.origin === "found" ? "is-found" : "is-drawn");

const begun = new WeakMap();

export const editsOf = (root) => {
  if (!begun.has(root)) begun.set(root, begin(root));
  return begun.get(root);
};

const begin = (root) => {
  const field = root.querySelector("textarea");
  const kinds = JSON.parse(root.dataset.kinds || "[]");
  const kindName = (kind) => (kinds.find(([code]) => code === kind) || [kind, kind])[1];
  const newKind = root.dataset.kind || (kinds.length ? kinds[0][0] : "BY_HAND");
  const past = [];
  const told = [];
  let regions = [];
  let last = { what: "", when: 0 };

  const tell = () => told.forEach((each) => each());
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
  const remember = (what = "") => {
    const now = Date.now();
    if (!what || what !== last.what || now - last.when > ONE_STEP) past.push(JSON.stringify(regions));
    if (past.length > UNDO_STEPS) past.shift();
    last = { what, when: now };
  };
  const write = () => {
    field.value = JSON.stringify(regions);
    field.dispatchEvent(new Event("input", { bubbles: true })); // whoever keeps the form's draft hears it
    tell();
  };
  // False where there is nothing to go back to.
  const undo = () => {
    if (!past.length) return false;
    regions = JSON.parse(past.pop());
    last = { what: "", when: 0 };
    write();
    return true;
  };
  const find = (id) => regions.find((region) => region.id === id);
  const fixed = (region) => region.origin === "found" && !region.removed && root.dataset.keepFound !== undefined;
  const add = (place) => {
    remember();
    const region = { id: fresh(), place, kind: newKind, label: "", origin: "drawn", removed: false };
    regions.push(region);
    write();
    return region;
  };
  // What became of it: "removed", "taken-back" or "deleted".
  const remove = (region) => {
    remember();
    if (region.origin === "found") region.removed = !region.removed;
    else regions = regions.filter((each) => each !== region);
    write();
    return region.origin !== "found" ? "deleted" : region.removed ? "removed" : "taken-back";
  };
  // A choice of kinds for what a person drew; null where there is none. `again` is called once it was made.
  const kindField = (region, named, again) => {
    if (region.origin !== "drawn" || !kinds.length) return null;
    const select = element("select", { "aria-label": named }, ...kinds.map(([code, word]) => element("option", { value: code }, word)));
    select.value = region.kind;
    select.addEventListener("change", () => {
      remember();
      region.kind = select.value;
      write();
      again();
    });
    return select;
  };
  // `unreadable` is called where somebody wrote something into the field that holds no regions.
  const onField = (unreadable) =>
    field.addEventListener("change", () => {
      const before = JSON.stringify(regions);
      if (!read()) return unreadable();
      past.push(before);
      return tell();
    });

  return {
    all: () => regions, fresh, read, remember, write, undo, find, fixed, add, remove, kindField, kindName, newKind, onField,
    canUndo: () => past.length > 0,
    onChange: (each) => told.push(each),
  };
};
