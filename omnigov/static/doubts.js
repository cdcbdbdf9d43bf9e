// What detectors were least sure of, one by one: y leaves it hidden, x takes it away; either goes on to the next.
//
//   <ol data-doubts> <li data-doubt="f3"> <button data-show> … <button data-accept> <button data-dismiss></li> </ol>
//
// The regions themselves are regions.js's, or tracks.js's: it hears `region-choose` and `region-remove` with the region's id.
"use strict";
(() => {
  const list = document.querySelector("[data-doubts]");
  const regions = document.querySelector("[data-regions], [data-followed]");
  if (!list || !regions) return;
  const lines = [...list.querySelectorAll("[data-doubt]")];
  const left = list.closest("section").querySelector("[data-doubts-left]");
  let at = -1;

  const tell = (name, id) => regions.dispatchEvent(new CustomEvent(name, { detail: { id } }));
  const count = () => {
    const open = lines.filter((line) => !line.dataset.settled).length;
    left.textContent = open ? left.dataset.some.replace("NUMBER", open) : left.dataset.none;
  };
  const go = (place) => {
    at = place;
    lines.forEach((line, other) => line.classList.toggle("chosen", other === at));
    if (!lines[at]) return;
    tell("region-choose", lines[at].dataset.doubt);
    lines[at].scrollIntoView({ block: "nearest" });
  };
  const settle = (place, what) => {
    const line = lines[place];
    if (!line) return;
    if (what === "dismissed") tell("region-remove", line.dataset.doubt);
    line.dataset.settled = what;
    line.querySelector("[data-said]").textContent = line.dataset[what];
    count();
    const next = lines.findIndex((each, other) => other > place && !each.dataset.settled);
    go(next < 0 ? lines.findIndex((each) => !each.dataset.settled) : next);
  };

  list.addEventListener("click", (event) => {
    const line = event.target.closest("[data-doubt]");
    if (!line || !event.target.closest("button")) return;
    const place = lines.indexOf(line);
    if (event.target.closest("[data-accept]")) settle(place, "accepted");
    else if (event.target.closest("[data-dismiss]")) settle(place, "dismissed");
    else go(place);
  });
  document.addEventListener("keydown", (event) => {
    if (document.documentElement.dataset.keys === "off" || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=radio],[type=checkbox]), textarea, select")) return;
    if (event.key !== "y" && event.key !== "x") return;
    event.preventDefault();
    if (at < 0) go(lines.findIndex((each) => !each.dataset.settled));
    else settle(at, event.key === "y" ? "accepted" : "dismissed");
  });
  count();
})();
