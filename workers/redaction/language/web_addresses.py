"""Addresses of the web, in time that grows with the text: https://example.com/a, www.example.co.jp.

Presidio's pattern tries some thousand endings at each length of each beginning, and takes a second for a
line of "a.a.a."; its list of top-level domains is what is used of it here. A file's name (build.sh, notes.md)
and what programs call their values (user.id, self.content) look like hosts and are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workers.redaction.core.spans import Span
from workers.redaction.language.engines import UrlRecognizer

KIND = "URL"
WITH_SCHEME, BARE = 0.6, 0.5

_ENDINGS = frozenset(re.findall(r"\(\?:([a-z0-9\-]+)\)", UrlRecognizer.BASE_URL_REGEX))
_RUN = re.compile(r"[A-Za-z0-9.\-]+")
_SCHEME = re.compile(r"(?i)https?://$")
# Signs of another script end a path: the word behind an address in a Japanese sentence is none of it.
_REST = re.compile(r"(?::\d{2,5})?(?:/[^\s()<>\"'\u0300-\U0010ffff]*)?")
_LED_TO = re.compile(
    r"(?i)\b(?:web ?site|web|site|home ?page|blog|url|visit|domain|link)s?[ :]+(?:is |at )?$"
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FILES = _words("py sh rs md so ps zip mov pl cc")
# What programs call the things whose fields they name with a dot.
_THINGS = _words(
    "user order item event request response req res app config self this obj object data file job task db"
    " database server client session customer account product payment cart page system os sys log node"
    " service host process thread env http message msg row table record doc document index query result error"
    " ctx context cls module package build test input output state store model view window spring java javax"
    " kernel net cluster queue"
)
_ALWAYS = _words("com net org edu gov jp uk de fr io eu")


def find(text: str) -> Iterator[Span]:
    """Each host with a known ending, or behind https://, and its path. The text is in NFKC."""
    read_to = 0
    for run in _RUN.finditer(text):
        begin, end = run.span()
        if begin < read_to:
            continue  # a part of the path before
        scheme = _SCHEME.search(text, max(0, begin - 8), begin)
        host = run.group().strip(".-")
        begin = text.index(host, begin, end)
        labels = host.split(".")
        while len(labels) > 1 and labels[-1].lower() not in _ENDINGS:
            labels.pop()
        if len(labels) == 1:
            labels = host.split(".") if scheme and "." in host else []
        end = begin + sum(map(len, labels)) + len(labels) - 1
        if labels and (scheme or _is_host(text, begin, end, [label.lower() for label in labels])):
            rest = _REST.match(text, end)
            read_to = rest.end() if rest else end
            # The full stop or comma behind it is the sentence's.
            stop = end + len(text[end:read_to].rstrip(".,;:!?"))
            yield Span(scheme.start() if scheme else begin, stop, KIND, WITH_SCHEME if scheme else BARE)


def _is_host(text: str, begin: int, end: int, labels: list[str]) -> bool:
    before, behind = text[begin - 1 : begin], text[end : end + 1]
    if labels[0].startswith("www") or before == "@" or behind == "/":
        return True
    if before in ("/", "\\", "_", "$", ">") or behind in ("(", "_", "["):
        return False  # a file in its folder, or a program's word
    if labels[-1] in _ALWAYS:
        return True
    if labels[0] in _THINGS:
        return False
    if labels[-1] in _FILES:
        return _LED_TO.search(text, max(0, begin - 24), begin) is not None
    return not text.startswith(("=", " = "), end)
