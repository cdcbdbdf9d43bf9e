"""Personal data in English sentences, beside Presidio as it is shipped, on the same sentences in one run.

The sentences are presidio-evaluator's templates filled with its identities. A quarter of both is the
development split, on which rules are tuned; what is reported are the other templates with the other
identities. Presidio runs with the English model that ours runs with, as its usual one is on no package index.

Personal is what a usual profile hides: names, addresses and their parts, telephone numbers, e-mail and web
addresses, numbers of cards, accounts and licences, dates. Titles (Mr.) and ages may be hidden or not. Firms,
nationalities and occupations are not personal: hiding them counts against the precision.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import peers
from spans import Entity, Sample, measure

from omnigov.contracts import RedactionProfile
from workers.redaction.kinds.text import TextRedactor

KINDS = {
    "PERSON": (
        *("person", "name", "name_male", "name_female"),
        *("first_name", "first_name_male", "first_name_female", "first_name_nonbinary"),
        *("last_name", "last_name_male", "last_name_female"),
    ),
    "LOCATION": (
        *("address", "street_name", "building_number", "secondary_address", "city", "state", "state_abbr"),
        *("zipcode", "postcode", "country"),
    ),
    "DATE_TIME": ("date_time", "date_of_birth", "day_of_week", "year"),
    "PHONE_NUMBER": ("phone_number",),
    "EMAIL_ADDRESS": ("email",),
    "URL": ("url",),
    "IP_ADDRESS": ("ip_address",),
    "CREDIT_CARD": ("credit_card_number",),
    "IBAN_CODE": ("iban",),
    "US_SSN": ("ssn",),
    "US_DRIVER_LICENSE": ("us_driver_license",),
}
PERSONAL = {name: kind for kind, names in KINDS.items() for name in names}
EITHER = ("prefix", "prefix_male", "prefix_female", "age")
NOT_PERSONAL = ("organization", "nationality", "nation_woman", "nation_man", "nation_plural", "job")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--english-count", type=int, default=1500, help="english: sentences")
    parser.add_argument(
        "--english-split", choices=("reported", "development"), default="reported", help="english: which half"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    made = peers.ask(
        "presidio_text",
        {
            "ask": "material",
            "seed": options.seed,
            "count": options.english_count,
            "split": options.english_split,
        },
    )
    samples = [_sample(sentence) for sentence in made["sentences"]]
    texts = [sample.text for sample in samples]
    peer = peers.ask("presidio_text", {"ask": "find", "texts": texts})
    theirs = [[(start, end) for start, end, kind in spans if kind in KINDS] for spans in peer["found"]]
    hidden, seconds = ours(texts)
    name = f"presidio as shipped, with {peer['model']}"
    return {
        "material": "presidio-evaluator 0.3.2: its templates, filled with its identities",
        "split": options.english_split,
        "seed": options.seed,
        "sentences": len(samples),
        "templates": made["templates"],
        "identities": made["identities"],
        "systems": {
            "omnigov": measure(samples, hidden) | {"sentences_per_second": round(len(texts) / seconds, 1)},
            name: measure(samples, theirs) | {"sentences_per_second": round(len(texts) / peer["seconds"], 1)},
        },
    }


def _sample(sentence: dict[str, Any]) -> Sample:
    entities = []
    for start, end, name in sentence["entities"]:
        if name in PERSONAL:
            entities.append(Entity(start, end, PERSONAL[name]))
        elif name in EITHER:
            entities.append(Entity(start, end, name, personal=False))
        elif name not in NOT_PERSONAL:
            raise ValueError(f"The template's kind {name} is in no list of this bench.")
    return Sample(sentence["text"], tuple(entities))


def ours(texts: list[str]) -> tuple[list[list[tuple[int, int]]], float]:
    """The places that the text's redaction hides, by the usual profile, and the seconds it took."""
    redactor = TextRedactor(RedactionProfile())
    redactor.redact("Warm up. 準備。")
    began = time.perf_counter()
    found = [redactor.redact(text)[1].findings for text in texts]
    seconds = time.perf_counter() - began
    return [[(finding.place.start, finding.place.end) for finding in findings] for findings in found], seconds
