"""spaCy and Presidio, brought in without the large libraries that they only ask after.

Both look whether torch and transformers are there, for models of a kind that is not used here, and would load
them whole for that: seconds of each start, and a quarter of a gigabyte of each process that redacts.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hidden(*names: str) -> Iterator[None]:
    """These libraries, as if they were not installed. One that is loaded already stays as it is."""
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment] # how Python is told that there is none
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)


with hidden("torch", "transformers"):
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import (
        CreditCardRecognizer,
        DateRecognizer,
        IbanRecognizer,
        IpRecognizer,
        PhoneRecognizer,
        SpacyRecognizer,
        UrlRecognizer,
        UsSsnRecognizer,
    )

__all__ = [
    "AnalyzerEngine",
    "CreditCardRecognizer",
    "DateRecognizer",
    "IbanRecognizer",
    "IpRecognizer",
    "NerModelConfiguration",
    "PhoneRecognizer",
    "RecognizerRegistry",
    "SpacyNlpEngine",
    "SpacyRecognizer",
    "UrlRecognizer",
    "UsSsnRecognizer",
    "spacy",
]
