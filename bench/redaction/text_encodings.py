"""Encodings: of Japanese business texts in Shift_JIS how many are read, and of others none in a wrong one.

The texts are made by `business_texts`, which shares nothing with the code under test; sentences, names and
heads of the two splits are others. `read` are texts whose characters are told right, `refused` those that a
person is asked to save otherwise, `wrong` those that would be searched in the wrong encoding. Of some of
these `names_left` counts the persons that are still in the copy's bytes, read in any encoding.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from typing import Any

import business_texts
from business_texts import Text
from measure import share

from omnigov.contracts import Limits, RedactionProfile, Refused
from workers.media.text import decode, encode
from workers.redaction.kinds.text import TextRedactor

OTHERS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-32",
    "utf-16-le",
    "utf-16-be",
    "utf-32-le",
    "euc_jp",
    "iso2022_jp",
)
COMMON = (
    "utf-8",
    "cp932",
    "euc_jp",
    "iso2022_jp",
    "gbk",
    "big5",
    "utf-16-le",
    "utf-16-be",
    "latin-1",
    "koi8_r",
)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--encodings-count", type=int, default=1000, help="text_encodings: texts")
    parser.add_argument(
        "--encodings-redacted", type=int, default=60, help="text_encodings: texts that are redacted"
    )
    parser.add_argument(
        "--encodings-split",
        choices=("reported", "development"),
        default="reported",
        help="text_encodings: half",
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    split, count = options.encodings_split, options.encodings_count
    texts = business_texts.japanese(split, count, options.seed)
    short = business_texts.short(split, count, options.seed)
    outcomes = Counter(_outcome(text.content, "cp932") for text in texts)
    return {
        "split": split,
        "seed": options.seed,
        "cp932": {
            "texts": len(texts),
            "least_bytes": min(len(text.content.encode("cp932")) for text in texts),
            "read": share(outcomes["read"], len(texts)),
            "refused_by_manner": dict(
                Counter(text.manner for text in texts if _outcome(text.content, "cp932") == "refused")
            ),
            "wrong": outcomes["wrong"],
        },
        "cp932_one_or_two_lines": dict(Counter(_outcome(text.content, "cp932") for text in short)),
        "others": {
            encoding: dict(Counter(_outcome(text.content, encoding) for text in [*texts, *short]))
            for encoding in OTHERS
        },
        "foreign": {
            encoding: dict(Counter(_outcome(text, encoding) for text in _foreign(encoding, options.seed)))
            for encoding in business_texts.FOREIGN
        },
        "redacted": _redacted(texts[: options.encodings_redacted]),
    }


def _outcome(content: str, encoding: str) -> str:
    try:
        written = content.encode(encoding)
    except UnicodeEncodeError:
        return "not to be written so"
    try:
        text = decode(written, Limits()).text
    except Refused:
        return "refused"
    return "read" if text == content else "wrong"


def _foreign(encoding: str, seed: int) -> list[str]:
    """Texts of one line to eight, and some words alone."""
    source, lines = random.Random(f"{encoding} {seed}"), business_texts.FOREIGN[encoding]
    texts = ["\n".join(source.choices(lines, k=source.choice((1, 1, 2, 8)))) for _ in range(200)]
    return [*texts, *(" ".join(source.sample(text.split(), k=min(2, len(text.split())))) for text in texts)]


def _redacted(texts: list[Text]) -> dict[str, Any]:
    redactor = TextRedactor(RedactionProfile())
    persons, left = 0, list[str]()
    for text in texts:
        original, encoding = decode(text.content.encode("cp932"), Limits())
        copy = encode(redactor.redact(original)[0], encoding)
        readings = [copy.decode(each, "replace") for each in COMMON]
        persons += len(text.names)
        left += [name for name in text.names if any(name in reading for reading in readings)]
    return {"texts": len(texts), "persons": persons, "names_left": len(left), "some_left": left[:8]}
