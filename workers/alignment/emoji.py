"""Emoji as pictures with names in English and Japanese.

Pictures are the bitmaps of Debian's `fonts-noto-color-emoji` (OFL-1.1), names and keywords Unicode's CLDR
(`unicode-cldr-core`), groups Unicode's `emoji-test.txt` (`unicode-data`).
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from fontTools.ttLib import TTFont

from workers.alignment.captioned import Captioned

# Variants of one emoji: people's skin and hair, and what a sign says in a square.
SKIN = re.compile("[\U0001f3fb-\U0001f3ff]")
FONT = "NotoColorEmoji.ttf"
GROUP = re.compile(r"# (sub)?group: (.+)")
LINE = re.compile(r"([0-9A-F ]+?)\s*; fully-qualified\s*# \S+ E[0-9.]+ (.+)")


def read_emoji(fonts: Path, cldr: Path, unicode: Path) -> list[Captioned]:
    """Every emoji without skin tones that the font has one bitmap for, by name; the folders of the data."""
    bitmaps = _bitmaps(fonts / FONT)
    english, japanese = (_annotations(cldr / "annotations" / f"{tongue}.xml") for tongue in ("en", "ja"))
    found = []
    group = subgroup = ""
    for line in (unicode / "emoji" / "emoji-test.txt").read_text(encoding="utf-8").splitlines():
        if match := GROUP.fullmatch(line):
            group, subgroup = (group, match.group(2)) if match.group(1) else (match.group(2), "")
        match = LINE.match(line)
        if not match:
            continue
        sign = "".join(chr(int(point, 16)) for point in match.group(1).split())
        png = bitmaps.get(sign.replace("\ufe0f", ""))
        if png is None or SKIN.search(sign):
            continue
        said, keywords = english.get(sign.replace("\ufe0f", ""), ("", ()))
        caption = (said or match.group(2)).lower()
        ja_said, ja_keywords = japanese.get(sign.replace("\ufe0f", ""), ("", ()))
        found.append(
            Captioned(
                name=f"emoji/{caption}",
                source="emoji",
                group=f"emoji/{_base(caption)}",
                texts=tuple(dict.fromkeys((caption, *(word.lower() for word in keywords)))),
                japanese=tuple(dict.fromkeys(word for word in (ja_said, *ja_keywords) if word)),
                png=png,
                classes={"group": group, "subgroup": subgroup},
                mirrored=group not in ("Symbols", "Flags"),
            )
        )
    return list({one.name: one for one in found}.values())


def _base(caption: str) -> str:
    """What variants of one emoji have in common: the name before a colon, people without their sex."""
    base = caption.split(":")[0]
    words = [
        word for word in base.split() if word not in ("man", "woman", "men", "women", "person", "people")
    ]
    return " ".join(words) or base


def _annotations(file: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Of each emoji the name and the keywords."""
    names: dict[str, str] = {}
    keywords: dict[str, tuple[str, ...]] = {}
    # The file is one of a data set that is pinned by its digest.
    for element in ElementTree.parse(file).iter("annotation"):  # noqa: S314
        sign, text = element.get("cp", "").replace("\ufe0f", ""), element.text or ""
        if element.get("type") == "tts":
            names[sign] = text.strip()
        else:
            keywords[sign] = tuple(word.strip() for word in text.split("|"))
    return {sign: (names.get(sign, ""), keywords.get(sign, ())) for sign in {*names, *keywords}}


def _bitmaps(file: Path) -> dict[str, bytes]:
    """The PNG of each sign, or run of signs, that the font has a bitmap for; without variation selectors."""
    font = TTFont(file)
    of_glyph = {}
    for strike in font["CBDT"].strikeData:
        for glyph, bitmap in strike.items():
            of_glyph[glyph] = bitmap.imageData
    signs: dict[str, str] = {}
    cmap = font.getBestCmap()
    for point, glyph in cmap.items():
        signs[chr(point)] = glyph
    back = {glyph: chr(point) for point, glyph in cmap.items()}
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            table = getattr(table, "ExtSubTable", table)
            for first, ligatures in getattr(table, "ligatures", {}).items():
                for ligature in ligatures:
                    parts = [first, *ligature.Component]
                    if all(part in back for part in parts):
                        run = "".join(back[part] for part in parts).replace("\ufe0f", "")
                        signs[run] = ligature.LigGlyph
    return {sign: of_glyph[glyph] for sign, glyph in signs.items() if glyph in of_glyph}
