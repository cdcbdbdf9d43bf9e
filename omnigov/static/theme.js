// Runs before the page is drawn, so that a chosen theme does not flash in the other one first.
"use strict";
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  document.documentElement.dataset.keys = localStorage.getItem("keys") === "off" ? "off" : "on";
} catch {
  // A browser that keeps nothing for us follows the device.
}
document.documentElement.dataset.script = "on";
