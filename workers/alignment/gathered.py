"""All captioned pictures that alignment may learn from, and the words that tell an English text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workers.alignment.captioned import Captioned
from workers.alignment.clip_art import read_clip_art
from workers.alignment.emoji import read_emoji
from workers.alignment.stamps import Stamp, groups_of, read_stamps
from workers.weights import datasets

STAMPS, CLIP_ART, WORDNET = "tuxpaint-stamps-default", "openclipart-svg", "wordnet-base"
FONT, CLDR, UNICODE = "fonts-noto-color-emoji", "unicode-cldr-core", "unicode-data"
SMALL_WORDS = frozenset(["of", "the", "in", "with", "and", "on", "at", "for", "to", "from", "by", "an", "or"])


def gather() -> list[Captioned]:
    """Stamps, clip art and emoji, in this order. Raises `weights.WeightsUnavailable`."""
    words = english_words(datasets.path(WORDNET))
    return [
        *stamps(),
        *read_clip_art(datasets.path(CLIP_ART), words),
        *read_emoji(datasets.path(FONT), datasets.path(CLDR), datasets.path(UNICODE)),
    ]


def stamps() -> list[Captioned]:
    return captioned(read_stamps(datasets.path(STAMPS)))


def captioned(found: Sequence[Stamp]) -> list[Captioned]:
    """Stamps as the other sets come, in their order."""
    group = {one.name: key for key, members in groups_of(found).items() for one in members}
    return [
        Captioned(
            name=f"stamps/{one.name}",
            source="stamps",
            group=f"stamps/{group[one.name]}",
            texts=(one.caption.rstrip(".").lower(),),
            file=one.file,
            classes={"kind": one.kind, "folder": "/".join(one.name.split("/")[:2])},
            mirrored=one.kind != "sign",
        )
        for one in found
    ]


def english_words(wordnet: Path) -> frozenset[str]:
    """Every word of WordNet's lemmas, nouns in plural too."""
    words: set[str] = set(SMALL_WORDS)
    for part in ("noun", "verb", "adj", "adv"):
        for line in (wordnet / f"index.{part}").read_text(encoding="latin-1").splitlines():
            if not line.startswith("  "):
                words.update(line.split()[0].split("_"))
    return frozenset(words | {f"{word}s" for word in words})
