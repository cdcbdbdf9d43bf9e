"""Names of persons in Japanese text, beside Presidio with ja_ginza, on the same sentences in one run.

Two materials. The sentences of `japanese_sentences` filled with names of a list that Japanese families and
children really have (japanese-personal-name-dataset, families drawn as often as they occur); and a public set
of 500 sentences of Wikipedia with their persons marked (hironsancorpus), which nothing was tuned on.

Our redaction knows name lists, the dictionary's and that same data set's. So we are measured twice: as
shipped, and with every name of the sentences struck from all of these lists, which is the figure to hold
against the aim. Names and sentences of the development split, on which rules are tuned, are others than those
that are reported. Only what is hidden as a person's name counts, for both systems.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import japanese_sentences
from japanese_personal_name_dataset import load_dataset
from spans import Entity, Sample, measure

from omnigov.contracts import RedactionProfile
from workers.redaction.core.normal import normal
from workers.redaction.language.analysis import Analyser
from workers.redaction.language.ja.names import Lists
from workers.weights import datasets

Finder = Callable[[list[str]], list[list[tuple[int, int]]]]
PROFILE = RedactionProfile(entities=("PERSON",))


@dataclass(frozen=True)
class Name:
    """A person's two names, each as it is written, read and romanised."""

    family: str
    given: str
    family_read: str
    given_read: str
    family_romaji: str
    given_romaji: str

    def written(self, how: str) -> str:
        katakana = [_katakana(self.family_read), _katakana(self.given_read)]
        return {
            "full": self.family + self.given,
            "family": self.family,
            "given": self.given,
            "spaced": f"{self.family} {self.given}",
            "hiragana": self.family_read + self.given_read,
            "hiragana_spaced": f"{self.family_read} {self.given_read}",
            "katakana": "".join(katakana),
            "katakana_spaced": " ".join(katakana),
            "romaji": f"{self.given_romaji.capitalize()} {self.family_romaji.capitalize()}",
            "capitals": f"{self.family_romaji.upper()} {self.given_romaji.upper()}",
        }[how]


def _katakana(reading: str) -> str:
    return "".join(chr(ord(sign) + 0x60) if "ぁ" <= sign <= "ゖ" else sign for sign in reading)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--names-count", type=int, default=1500, help="japanese_names: sentences with a name")
    parser.add_argument(
        "--names-split", choices=("reported", "development"), default="reported", help="which half of them"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    samples, names = sentences(options.names_split, options.names_count, random.Random(options.seed))
    wikipedia = public_set() if options.names_split == "reported" else []
    analyser = Analyser()
    peer = presidio()
    systems: dict[str, Finder] = {
        "omnigov, the names struck from its lists": ours(Analyser(Lists(struck(names)))),
        "omnigov as shipped": ours(analyser),
        "presidio with ja_ginza": peer,
    }
    said: dict[str, Any] = {
        "split": options.names_split,
        "seed": options.seed,
        "sentences": {
            "material": "sentences with names of japanese-personal-name-dataset 0.4.0",
            "with_a_name": options.names_count,
            "without_any": len(samples) - options.names_count,
            "systems": {name: timed(find, samples) for name, find in systems.items()},
        },
    }
    if wikipedia:
        said["wikipedia"] = {
            "material": "hironsancorpus 0.1.2: sentences of Wikipedia, persons marked by hand",
            "sentences": len(wikipedia),
            "systems": {
                name: timed(find, wikipedia) for name, find in systems.items() if "struck" not in name
            },
        }
    return said


def struck(names: list[Name]) -> frozenset[str]:
    """Every way to write these names' parts."""
    parts = {part for name in names for part in vars(name).values()}
    return frozenset(parts | {_katakana(part) for part in parts})


def timed(find: Finder, samples: list[Sample]) -> dict[str, Any]:
    texts = [sample.text for sample in samples]
    began = time.perf_counter()
    hidden = find(texts)
    seconds = time.perf_counter() - began
    return measure(samples, hidden) | {"sentences_per_second": round(len(texts) / seconds, 1)}


# --- the material --------------------------------------------------------------------------------------


def sentences(split: str, count: int, dice: random.Random) -> tuple[list[Sample], list[Name]]:
    """`count` sentences with names, as many of each manner, and those without; and the names in them."""
    draw = _drawing(split, dice)
    templates = japanese_sentences.REPORTED if split == "reported" else japanese_sentences.DEVELOPMENT
    samples, names = [], []
    for place in range(count):
        manner = list(templates)[place % len(templates)]
        sample, used = _filled(dice.choice(templates[manner]), manner, draw)
        samples.append(sample)
        names += used
    return [*samples, *(Sample(text, (), "nobody") for text in japanese_sentences.NOBODY[split])], names


def _filled(template: str, manner: str, draw: Callable[[], Name]) -> tuple[Sample, list[Name]]:
    text, entities, used, name = "", [], [], draw()
    seen: set[str] = set()
    for piece in template.replace("}", "{").split("{"):
        if piece not in _WRITTEN:
            text += piece
            continue
        if piece in seen:  # one more person
            name, seen = draw(), set()
        seen.add(piece)
        used.append(name)
        value = name.written(piece)
        entities.append(Entity(len(text), len(text) + len(value), "PERSON"))
        text += value
    return Sample(text, tuple(entities), manner), used


_KANA_WRITTEN = ("hiragana", "hiragana_spaced", "katakana", "katakana_spaced")
_WRITTEN = frozenset(("full", "family", "given", "spaced", *_KANA_WRITTEN, "romaji", "capitals"))


def _drawing(split: str, dice: random.Random) -> Callable[[], Name]:
    """Draws names of one split: a family as often as it occurs, a given name as often as any other."""
    men, women, families = load_dataset("opti", include_last_names=True)

    def ours(word: str) -> bool:
        development = hashlib.sha256(word.encode()).digest()[0] % 4 == 0
        return development == (split == "development")

    homes = [name for name in families if ours(name)]
    weights = [families[name]["count"] for name in homes]
    givens = [
        (kanji, reading, entry["en"])
        for side in (men, women)
        for reading, entry in side.items()
        for kanji in entry["kanji"]
        if ours(kanji) and len(kanji) > 1
    ]

    def draw() -> Name:
        family = dice.choices(homes, weights)[0]
        given, reading, romaji = dice.choice(givens)
        return Name(family, given, families[family]["reading"], reading, families[family]["en"], romaji)

    return draw


def public_set() -> list[Sample]:
    """The public set's sentences, joined from its words; marks begin with B- and go on with I-."""
    lines = (datasets.path("hironsancorpus") / "iob_sents.txt").read_text(encoding="utf-8")
    samples = []
    for block in lines.replace("\r\n", "\n").strip().split("\n\n"):
        text, entities = "", list[Entity]()
        for line in block.split("\n"):
            columns = line.split("\t")
            word, mark = columns[0], columns[-1]
            if mark == "B-PSN":
                entities.append(Entity(len(text), len(text) + len(word), "PERSON"))
            elif mark == "I-PSN":
                begun = entities.pop()
                entities.append(Entity(begun.start, len(text) + len(word), "PERSON"))
            text += word
        samples.append(Sample(text, tuple(entities)))
    return samples


# --- the systems ---------------------------------------------------------------------------------------


def ours(analyser: Analyser) -> Finder:
    def find(texts: list[str]) -> list[list[tuple[int, int]]]:
        forms = [normal(text) for text in texts]
        found = [analyser.find([form.text], PROFILE)[0] for form in forms]
        return [
            [(form.first[span.start], form.last[span.end - 1]) for span in spans if span.kind == "PERSON"]
            for form, spans in zip(forms, found, strict=True)
        ]

    return find


def presidio() -> Finder:
    """Presidio's own recognisers for Japanese text, with ja_ginza for the names and its kinds mapped."""
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    configuration = {
        "nlp_engine_name": "spacy",
        "models": [{"lang_code": "ja", "model_name": "ja_ginza"}],
        "ner_model_configuration": {
            # Without this Presidio knows none of the model's names of kinds, and finds nobody.
            "model_to_presidio_entity_mapping": {"Person": "PERSON", "Family": "PERSON"},
            "low_score_entity_names": [],
            "labels_to_ignore": [],
        },
    }
    models = NlpEngineProvider(nlp_configuration=configuration).create_engine()
    registry = RecognizerRegistry(supported_languages=["ja"])
    registry.load_predefined_recognizers(languages=["ja"], nlp_engine=models)
    engine = AnalyzerEngine(registry=registry, nlp_engine=models, supported_languages=["ja"])

    def find(texts: list[str]) -> list[list[tuple[int, int]]]:
        return [
            [(hit.start, hit.end) for hit in engine.analyze(text=text, language="ja", entities=["PERSON"])]
            for text in texts
        ]

    return find
