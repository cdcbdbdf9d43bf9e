"""The log for other people's clients: https://c2sp.org/tlog-tiles, read only.

`/checkpoint`, `/tile/LEVEL/INDEX[.p/WIDTH]` and `/tile/entries/INDEX[.p/WIDTH]` under the log's address.
Hashes tell nothing of an entry, so checkpoint and tiles can be open to anybody (OMNIGOV_LOG_PUBLIC). Entries
are those of every workspace, so they are handed out for the installation's own token (OMNIGOV_LOG_TOKEN).
"""

from __future__ import annotations

import hmac
import re
import struct

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from omnigov.ledger import queries
from omnigov.ledger.tiles import HEIGHT, WIDTH, tile

FOREVER = "max-age=31536000, immutable"
#: Groups of three digits, all but the last with an x before it; a tile that is not full says its width.
_PLACE = re.compile(r"((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
LEVELS = 6  # more than 2⁴⁰ entries, and level 5 still has a single hash


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest signed checkpoint."""
    _let_in(request, public=settings.OMNIGOV_LOG_PUBLIC)
    newest = queries.latest_checkpoint()
    if newest is None:
        raise Http404
    response = HttpResponse(queries.cosigned_note(newest), content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def hashes(request: HttpRequest, level: int, place: str) -> HttpResponse:
    """A tile of the tree: 32 bytes a hash."""
    _let_in(request, public=settings.OMNIGOV_LOG_PUBLIC)
    index, width = _of_the_log(level, place)
    return _bytes(tile(level, index, width), public=settings.OMNIGOV_LOG_PUBLIC)


@require_safe
def entries(request: HttpRequest, place: str) -> HttpResponse:
    """The entries under a tile of level 0, each after its length in two bytes, big endian."""
    _let_in(request, public=False)
    index, width = _of_the_log(0, place)
    first = index * WIDTH
    bodies = [body for _, body in queries.entries(size=first + width, start=first)]
    return _bytes(b"".join(struct.pack(">H", len(body)) + body for body in bodies), public=False)


def _let_in(request: HttpRequest, *, public: bool) -> None:
    token = settings.OMNIGOV_LOG_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not public and not (token and hmac.compare_digest(given.encode(), token.encode())):
        raise PermissionDenied


def _of_the_log(level: int, place: str) -> tuple[int, int]:
    """Index and width of a tile that the signed log has; 404 for any other."""
    found = _PLACE.fullmatch(place)
    newest = queries.latest_checkpoint()
    if not found or newest is None or level >= LEVELS:
        raise Http404
    index, width = int(found[1].replace("x", "").replace("/", "")), int(found[2] or WIDTH)
    # One index has one address: no group of zeros before it, and a full tile names no width.
    if found[1] != place_of(index) or (found[2] and width >= WIDTH):
        raise Http404
    if index * WIDTH + width > newest.size >> HEIGHT * level:
        raise Http404
    return index, width


def place_of(index: int) -> str:
    """An index as it stands in an address: 1234067 is x001/x234/067."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    return "/".join(groups)


def _bytes(content: bytes, *, public: bool) -> HttpResponse:
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Cache-Control"] = f"{'public' if public else 'private'}, {FOREVER}"
    return response
