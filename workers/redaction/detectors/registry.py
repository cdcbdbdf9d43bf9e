"""Every detector of redaction, in one place.

To add one: write a class in a file of its own with the two functions of `PictureDetector`, name its model
files in `workers/weights/manifest.json`, and list it here. CONTRIBUTING.md walks through it.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

from omnigov.contracts import Detector, Finding, Quarantined, RedactionProfile
from workers.media.picture import Pixels
from workers.redaction.core import known_answers
from workers.redaction.core.picture import Look, Picture


class PictureDetector(Protocol):
    """Made once a process, when the first picture comes; then used from several threads."""

    def find(self, picture: Picture) -> list[Finding]:
        """What has to be hidden; boxes lie in the picture. An exception puts the picture in quarantine."""

    def describe(self) -> Detector:
        """Name, version and digest of its model files: they go on the record with each finding."""


@dataclass(frozen=True)
class Entry:
    name: str
    implementation: str  # module:class; imported when it is first needed, as most bring a library along
    weights: tuple[str, ...]  # names in the manifest of model files
    looks: tuple[Look, ...]
    wanted: Callable[[RedactionProfile], bool]
    known: Callable[[], Pixels] | None = None  # a picture in which it must find something at each look
    reads: bool = False  # a mask that another detector asked for may cut what it sees, and so it looks again


def _faces(profile: RedactionProfile) -> bool:
    return profile.faces


def _text(profile: RedactionProfile) -> bool:
    return profile.text


def _codes(profile: RedactionProfile) -> bool:
    return profile.codes


def _seals(profile: RedactionProfile) -> bool:
    return profile.seals


def _screens(profile: RedactionProfile) -> bool:
    return profile.screens


def _templates(profile: RedactionProfile) -> bool:
    return bool(profile.templates)


REGISTRY = (
    Entry(
        "centerface",
        "workers.redaction.detectors.centerface:CenterFace",
        ("centerface", "mtcnn-onet"),
        ("first",),
        _faces,
        known_answers.face,
    ),
    Entry(
        "text",
        "workers.redaction.detectors.text_in_pictures:TextInPictures",
        ("ppocr-det", "ppocr-cls", "ppocr-rec"),
        ("first", "second"),
        _text,
        known_answers.lines,
        reads=True,
    ),
    Entry(
        "mtcnn",
        "workers.redaction.detectors.mtcnn:Mtcnn",
        ("mtcnn-pnet", "mtcnn-rnet", "mtcnn-onet"),
        ("second",),
        _faces,
        known_answers.face,
    ),
    Entry(
        "codes",
        "workers.redaction.detectors.codes:Codes",
        (),
        ("first", "second"),
        _codes,
        known_answers.code,
    ),
    Entry("seals", "workers.redaction.detectors.seals:Seals", (), ("first",), _seals),
    Entry("screens", "workers.redaction.detectors.screens:Screens", (), ("first",), _screens),
    Entry("form_template", "workers.redaction.forms.templates:FormTemplates", (), ("first",), _templates),
)

_loaded: dict[str, PictureDetector] = {}
_loading = threading.Lock()


def loaded(entry: Entry) -> PictureDetector:
    """The detector, loaded once a process; a failure is not remembered, so that it can be mended.

    Raises `Quarantined` where it loads, and finds nothing in its known picture.
    """
    with _loading:
        if entry.name not in _loaded:
            module, _, name = entry.implementation.partition(":")
            make = cast(Callable[[], PictureDetector], getattr(importlib.import_module(module), name))
            detector = make()
            _prove(entry, detector)
            _loaded[entry.name] = detector
        return _loaded[entry.name]


def _prove(entry: Entry, detector: PictureDetector) -> None:
    if entry.known is None:
        return
    for look in entry.looks:
        if not detector.find(Picture(entry.known(), RedactionProfile(), look)):
            raise Quarantined(
                "detector_silent",
                f"The detector {entry.name} finds nothing in a picture made for it to find something in, so "
                "what it does not find means nothing. Run `omnigov doctor`, install anew (make clean setup), "
                "and try again.",
            )


def wanted(profile: RedactionProfile) -> list[Entry]:
    """The detectors that a profile asks for."""
    return [
        entry
        for entry in REGISTRY
        if entry.wanted(profile) and (profile.second_look or "first" in entry.looks)
    ]
