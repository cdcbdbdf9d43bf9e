"""What is hidden for nothing in texts of a company in which nobody is named: tickets, logs, minutes, parts.

Whatever is hidden in them is hidden in vain. Counted are the places, by kind, for 1,000 words: words between
spaces in English, and Sudachi's words in Japanese. Dates and times are counted apart: the texts hold true
ones, and the usual profile hides them. What is reported are lines that nobody tunes on (`company_unseen`);
the other splits are the lines of `company_texts`, which were.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from typing import Any

from company_texts import development, seen, seen_again
from company_unseen import english, japanese, patterns
from sudachipy import Dictionary, SplitMode

from omnigov.contracts import RedactionProfile
from workers.redaction.kinds.text import TextRedactor

APART = "DATE_TIME"
LINES = 24  # of a text
SORTS = ("ticket", "log", "minutes", "parts")
_LINES = {
    "development": (development.DEVELOPMENT, development.WORDS),
    "seen": (seen.SEEN, development.WORDS),
    "seen_again": (seen_again.SEEN_AGAIN, seen_again.WORDS),
}
_UNSEEN = {"en": english.ENGLISH, "ja": japanese.JAPANESE}


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--company-texts", type=int, default=12, help="company: texts of each sort and language"
    )
    parser.add_argument(
        "--company-split",
        choices=(*_LINES, "unseen"),
        default="unseen",
        help="company: which lines and words",
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    dice = random.Random(f"{options.company_split} {options.seed}")
    redactor = TextRedactor(RedactionProfile())
    said = {
        language: {
            sort: _counted(
                [_made(options.company_split, language, sort, dice) for _ in range(options.company_texts)],
                redactor,
            )
            for sort in SORTS
        }
        for language in _UNSEEN
    }
    return {
        "material": "texts of a company made by rule, in which nobody is named",
        "split": options.company_split,
        "seed": options.seed,
        "languages": {
            language: _summed(list(sorts.values())) | {"by_sort": sorts} for language, sorts in said.items()
        },
    }


def _made(split: str, language: str, sort: str, dice: random.Random) -> str:
    if split == "unseen":
        return patterns.text(_UNSEEN[language], sort, dice)
    lines, words = _LINES[split]
    return _text(lines[language][sort], sort, dice, words)


def _text(lines: tuple[str, ...], sort: str, dice: random.Random, words: patterns.Lists) -> str:
    """A text of one sort: its lines in any order, those of a list below its head."""
    head = [lines[0]] if sort in ("parts", "minutes") else []
    rows = [*head, *(dice.choice(lines[len(head) :]) for _ in range(LINES - len(head)))]
    return "\n".join(_filled(row, dice, words) for row in rows) + "\n"


def _filled(line: str, dice: random.Random, words: patterns.Lists) -> str:
    made, at = "", 0
    while at < len(line):
        if line.startswith(("{{", "}}"), at):
            made, at = made + line[at], at + 2
        elif line[at] == "{":
            end = line.index("}", at)
            made, at = made + _value(line[at + 1 : end], dice, words), end + 1
        else:
            made, at = made + line[at], at + 1
    return made


def _value(name: str, dice: random.Random, words: patterns.Lists) -> str:
    if name in words:
        return dice.choice(words[name])
    day = f"2026-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
    made = {
        "n": str(dice.randint(1, 99)),
        "id": str(dice.randint(10 ** (digits := dice.randint(3, 8)), 10 ** (digits + 1) - 1)),
        "hex": "".join(dice.choices("0123456789abcdef", k=dice.choice((8, 12, 32, 40)))),
        "code": f"{''.join(dice.choices('ABCDEFGHKLMNPRSTUX', k=2))}-{dice.randint(100, 9999)}"
        f"{dice.choice(('', 'A', 'B', '/2'))}",
        "version": f"{dice.randint(0, 9)}.{dice.randint(0, 20)}.{dice.randint(0, 9)}",
        "price": f"{dice.choice(('$', '£', '€', ''))}{dice.randint(1, 9999):,}.{dice.randint(0, 99):02}",
        "price_ja": f"{dice.randint(1, 999999):,}円",
        "day": day,
        "time": f"{dice.randint(0, 23):02}:{dice.randint(0, 59):02}:{dice.randint(0, 59):02}",
    }
    return made[name]


def _counted(texts: list[str], redactor: TextRedactor) -> dict[str, Any]:
    kinds: Counter[str] = Counter()
    shown: list[str] = []
    for text in texts:
        for finding in redactor.redact(text)[1].findings:
            start, end = finding.place.start, finding.place.end
            kinds[finding.kind] += 1
            if finding.kind != APART:
                before, behind = text[max(0, start - 20) : start], text[end : end + 12]
                shown.append(f"{finding.kind}: {before}[{text[start:end]}]{behind}")
    return {
        "texts": len(texts),
        "words": sum(map(_words, texts)),
        "hidden_by_kind": dict(kinds),
        "shown": shown,
    }


_TOKENISER = Dictionary().create()


def _words(text: str) -> int:
    if text.isascii() or not any("\u3041" <= sign <= "\u9fff" for sign in text):
        return len(text.split())
    words = (word for line in text.splitlines() for word in _TOKENISER.tokenize(line, SplitMode.C))
    return sum(any(sign.isalnum() for sign in word.surface()) for word in words)


def _summed(sorts: list[dict[str, Any]]) -> dict[str, Any]:
    kinds: Counter[str] = Counter()
    for sort in sorts:
        kinds.update(sort["hidden_by_kind"])
    words = sum(sort["words"] for sort in sorts)
    apart = kinds.pop(APART, 0)
    return {
        "words": words,
        "hidden_in_vain": kinds.total(),
        "in_vain_by_kind": dict(kinds),
        "in_vain_per_1000_words": round(1000 * kinds.total() / max(1, words), 3),
        "dates_per_1000_words": round(1000 * apart / max(1, words), 3),
    }
