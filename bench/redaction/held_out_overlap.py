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

from measure import share

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
    """Whether what stands right before or behind a name is in the product's lists: two signs, or a 様."""
    words = literals("ja", ".") - _SMALL_JA
    before, behind = text[max(0, start - 5) : start], text[end : end + 5]
    long = [word for word in words if len(word) >= 2 and not word.isascii()]
    if "一" <= behind[:1] <= "鿿" and behind[:1] in words:
        return True
    return any(before.endswith(word) or behind.startswith(word) for word in long)


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
    known = japanese_names()
    return plain in known or any(plain[:at] in known and plain[at:] in known for at in range(1, len(plain)))


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


def of_the_older_sets(seed: int) -> dict[str, Any]:
    """What the held-out halves of `forms`, `english` and `japanese_names` share with the product's lists."""
    import japanese_sentences
    import peers

    layouts = ast.parse((Path(__file__).parent / "form_layouts.py").read_text(encoding="utf-8"))
    asked = {
        node.elts[0].args[1].value
        for node in ast.walk(layouts)
        if isinstance(node, ast.Tuple) and _is_a_personal_field(node)
    }
    made = peers.ask("presidio_text", {"ask": "material", "seed": seed, "count": 1500, "split": "reported"})
    english = [
        english_lead_in(one["text"], start, end)
        for one in made["sentences"]
        for start, end, kind in one["entities"]
        if kind in ("person", "name", "first_name", "last_name")
    ]
    japanese = [
        japanese_lead_in(text, slot.start(), slot.end())
        for texts in japanese_sentences.REPORTED.values()
        for text in texts
        for slot in re.finditer(r"\{\w+\}", text)
    ]
    return {
        "labels_of_personal_fields_in_the_lexicon": share(
            sum(label(text) == "personal" for text in asked), len(asked)
        ),
        "labels_not_in_it": sorted(text for text in asked if label(text) != "personal"),
        "english_names_with_a_lead_in_of_our_lists": share(sum(english), len(english)),
        "japanese_names_with_a_lead_in_of_our_lists": share(sum(japanese), len(japanese)),
    }


def _is_a_personal_field(node: ast.Tuple) -> bool:
    """`(job.word("development", "held out"), value, "KIND", …)`, as layouts hold their fields."""
    if len(node.elts) < 3 or not isinstance(call := node.elts[0], ast.Call):
        return False
    kind = node.elts[2]
    return (
        isinstance(call.func, ast.Attribute)
        and call.func.attr == "word"
        and isinstance(kind, ast.Constant)
        and isinstance(kind.value, str)
    )
