"""How much of a set stands in the product's own lists: what a figure on "unseen" material has to say first.

Words and names are compared with the string literals of the product's source, read as text, and with the data
set of names that it loads: nothing of the product is asked. Only whether a label is known is asked of the
product's lexicon itself, as that is put together when it is asked.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGE = Path(__file__).resolve().parents[2] / "workers" / "redaction" / "language"
# Words that any list of an English text's analysis holds and that lead to nobody.
_SMALL = frozenset(
    re.findall(
        r"\w+",
        """
        a an the of to for from by with in on at as and or but not no is was are were be been has
        have had will i he she it we you they me him her them my your his our their this that these
        those who which what when after before until once since if so up out over under than then
        there here s
        """,
    )
)
_SMALL_JA = frozenset(("から", "まで", "です", "より", "する", "こと", "ため", "ない", "ます", "ました"))


@cache
def literals(*folders: str) -> frozenset[str]:
    """The words of all strings in these folders' source, docstrings aside."""
    words = set[str]()
    for folder in folders:
        for file in sorted((LANGUAGE / folder).glob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
                    words.update(re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", node.value.lower()))
    return frozenset(words)


def english_lead_in(text: str, start: int, end: int) -> bool:
    """Whether the nearest word that says something, before or behind a name, is in the product's lists."""
    known = literals("en", ".")
    before = [word for word in re.findall(r"[^\W\d_]+", text[:start].lower())[-3:] if word not in _SMALL]
    behind = [word for word in re.findall(r"[^\W\d_]+", text[end:].lower())[:2] if word not in _SMALL]
    return any(word in known for word in (*before[-1:], *behind[:1]))


def japanese_lead_in(text: str, start: int, end: int) -> bool:
    """Whether what stands right before or behind a name (two signs or more) is in the product's lists."""
    known = {word for word in literals("ja", ".") if len(word) >= 2 and not word.isascii()} - _SMALL_JA
    near = (text[max(0, start - 5) : start], text[end : end + 5])
    return any(near[0].endswith(word) or near[1].startswith(word) for word in known)


@cache
def japanese_names() -> frozenset[str]:
    """The names of the data set that the product's lists are made of."""
    from japanese_personal_name_dataset import load_dataset

    men, women, families = load_dataset("org", include_last_names=True)
    givens = {kanji for side in (men, women) for entry in side.values() for kanji in entry["kanji"]}
    read = {reading for side in (men, women) for reading in side} | {e["reading"] for e in families.values()}
    return frozenset({*families, *givens, *read})


def name_is_listed(language: str, name: str) -> bool:
    """Whether a part of the name stands in the product's lists."""
    if language == "english":
        return any(word.lower() in literals("en", ".") for word in re.findall(r"[^\W\d_]{2,}", name))
    plain = "".join(chr(ord(s) - 0x60) if "ァ" <= s <= "ヶ" else s for s in name.replace(" ", ""))
    return any(
        plain == known or (plain.startswith(known) and plain[len(known) :] in japanese_names())
        for known in japanese_names()
        if plain.startswith(known)
    )


def label(text: str) -> str:
    """What the product's lexicon of labels makes of it: `personal`, `nobody's` or `unknown`."""
    from workers.redaction.forms import labels

    found = labels.whole(text, sure=True)
    if found is None:
        return "unknown"
    return "nobody's" if found.kind == labels.NEUTRAL else "personal"


def of_labels(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Of labels with what is asked (`nobody` or another): how many the product knows as what they are."""
    distinct = sorted(set(pairs))
    known = [label(text) for text, _ in distinct]
    return {
        "labels": len(distinct),
        "known_as_personal": known.count("personal"),
        "known_as_nobody's": known.count("nobody's"),
        "unknown": known.count("unknown"),
    }
