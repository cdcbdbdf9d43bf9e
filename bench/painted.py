"""What a browser says of a first load: bytes over the wire, the largest paint, how far things moved."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Browser, sync_playwright

LIMITS = {"bytes": 150_000, "largest_paint_ms": 1000, "layout_shift": 0.0}
_WATCH = """
window.found = { paint: 0, shift: 0 };
const watch = (type, take) =>
  new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
watch("largest-contentful-paint", (each) => (window.found.paint = each.startTime));
watch("layout-shift", (each) => (window.found.shift += each.value));
"""
_SAID = """() => ({ ...window.found,
  bytes: [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .reduce((sum, each) => sum + each.transferSize, 0),
  files: performance.getEntriesByType("resource").length + 1,
  server: performance.getEntriesByType("navigation")[0].responseEnd })"""
_SETTLES_MS = 600


def painted(port: int, pages: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """Of each page (address, session) the worst of three first loads, with nothing kept from before."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"))
        try:
            return {name: _worst(browser, port, *each) for name, each in pages.items()}
        finally:
            browser.close()


def _worst(browser: Browser, port: int, address: str, session: str) -> dict[str, Any]:
    loads = [_load(browser, f"http://localhost:{port}{address}", session) for _ in range(3)]
    return {name: max(each[name] for each in loads) for name in loads[0]}


def _load(browser: Browser, url: str, session: str) -> dict[str, Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
        page = context.new_page()
        page.add_init_script(_WATCH)
        page.goto(url, wait_until="load")
        page.wait_for_timeout(_SETTLES_MS)
        said = page.evaluate(_SAID)
        return {
            "bytes": said["bytes"],
            "files": said["files"],
            "answer_ms": round(said["server"], 1),
            "largest_paint_ms": round(said["paint"], 1),
            "layout_shift": round(said["shift"], 4),
        }
    finally:
        context.close()


def within(found: Mapping[str, Mapping[str, float]]) -> bool:
    """Whether every page keeps to the limits."""
    return all(page[name] <= limit for page in found.values() for name, limit in LIMITS.items())
