"""The captioned pictures of Tux Paint as training data: what each one shows, and who is held out.

785 pictures with a text beside each (Debian `tuxpaint-stamps-default`, GPL-2+). Folders say what kind of
thing is shown; `KINDS` maps them onto the labels of the policy `what_is_shown`. A picture without a kind
there is left out. PNG files are read as they are; where there is only an SVG it is rendered.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

HELD_OUT = 0.15
CROWD = 9  # more pictures than this under one word are a series ("asl_a" …), not variants of one picture

# Folder or file, from the most particular to the most general; the first that fits says the kind.
# An empty kind leaves the pictures out: toys and games, parts of people, or several kinds at once.
KINDS: tuple[tuple[str, str], ...] = (
    ("animals/mammals/bears/cartoon/teddy_bear", ""),
    ("animals/mammals/bears/toys", ""),
    ("animals", "animal"),
    ("clothes/clothe", "tool"),
    ("clothes/button", "tool"),
    ("clothes", "clothing"),
    ("food", "food"),
    ("hobbies/music", "instrument"),
    ("hobbies/kite", ""),
    ("hobbies", "tool"),
    ("household/rubberduck", ""),
    ("household/globe", ""),
    ("household/cylinder", ""),
    ("household/tools/cementmixer", "vehicle"),
    ("household", "tool"),
    ("medical/tooth", ""),
    ("medical", "tool"),
    ("military/vehicles/ww2_german_gun", ""),
    ("military/vehicles", "vehicle"),
    ("military/fireman", "person"),
    ("military/paratrooper", "person"),
    ("people/fireman", "person"),
    ("people/body_parts/girlface", "person"),
    ("people/body_parts/head_female", "person"),
    ("people/cartoon/girl", "person"),
    ("people/cartoon/man_", "person"),
    ("people/cartoon/woman", "person"),
    ("people/cartoon/mermaid", "person"),
    ("people/toys", ""),
    ("plants/eggplant", "plant"),
    ("plants", "plant"),
    ("seasonal/candle", "tool"),
    ("seasonal/leafrake", "tool"),
    ("seasonal/hanukkah/dreydl", ""),
    ("seasonal/hanukkah", "tool"),
    ("seasonal/clover", "plant"),
    ("seasonal/shamrock", "plant"),
    ("seasonal/easter/b", "animal"),
    ("seasonal/easter/chick", "animal"),
    ("seasonal/easter/daffodil", "plant"),
    ("seasonal/easter/wrapped", "food"),
    ("seasonal/christmas/candy", "food"),
    ("seasonal/christmas/hard_candy", "food"),
    ("seasonal/christmas/christmas_pudding", "food"),
    ("seasonal/christmas/mince", "food"),
    ("seasonal/christmas/roast", "food"),
    ("seasonal/christmas/santahat", "clothing"),
    ("seasonal/christmas/santa", "person"),
    ("seasonal/christmas/elfhat", "clothing"),
    ("seasonal/christmas/stocking", "clothing"),
    ("seasonal/christmas/rudolf", "animal"),
    ("seasonal/christmas/tree", "plant"),
    ("seasonal/christmas/christmas_tree", "plant"),
    ("seasonal/christmas/xmaswreath", "plant"),
    ("seasonal/christmas/german", ""),
    ("seasonal/halloween/bat", "animal"),
    ("seasonal/halloween/blackcat", "animal"),
    ("seasonal/halloween/spider", "animal"),
    ("seasonal/newyears/party-hat", "clothing"),
    ("seasonal/winter/sledge", ""),
    ("space/spacewalk", "person"),
    ("space/rocket", "vehicle"),
    ("space/toyrocket", "vehicle"),
    ("space/apollo", "vehicle"),
    ("space/satellite", ""),
    ("space/voyager", ""),
    ("space", "planet"),
    ("sports/cartoon/football_helmet", "clothing"),
    ("sports/stopwatch", "tool"),
    ("sports", ""),
    ("symbols/chess", ""),
    ("symbols/money/00_symbols", "sign"),
    ("symbols/money", "money"),
    ("symbols", "sign"),
    ("town/houses/cartoon/cave", ""),
    ("town/houses", "building"),
    ("town/monuments/cartoon/sword", ""),
    ("town/monuments/cartoon/graveyard", ""),
    ("town/monuments", "building"),
    ("town/cartoon/docks", "building"),
    ("town/cartoon/fountain", "building"),
    ("town/cartoon/ruins", "building"),
    ("town/cartoon/watch_tower", "building"),
    ("town/cartoon/wishing_well", "building"),
    ("town/roadsigns", "sign"),
    ("town/flags", "sign"),
    ("vehicles/7spoke", ""),
    ("vehicles/bikewheel", ""),
    ("vehicles/tyre", ""),
    ("vehicles/wheel_tractor", ""),
    ("vehicles/emergency/sedan_police", ""),
    ("vehicles/locomotive/cartoon/trainsign", "sign"),
    ("vehicles", "vehicle"),
)


@dataclass(frozen=True)
class Stamp:
    """One picture, its caption and its kind. `name` is the path inside the data, without suffix."""

    name: str
    file: Path
    caption: str
    kind: str
    digest: str


@dataclass(frozen=True)
class Split:
    training: tuple[Stamp, ...]
    held_out: tuple[Stamp, ...]


class StampsMissing(Exception):
    """The folder does not hold the captioned pictures."""


def kind_of(name: str) -> str:
    """The label of the stamp at this path, or "" for one that is left out."""
    low = name.lower()
    return next((kind for start, kind in KINDS if low.startswith(start)), "")


def read_stamps(folder: Path) -> list[Stamp]:
    """Every captioned picture that has a kind, by name; the same bytes are taken once.

    Raises StampsMissing where there is none.
    """
    stamps: dict[str, Stamp] = {}
    for text in sorted(folder.rglob("*.txt")):
        stem = text.with_suffix("")
        file = next((f for f in (stem.with_suffix(".png"), stem.with_suffix(".svg")) if f.is_file()), None)
        name = stem.relative_to(folder).as_posix()
        kind = kind_of(name)
        if file is None or not kind:
            continue
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        caption = _first_line(text)
        if caption:
            stamps.setdefault(digest, Stamp(name, file, caption, kind, digest))
    if not stamps:
        raise StampsMissing(f"{folder} holds no captioned pictures: run `omnigov data fetch`")
    return sorted(stamps.values(), key=lambda stamp: stamp.name)


def _first_line(text: Path) -> str:
    """The English caption: the first line of a stamp's text file, without the sound's own remarks."""
    line = text.read_text(encoding="utf-8", errors="replace").split("\n", 1)[0]
    return " ".join(line.replace("“", '"').replace("”", '"').replace("’", "'").split())


def groups_of(stamps: Iterable[Stamp]) -> dict[str, list[Stamp]]:
    """Stamps that may be variants of one picture, together: same kind, same first word of the file's name.

    Digits, words of one letter and everything after the first word fall away, so that `apple_red` and
    `apple_green`, `lion` and `lion-2`, the chess pieces `b_4_knight` and `w_4_knight` stay on one side; of
    the alphabets the letter is the word. A word with more than CROWD pictures is a series, not variants
    of one picture: there the last word tells too.
    """
    by_word: dict[str, list[Stamp]] = defaultdict(list)
    for stamp in stamps:
        by_word[f"{stamp.kind}/{_words(stamp)[0]}"].append(stamp)
    groups: dict[str, list[Stamp]] = defaultdict(list)
    for key, members in by_word.items():
        for stamp in members:
            series = len(members) > CROWD
            groups[f"{key} {_words(stamp)[1]}" if series else key].append(stamp)
    return dict(groups)


def _words(stamp: Stamp) -> tuple[str, str]:
    """The first and the last word of the file's name."""
    path = PurePosixPath(stamp.name)
    parts = re.split(r"[_\- ]+", path.name.lower())
    shortest = 1 if "alphabets" in path.parts else 2
    words = [word for part in parts if len(word := part.strip("0123456789")) >= shortest]
    return (words[0] if words else path.name.lower()), parts[-1]


def split(stamps: Sequence[Stamp], seed: int) -> Split:
    """Hold out HELD_OUT of each kind, whole groups at a time, in the order of SHA-256(seed:group).

    The rule looks at names only, so a picture that is added or removed moves few others.
    """
    of_kind = Counter(stamp.kind for stamp in stamps)
    ordered = sorted(
        groups_of(stamps).items(), key=lambda group: hashlib.sha256(f"{seed}:{group[0]}".encode()).digest()
    )
    held_out: list[Stamp] = []
    taken: Counter[str] = Counter()
    for _, members in ordered:
        kind = members[0].kind
        wanted = HELD_OUT * of_kind[kind]
        # A group that would overshoot by more than half of what is wanted waits for the training side.
        if taken[kind] < wanted and taken[kind] + len(members) <= wanted * 1.5 + 1:
            held_out.extend(members)
            taken[kind] += len(members)
    out = {stamp.name for stamp in held_out}
    return Split(
        training=tuple(stamp for stamp in stamps if stamp.name not in out),
        held_out=tuple(sorted(held_out, key=lambda stamp: stamp.name)),
    )
