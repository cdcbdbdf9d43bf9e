"""The clip art of Debian's `openclipart-svg` (public domain): titles, keywords and folders.

Left out are the folders without things in them (icons of programs, buttons, games' cards, patterns), titles
that are no English words, and keywords that say who drew it or where it comes from. Only the SVG files are
read: the PNG package of the same collection holds pictures of 600 megapixels.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from workers.alignment.captioned import Captioned

LARGEST_FILE = 800_000  # bytes of SVG: the few that are larger take seconds each to draw
MOST_OF_A_TITLE = 12  # pictures of one title in one folder; more are a series of drawings of one thing

LEFT_OUT = (
    "computer/icons", "computer/buttons", "recreation/games/cards", "recreation/games/chess",
    "recreation/games/dice", "shapes", "special", "unsorted", "signs_and_symbols/led",
    "signs_and_symbols/flags/semaphore", "decorations", "people/clothing/pantyhose", "education/books",
)  # fmt: skip
# fmt: off
NOISE = frozenset((
    "clipart", "clip", "art", "svg", "png", "image", "images", "drawing", "vector", "inkscape",
    "openclipart", "open", "public", "domain", "upload", "uploaded", "cartoon", "clip_art", "unsorted",
    "externalsource", "externalsources", "hash", "none", "untitled", "ocal", "redhat", "icon", "icons",
    "picture", "graphic", "graphics", "illustration", "symbol", "etiquette", "theme", "lemon", "flat",
    "remix", "contour", "outline", "color", "colour", "black", "white", "dark", "light", "simple",
    "basic", "media", "print",
))
# fmt: on
_TITLE = re.compile(r"<dc:title[^>]*>\s*([^<]*?)\s*</dc:title>", re.S)
_ITEM = re.compile(r"<rdf:li[^>]*>\s*([^<]*?)\s*</rdf:li>", re.S)
_LATIN = re.compile(r"[A-Za-z][A-Za-z '&-]*")


def read_clip_art(folder: Path, known: frozenset[str]) -> list[Captioned]:
    """Every drawing with a title or keyword made of words in `known` (lower case), by name."""
    found = []
    titles: Counter[tuple[str, str]] = Counter()
    for file in sorted(folder.rglob("*.svg")):
        name = file.relative_to(folder).with_suffix("").as_posix()
        if name.startswith(LEFT_OUT) or file.stat().st_size > LARGEST_FILE:
            continue
        head = file.read_text(encoding="utf-8", errors="replace")[:60_000]
        place = PurePosixPath(name).parent.as_posix()
        title = _title(head, PurePosixPath(name).name, known)
        texts = tuple(dict.fromkeys(t for t in (title, *_keywords(head, place, known)) if t))
        if not texts or (title and titles[place, title] >= MOST_OF_A_TITLE):
            continue
        titles[place, title] += 1
        found.append(
            Captioned(
                name=f"clip_art/{name}",
                source="clip_art",
                group=f"clip_art/{texts[0].split()[0]}",
                texts=texts,
                file=file,
                classes=_classes(place),
                mirrored=not place.startswith(("signs_and_symbols", "transportation/roadsigns")),
            )
        )
    return found


def _classes(place: str) -> dict[str, str]:
    """The folder, and the folder below it where there is one."""
    parts = place.split("/")
    classes = {"category": parts[0]}
    if len(parts) > 1:
        classes["kind"] = "/".join(parts[:2])
    return classes


def words_of(text: str) -> list[str]:
    return [word for word in re.split(r"[^a-z']+", text.lower()) if len(word) > 1]


def _title(head: str, file_name: str, known: frozenset[str]) -> str:
    """The drawing's title in lower case, without digits and noise; "" where too little of it is English."""
    match = _TITLE.search(head)
    for raw in (match.group(1) if match else "", re.sub(r"[_\-.]", " ", file_name)):
        words = [word for word in words_of(raw) if word not in NOISE]
        if words and len(words) <= 8 and sum(word in known for word in words) >= 0.7 * len(words):
            return " ".join(words)
    return ""


def _keywords(head: str, place: str, known: frozenset[str]) -> Iterable[str]:
    folders = set(re.split(r"[/_]", place))
    for raw in _ITEM.findall(head)[:40]:
        text = raw.strip().lower().replace("_", " ")
        # Folders' names among the keywords are the taxonomy that is asked for later: they are not learned.
        if not _LATIN.fullmatch(text) or text in folders or text in NOISE or len(text) > 40:
            continue
        words = words_of(text)
        if words and all(word in known and word not in NOISE for word in words):
            yield text
