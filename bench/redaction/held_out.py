"""Redaction on sets that are held out: templates, labels, layouts and people that nothing was made with.

What the sets hold was written down, with its seed, counts and digests (`material/written_down.json`), before
the product was run on it, and is made where nothing of the product can be imported. The development part may
be looked at and mended by (`--held-out-part development`); the held-out part is for reporting alone. Whoever
mends by it makes it the next development part, and writes down another. How much of a set stands in the
product's own lists is reported beside (`held_out_overlap`), and the share on what does not.

Templates come again with other people, so that texts are not independent: beside the shares stands in how
many templates (of documents, in how many documents) everything held.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import english
import forms
import held_out_forms
import held_out_overlap
import japanese_names
import numpy as np
import peers
from measure import share
from spans import Entity, Sample, measure

WRITTEN = Path(__file__).parent / "material" / "written_down.json"
SETS = ("english", "japanese", "english_documents", "japanese_documents", "numbers", "forms")
OLD = "overlap_of_the_older_sets"
Spans = list[list[tuple[int, int]]]


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--held-out-part", choices=("development", "held-out"), default="held-out")
    parser.add_argument(
        "--held-out-sets", nargs="+", choices=(*SETS, OLD), default=list(SETS), help="held_out: which"
    )
    parser.add_argument("--held-out-no-peer", action="store_true", help="held_out: leave Presidio out")
    parser.add_argument("--held-out-keep", type=Path, help="held_out: a folder for the forms that leak")


def run(options: argparse.Namespace) -> dict[str, Any]:
    written = json.loads(WRITTEN.read_text(encoding="utf-8"))
    part = options.held_out_part
    counts = {name: written["counts"][name] for name in SETS}
    answer = peers.ask("held_out", {"part": part, "seed": written["seed"], "counts": counts})
    for name in SETS:
        if answer[name]["digest"] != written["digests"][part][name]:
            raise ValueError(
                f"The {part} part of {name} is not what was written down on {written['date']}: its material "
                "or a package that it is made with has changed. Restore it, or write it down anew."
            )
    runs: dict[str, Callable[[Any], dict[str, Any]]] = {
        "english": lambda made: _texts("english", made, peer=not options.held_out_no_peer),
        "japanese": lambda made: _texts("japanese", made, peer=not options.held_out_no_peer),
        "english_documents": lambda made: _texts("english", made, peer=not options.held_out_no_peer),
        "japanese_documents": lambda made: _texts("japanese", made, peer=not options.held_out_no_peer),
        "numbers": _numbers,
        "forms": lambda made: _forms(part, written["seed"], made, options.held_out_keep),
    }
    runs[OLD] = lambda _: held_out_overlap.of_the_older_sets(written["seed"])
    said: dict[str, Any] = {
        "part": part,
        "written_down": written["date"],
        "seed": written["seed"],
        "commit": _commit(),
        "run": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }
    for name in options.held_out_sets:
        began = time.perf_counter()
        made = answer[name]["made"] if name in answer else None
        said[name] = runs[name](made) | {"seconds": round(time.perf_counter() - began)}
        if part == "held-out":
            _without_examples(said[name])
        print(json.dumps({name: said[name]}, indent=2, ensure_ascii=False), flush=True)
    return said


def _without_examples(said: dict[str, Any]) -> None:
    """What was missed is for development to be seen by: who sees a held-out text mends by it."""
    for name in ("missed", "hidden_in_vain", "leaks"):
        said.pop(name, None)
    for system in said.get("systems", {}).values():
        _without_examples(system)


def _commit() -> str:
    asked = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    told = subprocess.run(asked, cwd=Path(__file__).parent, capture_output=True, text=True)
    return told.stdout.strip() or "unknown"


# --- texts ---------------------------------------------------------------------------------------------


def _texts(language: str, made: list[dict[str, Any]], *, peer: bool) -> dict[str, Any]:
    samples = [
        Sample(one["text"], tuple(Entity(*entity) for entity in one["entities"]), one["group"])
        for one in made
    ]
    texts = [sample.text for sample in samples]
    hidden, seconds = english.ours(texts)
    said = {
        "texts": len(texts),
        "templates": len({one["template"] for one in made}),
        "systems": {"omnigov": measure(samples, hidden)},
        "names": _names(language, samples, hidden),
        "without_a_miss": _by_template(made, samples, hidden),
        "texts_per_second": round(len(texts) / seconds, 1),
    }
    if peer and language == "english":
        found = peers.ask("presidio_text", {"ask": "find", "texts": texts})
        theirs: Spans = [
            [(start, end) for start, end, kind in spans if kind in english.KINDS] for spans in found["found"]
        ]
        said["systems"]["presidio as shipped"] = measure(samples, theirs)
    elif peer:
        # It is asked for persons alone, so that the two are compared by `names` only.
        theirs = japanese_names.presidio()(texts)
        said["names_presidio_with_ja_ginza"] = _names(language, samples, theirs)
    return said


def _names(
    language: str, samples: Sequence[Sample], hidden: Sequence[Sequence[tuple[int, int]]]
) -> dict[str, Any]:
    """Names of persons: all, and apart by whether lead-in and name stand in the product's lists."""
    lead_in = {
        "english": held_out_overlap.english_lead_in,
        "japanese": held_out_overlap.japanese_lead_in,
    }[language]
    told = [
        (
            _held(sample.text, entity, spans),
            lead_in(sample.text, entity.start, entity.end),
            held_out_overlap.name_is_listed(language, sample.text[entity.start : entity.end]),
        )
        for sample, spans in zip(samples, hidden, strict=True)
        for entity in sample.entities
        if entity.kind == "PERSON"
    ]

    def of(chosen: list[tuple[bool, bool, bool]]) -> dict[str, Any]:
        return share(sum(held for held, _, _ in chosen), len(chosen))

    return {
        "all": of(told),
        "lead_in_in_our_lists": of([one for one in told if one[1]]),
        "lead_in_in_none": of([one for one in told if not one[1]]),
        "name_in_our_lists": of([one for one in told if one[2]]),
        "name_in_none": of([one for one in told if not one[2]]),
        "neither_in_any": of([one for one in told if not one[1] and not one[2]]),
    }


def _held(text: str, entity: Entity, spans: Sequence[tuple[int, int]]) -> bool:
    covered = {place for start, end in spans for place in range(start, end)}
    return all(place in covered for place in range(entity.start, entity.end) if text[place].isalnum())


def _by_template(
    made: list[dict[str, Any]], samples: Sequence[Sample], hidden: Sequence[Sequence[tuple[int, int]]]
) -> dict[str, Any]:
    missed: Counter[str] = Counter()
    for one, sample, spans in zip(made, samples, hidden, strict=True):
        personal = [entity for entity in sample.entities if entity.personal]
        if personal:
            missed[one["template"]] += sum(not _held(sample.text, entity, spans) for entity in personal)
    return share(sum(count == 0 for count in missed.values()), len(missed))


# --- numbers -------------------------------------------------------------------------------------------


def _numbers(made: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    right, wrong = made["right"], made["wrong"]
    hidden, _ = english.ours([one["text"] for one in right])
    held = [
        _held(one["text"], Entity(*one["entities"][0]), spans)
        for one, spans in zip(right, hidden, strict=True)
    ]
    kinds = [one["group"] for one in right]
    taken = [
        bool(kind := one["entities"][0][2]) and any(found == kind for found in spans)
        for one, spans in zip(wrong, _kinds([one["text"] for one in wrong]), strict=True)
    ]
    return {
        "right_hidden": share(sum(held), len(held)),
        "by_kind": {
            kind: share(sum(h for h, k in zip(held, kinds, strict=True) if k == kind), kinds.count(kind))
            for kind in dict.fromkeys(kinds)
        },
        "missed": [one["text"] for one, hit in zip(right, held, strict=True) if not hit][:12],
        "wrong_taken_as_their_kind": share(sum(taken), len(taken)),
    }


def _kinds(texts: list[str]) -> list[list[str]]:
    """The kinds that are found in each text."""
    from omnigov.contracts import RedactionProfile
    from workers.redaction.kinds.text import TextRedactor

    redactor = TextRedactor(RedactionProfile())
    return [[finding.kind for finding in redactor.redact(text)[1].findings] for text in texts]


# --- forms ---------------------------------------------------------------------------------------------


def _forms(part: str, seed: int, made: list[dict[str, Any]], keep: Path | None) -> dict[str, Any]:
    redact = forms.ours()
    cells: list[dict[str, Any]] = []
    quarantined = 0
    for place, (form, fields) in enumerate(held_out_forms.drawn(part, seed, made)):
        answer = redact(place, form)
        quarantined += answer.quarantined
        own = list(_cells(form, fields, answer))
        if keep is not None and any(cell["personal"] and not cell["held"] for cell in own):
            forms.kept(keep, place, form, answer)
        cells += own
    personal = [cell for cell in cells if cell["personal"]]

    def of(chosen: list[dict[str, Any]]) -> dict[str, Any]:
        return share(sum(cell["held"] for cell in chosen), len(chosen))

    def by(name: str) -> dict[str, Any]:
        values = dict.fromkeys(cell[name] for cell in personal)
        return {value: of([cell for cell in personal if cell[name] == value]) for value in values}

    return {
        "forms": len(made),
        "quarantined": share(quarantined, len(made)),
        "overlap": {
            language: held_out_overlap.of_labels(
                [
                    (f["label"], f["asked"])
                    for one in made
                    if one["language"] == language
                    for f in one["fields"]
                ]
            )
            for language in ("ja", "en")
        },
        "personal_values": of(personal),
        "names": of([cell for cell in personal if cell["asked"] in ("name", "kana")]),
        "by_what_the_lexicon_says_of_the_label": by("known"),
        "by_what_is_asked": by("asked"),
        "by_layout": by("layout"),
        "by_manner": by("manner"),
        "by_language": by("language"),
        "values_of_nobody_hidden": of([cell for cell in cells if not cell["personal"]]),
        "leaks": [
            f"{cell['layout']}, {cell['manner']}: {cell['label']}, {cell['covered']:.0%}"
            for cell in personal
            if not cell["held"]
        ][:60],
    }


def _cells(form: forms.Form, fields: list[dict[str, Any]], answer: forms.Answer) -> Any:
    """Each field with how much of its value's ink is hidden; a value may stand in several pieces."""
    values = [(number, text) for number, text in enumerate(form.texts, 1) if not text.label]
    for field in fields:
        wanted, drawn, numbers = "".join(field["value"].split()), "", list[int]()
        while drawn != wanted:
            number, text = values.pop(0)
            drawn += "".join(text.words.split())
            numbers.append(number)
        ink = np.isin(form.owner, numbers)
        covered = float(answer.hidden[ink].mean()) if ink.any() else 1.0
        personal = field["kind"] is not None
        yield {
            "held": covered >= (forms.COVERED if personal else forms.TOUCHED),
            "personal": personal,
            "covered": covered,
            "asked": field["asked"],
            "label": field["label"],
            "known": held_out_overlap.label(field["label"]),
            "layout": form.name,
            "manner": form.manner,
            "language": form.language,
        }
