"""Quasi-identifiers: which kinds are found in a sentence, beside Presidio as shipped; and k beside pyCANON.

The sentences are presidio-evaluator's, filled with its identities (see `english`), of the split that nothing
was tuned on. Counted is what the report says of a text: that a kind stands in it, or does not; `in_vain` are
the sentences without the kind for which it says so all the same. Presidio knows nationalities and places, and
is asked for these. k is reckoned by both on the same made-up tables.

Where a template puts a date of birth into a sentence that says nothing of a birth, nobody who reads it can
tell it from another day. `recall` counts such sentences as missed, `recall_where_said` leaves them out.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections.abc import Mapping
from typing import Any

import peers
from measure import by_name, share

from workers.anonymity.groups import anonymity
from workers.anonymity.quasi import found
from workers.anonymity.report import rows

KINDS = {
    "AGE": ("age",),
    "BIRTH_DATE": ("date_of_birth",),
    "POSTAL_CODE": ("zipcode", "postcode"),
    "PLACE": (
        *("city", "state", "state_abbr", "country", "address"),
        *("street_name", "building_number", "secondary_address"),
    ),
    "NATIONALITY": ("nationality", "nation_woman", "nation_man", "nation_plural"),
    "OCCUPATION": ("job",),
    "EMPLOYER": ("organization",),
}
#: What stands for the kind in Presidio; an address holds a place and may hold a postal code.
THEIRS = {"NATIONALITY": ("NRP",), "PLACE": ("LOCATION",)}
MAY_HOLD = {"address": ("POSTAL_CODE",), "zipcode": ("PLACE",), "country": ("NATIONALITY",)}
#: What says in a sentence that a date is somebody's birth.
SAYS = {"BIRTH_DATE": re.compile(r"\b(?:born|birth\w*|b-?day|d\.?o\.?b)\b", re.IGNORECASE)}
HEADS = ("Age", "Sex", "ZIP", "Occupation")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quasi-count", type=int, default=600, help="quasi: sentences")
    parser.add_argument("--quasi-tables", type=int, default=200, help="quasi: tables for k")
    parser.add_argument(
        "--quasi-split", choices=("reported", "development"), default="reported", help="quasi: which half"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "seed": options.seed,
        "sentences": _sentences(options.seed, options.quasi_count, options.quasi_split),
        "tables": _tables(options.seed, options.quasi_tables),
    }


# --- finding -------------------------------------------------------------------------------------------


def _sentences(seed: int, count: int, split: str) -> dict[str, Any]:
    asked = {"ask": "material", "seed": seed, "count": count, "split": split}
    made = peers.ask("presidio_text", asked)["sentences"]
    texts = [sentence["text"] for sentence in made]
    began = time.perf_counter()
    ours = [frozenset(found(text)) for text in texts]
    seconds = time.perf_counter() - began
    peer = peers.ask("presidio_text", {"ask": "find", "texts": texts})
    kinds = {name: kind for kind, names in THEIRS.items() for name in names}
    theirs = [frozenset(kinds[kind] for _, _, kind in spans if kind in kinds) for spans in peer["found"]]
    return {
        "material": "presidio-evaluator 0.3.2: its templates, filled with its identities",
        "split": split,
        "count": len(texts),
        "systems": {
            "omnigov": _measured(made, ours, KINDS) | {"sentences_per_second": round(len(texts) / seconds)},
            f"presidio as shipped, with {peer['model']}": _measured(made, theirs, THEIRS),
        },
    }


def _measured(
    made: list[dict[str, Any]], said: list[frozenset[str]], kinds: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    measured: dict[str, dict[str, Any]] = {}
    for kind in kinds:
        stands = [any(name in KINDS[kind] for _, _, name in each["entities"]) for each in made]
        may = [any(kind in MAY_HOLD.get(name, ()) for _, _, name in each["entities"]) for each in made]
        hit = [kind in each for each in said]
        found_ones = sum(one and there for one, there in zip(hit, stands, strict=True))
        wrong = sum(
            one and not there and not perhaps for one, there, perhaps in zip(hit, stands, may, strict=True)
        )
        without = sum(not there and not perhaps for there, perhaps in zip(stands, may, strict=True))
        measured[kind] = {
            "recall": share(found_ones, sum(stands)),
            "precision": share(found_ones, found_ones + wrong),
            "in_vain": share(wrong, without),
        }
        if kind in SAYS:
            said_so = [
                bool(there and SAYS[kind].search(each["text"]))
                for there, each in zip(stands, made, strict=True)
            ]
            told = sum(one and so for one, so in zip(hit, said_so, strict=True))
            measured[kind]["recall_where_said"] = share(told, sum(said_so))
        if len(KINDS[kind]) > 1:
            pairs = [
                (name, one)
                for one, each in zip(hit, made, strict=True)
                for name in sorted({name for _, _, name in each["entities"]} & {*KINDS[kind]})
            ]
            measured[kind]["by_name"] = by_name([name for name, _ in pairs], [one for _, one in pairs])
    return {"kinds": measured}


# --- k -------------------------------------------------------------------------------------------------


def _tables(seed: int, count: int) -> dict[str, Any]:
    dice = random.Random(seed)
    tables = [_table(dice) for _ in range(count)]
    began = time.perf_counter()
    ours = [anonymity(rows(_csv(table))).groups for table in tables]
    seconds = time.perf_counter() - began
    peer = peers.ask("pycanon_k", {"heads": HEADS, "tables": tables})
    same = sum(groups is not None and groups.k == k for groups, k in zip(ours, peer["k"], strict=True))
    return {
        "material": "made-up tables of age, sex, postal code and occupation, 2 to 400 rows",
        "peer": f"pycanon {peer['version']}",
        "the_same_k": share(same, len(tables)),
        "k_from_to": [min(peer["k"]), max(peer["k"])],
        "seconds": {"omnigov": round(seconds, 2), "pycanon": round(peer["seconds"], 2)},
    }


def _table(dice: random.Random) -> list[list[str]]:
    """Rows of few different people, so that groups of every size occur."""
    people = [
        [str(dice.randint(20, 60)), dice.choice("fm"), f"{dice.randint(10000, 10999)}", dice.choice(_JOBS)]
        for _ in range(dice.randint(1, 25))
    ]
    return [list(dice.choice(people)) for _ in range(dice.randint(2, 400))]


_JOBS = ("nurse", "baker", "teacher", "pilot", "glass blower")


def _csv(table: list[list[str]]) -> str:
    return "\n".join(",".join(row) for row in [list(HEADS), *table]) + "\n"
