"""The recordings of Tux Paint's stamps: spoken descriptions in many languages, and what things sound like.

A stamp `lion.png` may have `lion_desc_fr.ogg`, somebody saying in French what is shown, and `lion.ogg`, what
it sounds like. As a rule one person spoke all descriptions of a language, so languages stand for voices too.
What is not learned from is written down in `recordings.json`, which was committed before any training.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workers.alignment.sides import HELD_OUT, LEFT_OUT
from workers.alignment.stamps import Stamp, groups_of

FILE = Path(__file__).with_name("recordings.json")
DEVELOPMENT_SHARE = 0.1
SEED = 23
SPOKEN = re.compile(r"_desc_([a-z]{2,3})$")


@dataclass(frozen=True)
class Recording:
    """`language` is ISO 639, and empty of a sound that nobody speaks. `name` is unique."""

    name: str
    stamp: Stamp
    language: str
    file: Path


@dataclass(frozen=True)
class Apart:
    """What is not learned from: whole languages, and stamps by name."""

    languages: frozenset[str]
    development: frozenset[str]
    left_out: frozenset[str]
    held_out: frozenset[str]


def read_recordings(stamps: Sequence[Stamp], languages: Iterable[str]) -> list[Recording]:
    """Descriptions in these languages, and for "" the sounds, language by language and stamp by stamp."""
    of_language: dict[str, list[Recording]] = {language: [] for language in languages}
    for stamp in stamps:
        stem = stamp.file.with_suffix("").name
        for file in sorted(stamp.file.parent.glob(f"{_escaped(stem)}*.ogg")):
            rest = file.with_suffix("").name.removeprefix(stem)
            spoken = SPOKEN.fullmatch(rest)
            language = spoken[1] if spoken else ""
            if (spoken or not rest) and language in of_language:
                name = f"{stamp.name}{rest}"
                of_language[language].append(Recording(name, stamp, language, file))
    return [one for some in of_language.values() for one in some]


def _escaped(stem: str) -> str:
    return re.sub(r"([\[\]?*])", r"[\1]", stem)


def read_apart(sides: Mapping[str, str], file: Path = FILE) -> Apart:
    """What is written down; `sides` are those of the pictures, which hold for what is said of them."""
    said = json.loads(file.read_text(encoding="utf-8"))
    return Apart(
        languages=frozenset(said["held_out_languages"]),
        development=frozenset(said["development"]),
        left_out=frozenset(said["left_out"]) | _of_side(sides, LEFT_OUT),
        held_out=_of_side(sides, HELD_OUT),
    )


def _of_side(sides: Mapping[str, str], wanted: str) -> frozenset[str]:
    return frozenset(
        name.removeprefix("stamps/")
        for name, side in sides.items()
        if side == wanted and name.startswith("stamps/")
    )


def written_down(
    stamps: Sequence[Stamp], sides: Mapping[str, str], languages: Sequence[str]
) -> dict[str, list[str]]:
    """What `recordings.json` holds: languages whose voices are held out, and stamps on other sides.

    Development are whole groups of stamps; left out is what has the caption of a held-out stamp.
    """
    held_out, left_out = _of_side(sides, HELD_OUT), _of_side(sides, LEFT_OUT)
    worded = {_worded(stamp) for stamp in stamps if stamp.name in held_out}
    free = [stamp for stamp in stamps if stamp.name not in held_out | left_out]
    same = {stamp.name for stamp in free if _worded(stamp) in worded}
    development = []
    for key, members in groups_of(free).items():
        first = hashlib.sha256(f"{SEED}:{key}".encode()).digest()
        if int.from_bytes(first[:6], "big") / 2**48 < DEVELOPMENT_SHARE:
            development += [stamp.name for stamp in members if stamp.name not in same]
    return {
        "held_out_languages": sorted(languages),
        "development": sorted(development),
        "left_out": sorted(same),
    }


def _worded(stamp: Stamp) -> str:
    return " ".join(re.findall(r"\w+", stamp.caption.casefold()))


def written_in(stamp: Stamp, language: str) -> str:
    """What the description says, as the stamp's own translation has it; "" where it has none."""
    text = stamp.file.with_suffix(".txt").read_text(encoding="utf-8", errors="replace")
    line = re.search(rf"^{language}(?:_[A-Z]{{2}})?\.utf8=(.+)$", text, re.M)
    return " ".join(line[1].split()) if line else ""
