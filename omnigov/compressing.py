"""Pages, style sheets and scripts go over the wire compressed: a first page is a third of its bytes then.

Only text of our own, and only whole: media and exports are compressed already, are sent in ranges, or stream.
A page gets a name of random length along (Django's mitigation of BREACH, "Heal the Breach"), so that the size
of a page with a secret in it says nothing of the secret.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.text import compress_string

_ACCEPTS = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
PAGES = frozenset({"text/html"})
FILES = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml"})
LEAST = 1000
"""Bytes from which on it is worth it."""
_RANDOM = 100
"""Bytes of random name at most."""


class Compressed:
    """Compresses what is worth it, for whoever takes it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        kind = response.get("Content-Type", "").partition(";")[0].strip()
        if kind not in PAGES | FILES or response.streaming or response.status_code == 206:
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        takes = _ACCEPTS.search(request.headers.get("Accept-Encoding", ""))
        if not takes or response.has_header("Content-Encoding") or len(response.content) < LEAST:
            return response
        # A file of ours holds no secret and stays as it is: compressed once, and as small as it gets.
        small = (
            _file(response.content)
            if kind in FILES
            else compress_string(response.content, max_random_bytes=_RANDOM)
        )
        response.content = small
        response["Content-Length"] = str(len(small))
        response["Content-Encoding"] = "gzip"
        if response.get("ETag", "").startswith('"'):
            response["ETag"] = f"W/{response['ETag']}"
        return response


@lru_cache(maxsize=128)
def _file(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9, mtime=0)
