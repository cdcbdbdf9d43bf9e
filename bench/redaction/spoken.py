"""Names and digits that synthetic voices say, in English and Japanese: what is silent.

`spoken_words.json` holds the names, the sentences and the voices, written down before any was heard. The
names' parts are struck from our lists. A recording is one voice that says six sentences: two beside, three
with a name, one with a run of digits. The synthesiser itself says when it says each, so edges are exact. A
name or a digit counts as silent where nine tenths of what is loud in it are.
"""

from __future__ import annotations

import argparse
import functools
import io
import json
import random
import re
import resource
import time
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import voices
from japanese_names import Name
from japanese_names import struck as struck_parts
from measure import share
from sound import Samples, excess, heard_numbers, sounding

from omnigov.contracts import Limits, RedactionProfile
from workers.media import flac
from workers.media.sound import RATE, decode
from workers.redaction.hearing import parts
from workers.redaction.hearing.recording import Stretch
from workers.redaction.kinds import sound
from workers.redaction.kinds.redactors import Beside
from workers.redaction.language import analysis

LANGUAGES = ("en", "ja")
WORDS = Path(__file__).with_name("spoken_words.json")
BETWEEN = RATE * 2 // 5  # samples from one sentence to the next
LOUD, SILENT = 0.1, 0.9  # of the loudest sample; and the share of what is louder that has to be silent
NAMES_EACH, DIGITS = 3, (4, 5, 6, 7, 8, 10)


class Recorded(NamedTuple):
    samples: Samples
    names: list[tuple[str, Stretch]]
    digits: list[list[Stretch]]  # of each run


@functools.cache
def material() -> dict[str, Any]:
    return dict(json.loads(WORDS.read_text(encoding="utf-8")))


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--spoken", type=int, default=10, help="recordings a language by synthetic voices")
    parser.add_argument(
        "--sentences", type=int, default=10, help="spoken: of which both recognisers' words are counted"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    _strike()
    return {
        language: _measured(language, options.spoken, random.Random(f"{options.seed}{language}"))
        | {"words": _words(language, options.sentences)}
        for language in LANGUAGES
    } | {"memory_peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}


def _strike() -> None:
    """The Japanese names leave our lists; of the English ones none stands there."""
    from workers.redaction.language.en.given_names import GIVEN
    from workers.redaction.language.en.surnames import SURNAMES
    from workers.redaction.language.ja.names import Lists

    english = {part.lower() for name in material()["en"]["names"] for part in re.findall(r"\[(\w+)\]", name)}
    if english & (GIVEN | SURNAMES):
        raise ValueError(f"{english & (GIVEN | SURNAMES)} stand in our lists.")
    names = []
    for kana, kanji in material()["ja"]["names"]:
        (family_kana, given_kana), (family, given) = kana.split(), kanji.split()
        names.append(Name(family, given, _hiragana(family_kana), _hiragana(given_kana), "", ""))
    analysis._shared[:] = [analysis.Analyser(Lists(struck_parts(names)))]


def _hiragana(reading: str) -> str:
    return "".join(chr(ord(sign) - 0x60) if "ァ" <= sign <= "ヶ" else sign for sign in reading)


def _measured(language: str, count: int, drawn: random.Random) -> dict[str, Any]:
    names, digits = [0, 0], [0, 0]
    beside, excesses = [0, 0], list[float]()
    found, missed = list[str](), list[dict[str, Any]]()
    seconds = took = 0.0
    for number in range(count):
        recorded = _recorded(language, number, drawn)
        begun = time.process_time()
        copy, kept_beside = _redacted(recorded.samples)
        took += time.process_time() - begun
        seconds += recorded.samples.size / RATE
        gone = (copy == 0) & (recorded.samples != 0)
        for name, place in recorded.names:
            names[1] += 1
            if _silent(recorded.samples, gone, place):
                names[0] += 1
            else:
                missed.append(_miss(name, place, kept_beside))
        for run_ in recorded.digits:
            digits[1] += len(run_)
            digits[0] += sum(_silent(recorded.samples, gone, place) for place in run_)
        runs = [Stretch(run_[0].start, run_[-1].end) for run_ in recorded.digits]
        other = sounding(recorded.samples)
        for place in (*(place for _, place in recorded.names), *runs):
            other[place.start : place.end] = False
            if _silent(recorded.samples, gone, place):
                excesses += excess(copy, place)
        beside[0] += int((other & ~gone).sum())
        beside[1] += int(other.sum())
        found += heard_numbers(copy)
    return {
        "recordings": count,
        "seconds": round(seconds, 1),
        "names_silent": share(*names),
        "names_missed": missed,
        "digits_silent": share(*digits),
        "runs_of_digits_that_a_recogniser_finds_in_the_copies": len(found),
        "neighbouring_speech_kept": round(beside[0] / max(beside[1], 1), 4),
        "excess_seconds_a_side": {
            "median": round(median(excesses), 3),
            "shortest": round(min(excesses), 3),
            "longest": round(max(excesses), 3),
        },
        "processor_seconds_a_second": round(took / seconds, 3),
    }


class Sentence(NamedTuple):
    said: voices.Said
    what: str  # name, digits, beside
    name: str = ""


def sentences(language: str, number: int, drawn: random.Random) -> list[Sentence]:
    """The six sentences of one recording in their order: all of one voice."""
    own = material()[language]
    voice = own["voices"][number % len(own["voices"])]
    chosen = [own["names"][(number * NAMES_EACH + at) % len(own["names"])] for at in range(NAMES_EACH)]
    names = [name if isinstance(name, str) else name[0] for name in chosen]
    carriers = drawn.sample(own["named"], NAMES_EACH)
    run_ = [drawn.choice(own["digit_words"]) for _ in range(DIGITS[number % len(DIGITS)])]
    digits = own["between"].join(f"{{{digit}}}" for digit in run_)
    texts = [
        *(
            (carrier.format(f"{{{name}}}"), "name", name)
            for carrier, name in zip(carriers, names, strict=True)
        ),
        (drawn.choice(own["digits"]).format(digits), "digits", ""),
        *((sentence, "beside", "") for sentence in drawn.sample(own["beside"], 2)),
    ]
    order = drawn.sample(range(len(texts)), len(texts))
    return [Sentence(voices.say(texts[place][0], voice), *texts[place][1:]) for place in order]


def _recorded(language: str, number: int, drawn: random.Random) -> Recorded:
    names, digits = list[tuple[str, Stretch]](), list[list[Stretch]]()
    pieces, at = list[Samples](), 0
    for one in sentences(language, number, drawn):
        marked = [Stretch(at + start, at + end) for start, end in one.said.marked]
        if one.what == "name":
            names.append((one.name, marked[0]))
        elif one.what == "digits":
            digits.append(marked)
        pieces += [np.rint(one.said.sound * 32767).astype(np.int16), np.zeros(BETWEEN, np.int16)]
        at += one.said.sound.size + BETWEEN
    # A recording is never quite silent: so what is zero in the copy was made so.
    whole = np.concatenate(pieces).astype(int)
    ground = np.random.default_rng(number).integers(1, 4, whole.size)
    return Recorded(np.clip(whole + ground, -32768, 32767).astype(np.int16), names, digits)


def _redacted(samples: Samples) -> tuple[Samples, Beside]:
    original, out, beside = io.BytesIO(), io.BytesIO(), Beside()
    flac.write([samples], original)
    sound.redact_to(original.getvalue(), out, RedactionProfile(), Limits(), beside=beside)
    return np.rint(np.concatenate(list(decode(out.getvalue(), Limits()))) * 32768).astype(np.int16), beside


def _silent(samples: Samples, gone: Any, place: Stretch) -> bool:
    loud = np.abs(samples[place.start : place.end].astype(int))
    return bool(gone[place.start : place.end][loud > LOUD * loud.max()].mean() >= SILENT)


def _miss(name: str, place: Stretch, beside: Beside) -> dict[str, Any]:
    """What was written down of the turn in which a name can still be heard."""
    turns = beside.conversation.turns if beside.conversation else ()
    for turn in turns:
        middle = (place.start + place.end) / 2 / RATE * 1000
        if turn.at.start <= middle <= turn.at.end and turn.span and beside.transcript:
            return {"name": name, "turn": beside.transcript[turn.span.start : turn.span.end]}
    return {"name": name, "turn": None}


def _words(language: str, count: int) -> dict[str, Any]:
    """Errors in words (English) or signs (Japanese) of both recognisers, in sentences without a name."""
    own = material()[language]
    said = [
        (sentence, voices.say(sentence, own["voices"][at % len(own["voices"])]).sound)
        for at, sentence in enumerate(own["beside"][:count])
    ]

    def first(part: Any) -> list[str]:
        return ["".join(word.text for word in part.hear(each, 0)) for _, each in said]

    def second(part: Any) -> list[str]:
        return [part.hear(each, language) for _, each in said]

    return {
        name: _errors(language, [sentence for sentence, _ in said], parts.ask(part, question))
        for name, part, question in (
            ("whisper-base", parts.SPEECH, first),
            ("whisper-small", parts.SECOND, second),
        )
    }


def _errors(language: str, said: Sequence[str], heard: Sequence[str]) -> dict[str, Any]:
    wrong = of = 0
    for one, other in zip(said, heard, strict=True):
        expected, found = list(_units(language, one)), list(_units(language, other))
        of += len(expected)
        wrong += _edits(expected, found)
    return share(min(wrong, of), of)


def _units(language: str, text: str) -> Iterator[str]:
    text = unicodedata.normalize("NFKC", text).casefold()
    if language == "ja":
        yield from (sign for sign in text if sign.isalnum())
    else:
        yield from re.findall(r"[a-z0-9']+", text)


def _edits(one: Sequence[str], other: Sequence[str]) -> int:
    """The fewest insertions, deletions and exchanges between the two (Levenshtein)."""
    row = list(range(len(other) + 1))
    for at, unit in enumerate(one, 1):
        before, row[0] = row[0], at
        for place, each in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (unit != each))
    return row[-1]
