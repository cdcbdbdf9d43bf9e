"""Japanese identifiers, beside Presidio as it is shipped, on the same sentences in one run.

Japanese identifiers are made by rule, with right and with wrong check digits, and set in sentences: with kana
on both sides, in full-width signs, in English beside Japanese. A number counts as found where every one of
its characters is covered, and a wrong one as taken where its own kind is.
"""

from __future__ import annotations

import argparse
import random
import string
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from measure import by_name, share

from omnigov.contracts import RedactionProfile
from workers.redaction.core.normal import normal
from workers.redaction.language import check_digits
from workers.redaction.language.analysis import Analyser

Finder = Callable[[list[str]], list[list[tuple[int, int, str]]]]

SENTENCES = {
    "between kana": "わたしの番号は{}ですので、",
    "in brackets": "控え【{}】をお送りします",
    "mixed scripts": "本日の受付 No.7 is {} です",
    "alone": "{}",
}
CONTEXT = {
    "JP_BANK_ACCOUNT": "振込は普通{}へ",
    "JP_HEALTH_INSURANCE symbol": "保険証は記号 {}です",
}


@dataclass(frozen=True)
class Case:
    """A sentence; characters `start` … `end` − 1 of it are a number of this kind."""

    text: str
    start: int
    end: int
    kind: str
    manner: str


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=100, help="identifiers: numbers of each kind")


def run(options: argparse.Namespace) -> dict[str, Any]:
    right, wrong = cases(options.count, random.Random(options.seed))
    finders: dict[str, Finder] = {"omnigov": ours(), "presidio with ja_ginza, as shipped": presidio()}
    return {
        "material": "Japanese structured identifiers",
        "seed": options.seed,
        "right": len(right),
        "wrong": len(wrong),
        "systems": {name: measure(finder, right, wrong) for name, finder in finders.items()},
    }


# --- the material --------------------------------------------------------------------------------------


def cases(count: int, dice: random.Random) -> tuple[list[Case], list[Case]]:
    """Numbers with right and, for the kinds that have check digits, with wrong ones."""
    right = [_in_sentence(make(dice), kind, dice) for kind, make in MAKERS.items() for _ in range(count)]
    wrong = []
    for kind, holds in CHECKED.items():
        for _ in range(count):
            number = MAKERS[kind](dice)
            while holds(number):
                place = dice.choice([at for at, sign in enumerate(number) if sign in string.digits])
                number = number[:place] + dice.choice(string.digits) + number[place + 1 :]
            wrong.append(_in_sentence(number, kind, dice))
    return right, wrong


def _in_sentence(number: str, kind: str, dice: random.Random) -> Case:
    manner = dice.choice(list(SENTENCES))
    sentence = CONTEXT.get(kind, SENTENCES[manner])
    width = dice.choice(("half width", "full width"))
    if width == "full width":
        number = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in number)
    start = sentence.index("{}")
    text = sentence.replace("{}", number)
    named = "with its word" if kind in CONTEXT else manner
    return Case(text, start, start + len(number), kind.split()[0], f"{named}, {width}")


def _digits(dice: random.Random, count: int) -> str:
    return "".join(dice.choices(string.digits, k=count))


def _letters(dice: random.Random, count: int) -> str:
    return "".join(dice.choices(string.ascii_uppercase, k=count))


def _until(holds: Callable[[str], bool], make: Callable[[], str]) -> str:
    while not holds(number := make()):
        pass
    return number


def _grouped(number: str, sizes: Sequence[int], sign: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(number[at : at + size])
        at += size
    return sign.join(parts)


def _my_number(dice: random.Random) -> str:
    number = _until(check_digits.my_number_holds, lambda: _digits(dice, 12))
    return _grouped(number, (4, 4, 4), dice.choice(("", " ", "-")))


def _corporate_number(dice: random.Random) -> str:
    number = _until(check_digits.corporate_number_holds, lambda: _digits(dice, 13))
    return dice.choice(("", "T")) + _grouped(number, (1, 4, 4, 4), dice.choice(("", "-")))


def _licence(dice: random.Random) -> str:
    return _until(check_digits.driving_licence_holds, lambda: _digits(dice, 12))


def _insurer(dice: random.Random) -> str:
    return _until(
        check_digits.insurer_number_holds, lambda: dice.choice(("06", "01", "34")) + _digits(dice, 6)
    )


def _card(dice: random.Random) -> str:
    number = _until(
        check_digits.card_holds,
        lambda: dice.choice(("4", "51", "35")) + _digits(dice, 15)[:14] + _digits(dice, 1),
    )[:16]
    return number if check_digits.card_holds(number) else _card(dice)


def _phone(dice: random.Random) -> str:
    mobile = f"{dice.choice(('070', '080', '090'))}{_digits(dice, 8)}"
    fixed = f"0{dice.choice('3456')}{dice.choice('23456789')}{_digits(dice, 7)}"
    return dice.choice(
        [
            mobile,
            _grouped(mobile, (3, 4, 4), "-"),
            _grouped(fixed, (2, 4, 4), "-"),
            f"({fixed[:2]}){fixed[2:6]}-{fixed[6:]}",
            f"+81-{mobile[1:3]}-{mobile[3:7]}-{mobile[7:]}",
        ]
    )


def _birthday(dice: random.Random) -> str:
    year, month, day = dice.randint(1, 30), dice.randint(1, 12), dice.randint(1, 28)
    return dice.choice(
        [
            f"昭和{year + 20}年{month}月{day}日",
            f"平成{year}年{month}月{day}日",
            f"{1950 + year}年{month}月{day}日",
            f"{1950 + year}/{month}/{day}",
            f"S{year + 20}.{month}.{day}",
        ]
    )


def _email(dice: random.Random) -> str:
    name = "".join(dice.choices(string.ascii_lowercase, k=6))
    return f"{name}.{_digits(dice, 2)}@example.{dice.choice(('jp', 'co.jp', 'com'))}"


MAKERS: dict[str, Callable[[random.Random], str]] = {
    "JP_MY_NUMBER": _my_number,
    "JP_CORPORATE_NUMBER": _corporate_number,
    "JP_DRIVING_LICENCE": _licence,
    "JP_PASSPORT": lambda dice: f"{_letters(dice, 2)}{_digits(dice, 7)}",
    "JP_RESIDENCE_CARD": lambda dice: f"{_letters(dice, 2)}{_digits(dice, 8)}{_letters(dice, 2)}",
    "JP_HEALTH_INSURANCE": _insurer,
    "JP_HEALTH_INSURANCE symbol": lambda dice: f"{_digits(dice, 4)} 番号 {_digits(dice, 5)}",
    "JP_PENSION_NUMBER": lambda dice: f"{_digits(dice, 4)}-{_digits(dice, 6)}",
    "JP_BANK_ACCOUNT": lambda dice: _digits(dice, 7),
    "JP_POSTAL_CODE": lambda dice: f"{dice.choice(('', '〒'))}{_digits(dice, 3)}-{_digits(dice, 4)}",
    "PHONE_NUMBER": _phone,
    "CREDIT_CARD": _card,
    "DATE_TIME": _birthday,
    "EMAIL_ADDRESS": _email,
}
CHECKED: dict[str, Callable[[str], bool]] = {
    "JP_MY_NUMBER": check_digits.my_number_holds,
    "JP_CORPORATE_NUMBER": check_digits.corporate_number_holds,
    "JP_DRIVING_LICENCE": check_digits.driving_licence_holds,
    "JP_HEALTH_INSURANCE": check_digits.insurer_number_holds,
    "CREDIT_CARD": check_digits.card_holds,
}


# --- the systems ---------------------------------------------------------------------------------------


def ours() -> Finder:
    analyser, profile = Analyser(), RedactionProfile()

    def find(texts: list[str]) -> list[list[tuple[int, int, str]]]:
        forms = [normal(text) for text in texts]
        found = analyser.find([form.text for form in forms], profile)
        return [
            [(form.first[span.start], form.last[span.end - 1], span.kind) for span in spans]
            for form, spans in zip(forms, found, strict=True)
        ]

    return find


def presidio() -> Finder:
    """Presidio's own recognisers for Japanese text, with ja_ginza for the names."""
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    configuration = {"nlp_engine_name": "spacy", "models": [{"lang_code": "ja", "model_name": "ja_ginza"}]}
    models = NlpEngineProvider(nlp_configuration=configuration).create_engine()
    registry = RecognizerRegistry(supported_languages=["ja"])
    registry.load_predefined_recognizers(languages=["ja"], nlp_engine=models)
    engine = AnalyzerEngine(registry=registry, nlp_engine=models, supported_languages=["ja"])

    def find(texts: list[str]) -> list[list[tuple[int, int, str]]]:
        return [
            [(hit.start, hit.end, hit.entity_type) for hit in engine.analyze(text=text, language="ja")]
            for text in texts
        ]

    return find


# --- the measure ---------------------------------------------------------------------------------------


def measure(find: Finder, right: list[Case], wrong: list[Case]) -> dict[str, Any]:
    began = time.perf_counter()
    spans = find([case.text for case in right])
    seconds = time.perf_counter() - began
    covered = [_covers(each, case) for each, case in zip(spans, right, strict=True)]
    taken = [
        any(kind == case.kind and start < case.end and end > case.start for start, end, kind in each)
        for each, case in zip(find([case.text for case in wrong]), wrong, strict=True)
    ]
    return {
        "found": share(sum(covered), len(covered)),
        "found_by_kind": by_name([case.kind for case in right], covered),
        "found_by_manner": by_name([case.manner for case in right], covered),
        "missed": [case.text for case, held in zip(right, covered, strict=True) if not held][:10],
        "wrong_taken": share(sum(taken), len(taken)),
        "wrong_taken_by_kind": by_name([case.kind for case in wrong], taken),
        "sentences_per_second": round(len(right) / seconds, 1),
    }


def _covers(spans: list[tuple[int, int, str]], case: Case) -> bool:
    hidden = {place for start, end, _ in spans for place in range(start, end)}
    return all(case.text[place] == " " or place in hidden for place in range(case.start, case.end))
