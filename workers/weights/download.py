"""Resumable download of one URL: what has arrived stays in `TARGET.part`, and the next call goes on there."""

from __future__ import annotations

import functools
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are here so far, and how many there will be where that is known."""

CHUNK = 1 << 18
TIMEOUT = 30.0
PATIENCE = 4
"""How often in a row a download may be cut without a single new byte before it is given up."""


class SourceFailed(Exception):
    """This source doesn't give the file. `unreachable`: the network is the reason, not what was asked for."""

    def __init__(self, sentence: str, *, unreachable: bool = False) -> None:
        super().__init__(sentence)
        self.unreachable = unreachable


@functools.cache
def pip_settings() -> dict[str, str]:
    """What the user's pip is told, by option: `{"cert": …, "proxy": …}`; empty where there is no pip."""
    answer = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    # A later line wins, and pip prints its environment variables last, as it ranks them.
    return {
        match["option"]: match["value"]
        for match in re.finditer(r"^\S+?\.(?P<option>[\w-]+)='(?P<value>.*)'$", answer.stdout, re.MULTILINE)
    }


@functools.cache
def _opener() -> urllib.request.OpenerDirector:
    """Opens URLs as pip would: with its proxy and its certificates beside the system's."""
    context = ssl.create_default_context()
    certificates = pip_settings().get("cert")
    if certificates and Path(certificates).is_file():
        context.load_verify_locations(cafile=certificates)
    handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=context)]
    proxy = pip_settings().get("proxy")
    if proxy:
        handlers.append(urllib.request.ProxyHandler({"http": proxy, "https": proxy}))
    return urllib.request.build_opener(*handlers)


def download(url: str, target: Path, progress: Progress, *, pause: float = 0.5) -> None:
    """Bring `url` to `target`, going on where an earlier call was cut. Raises `SourceFailed`.

    A file that isn't complete never gets the name `target`. `pause` is the first wait after a cut, in
    seconds; it doubles with every cut that brought nothing.
    """
    part = target.with_name(f"{target.name}.part")
    if urlsplit(url).scheme == "file":
        _copy(url, part)
        os.replace(part, target)
        return
    if urlsplit(url).scheme not in ("http", "https"):
        raise SourceFailed(f"{url} is neither an http nor a file address")
    fruitless = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            complete = _take(url, part, progress)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code not in (408, 429):
                raise SourceFailed(
                    f"{_host(url)} answered {error.code} {error.reason} for {_file(url)}"
                ) from error
            complete, reason = False, f"{error.code} {error.reason}"
        except (OSError, http.client.HTTPException) as error:
            if _disk_is_full(error):
                raise
            complete, reason = False, _reason(error)
            if before == 0 and not part.exists() and _no_way_there(error):
                raise SourceFailed(f"{_host(url)} can't be reached: {reason}", unreachable=True) from error
        else:
            reason = "the connection ended early"
        if complete:
            os.replace(part, target)
            return
        fruitless = 0 if part.exists() and part.stat().st_size > before else fruitless + 1
        if fruitless >= PATIENCE:
            raise SourceFailed(
                f"{_host(url)} gave no more of {_file(url)} after {fruitless} tries: {reason}",
                unreachable=True,
            )
        time.sleep(pause * 2**fruitless)


def _take(url: str, part: Path, progress: Progress) -> bool:
    """One request; appends to `part` and tells whether all of the file is there now."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "omnigov", "Accept-Encoding": "identity"})  # noqa: S310 - http only, see download
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        answer = _opener().open(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()  # it holds the connection
        if error.code != 416:
            raise
        # Nothing lies behind what we have: either it is all of it, or it is not this file's beginning.
        if have == _total(error.headers.get("Content-Range")):
            return True
        part.unlink()
        return False
    with answer:
        resumed = answer.status == 206 and _start(answer.headers.get("Content-Range")) == have
        if not resumed:
            have = 0
        length = answer.headers.get("Content-Length")
        total = have + int(length) if length is not None else None
        if total is not None and total - have > shutil.disk_usage(part.parent).free:
            raise SourceFailed(
                f"The disk of {part.parent} has no room for {total / 1e6:.0f} MB; free some space."
            )
        with part.open("ab" if resumed else "wb") as stream:
            while chunk := answer.read(CHUNK):
                stream.write(chunk)
                have += len(chunk)
                progress(have, total)
    return total is None or have == total


def _copy(url: str, part: Path) -> None:
    source = Path(urllib.request.url2pathname(urlsplit(url).path))
    try:
        shutil.copyfile(source, part)
    except OSError as error:
        raise SourceFailed(f"{source} can't be read: {error.strerror}") from error


def _start(content_range: str | None) -> int | None:
    match = re.match(r"bytes (\d+)-", content_range or "")
    return int(match[1]) if match else None


def _total(content_range: str | None) -> int | None:
    match = re.search(r"/(\d+)$", content_range or "")
    return int(match[1]) if match else None


def _reason(error: BaseException) -> str:
    if isinstance(error, urllib.error.URLError) and not isinstance(error, urllib.error.HTTPError):
        return str(error.reason)
    return str(error) or type(error).__name__


def _no_way_there(error: BaseException) -> bool:
    """No name, no route or nobody listening: waiting a second changes none of these."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return isinstance(cause, socket.gaierror | ConnectionRefusedError) or (
        isinstance(cause, OSError) and not isinstance(cause, TimeoutError | ssl.SSLError | ConnectionError)
    )


def _disk_is_full(error: BaseException) -> bool:
    import errno

    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _file(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]
