"""A small web server that cuts connections, and a manifest of its own for each test."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from workers import offline
from workers.weights import download, manifest, store

CLOSED = "http://127.0.0.1:9"
"""Port 9 is the discard service's: nobody listens there."""


@dataclass
class Site:
    """What the server serves: `cut` maps a path to the bytes after which its next answers break off."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cut: dict[str, list[int]] = field(default_factory=dict)
    ranges: bool = True
    delay: float = 0.0
    asked: list[tuple[str, str | None]] = field(default_factory=list)


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            site.asked.append((self.path, wanted))
            time.sleep(site.delay)
            body = site.files.get(self.path)
            if body is None:
                self._answer(404, {}, b"")
                return
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and site.ranges else 0
            if start >= len(body) and start:
                self._answer(416, {"Content-Range": f"bytes */{len(body)}"}, b"")
            elif start:
                span = f"bytes {start}-{len(body) - 1}/{len(body)}"
                self._answer(206, {"Content-Range": span}, body[start:])
            else:
                self._answer(200, {}, body)

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), "Connection": "close", **headers}.items():
                self.send_header(name, value)
            if self.path.endswith("/"):
                self.send_header("Content-Type", "text/html")
            self.end_headers()
            cuts = site.cut.get(self.path)
            self.wfile.write(body[: cuts.pop(0)] if cuts else body)
            self.close_connection = True

    return Handler


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    site.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No configuration of this machine, no cache of another test, and no hub but what the test names."""
    for name in ("OMNIGOV_MODELS_FOLDER", "OMNIGOV_DATA_FOLDER", "HF_HUB_OFFLINE", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", f"{CLOSED}/simple/")
    monkeypatch.setenv("HF_ENDPOINT", CLOSED)
    monkeypatch.setenv("OMNIGOV_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("OMNIGOV_DATA_DIR", str(tmp_path / "data"))
    caches = (download.pip_settings, download._opener, manifest.manifest, store._checked)
    for cache in caches:
        cache.cache_clear()
    before = {name: os.environ.get(name) for name in offline.VARIABLES}
    yield
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    for cache in caches:
        cache.cache_clear()


def entry(name: str, content: bytes, **changes: Any) -> dict[str, Any]:
    """A manifest entry for `content`, from the hub unless `sources` are given."""
    return {
        "name": name,
        "path": f"{name}.bin",
        "role": "ocr",
        "licence": "MIT",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "sources": [{"kind": "hub", "repo": "people/things", "revision": "main", "filename": f"{name}.bin"}],
        **changes,
    }


def on_hub(name: str) -> str:
    return f"/people/things/resolve/main/{name}.bin"


Manifest = Callable[..., Path]


@pytest.fixture
def write_manifest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Manifest:
    """Writes these entries as the manifest that the code reads; returns its path."""

    def write(*files: dict[str, Any], models: list[dict[str, Any]] | None = None) -> Path:
        path = tmp_path / "manifest.json"
        path.write_text(json.dumps({"models": models or [], "files": files}))
        monkeypatch.setattr(manifest, "MANIFEST", path)
        manifest.manifest.cache_clear()
        return path

    return write


class Said:
    """A report that keeps what it is told."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.moves: list[tuple[str, int, int | None]] = []

    def moved(self, name: str, have: int, total: int | None) -> None:
        self.moves.append((name, have, total))

    def said(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def close(self) -> None:
        pass
