"""Who finds nothing where something stands is not believed, and no network's nonsense is an answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from omnigov.contracts import Finding, Limits, Quarantined, RedactionProfile
from tests.workers.redaction.conftest import FACES_ONLY, TEXT_ONLY, Broken, sample
from workers.redaction.core import known_answers
from workers.redaction.core.picture import Picture
from workers.redaction.detectors import centerface, mtcnn
from workers.redaction.detectors import registry as detectors
from workers.redaction.detectors.registry import REGISTRY, Entry
from workers.redaction.kinds.picture import load, redact
from workers.redaction.kinds.text import TextRedactor
from workers.redaction.language import analysis
from workers.redaction.reading import ppocr

KNOWN = [entry for entry in REGISTRY if entry.known]


class Blind(Broken):
    """A detector that runs, and sees nothing."""

    def find(self, picture: Picture) -> list[Finding]:
        return []


def test_each_detector_with_a_network_has_a_picture_to_prove_itself_on() -> None:
    assert {entry.name for entry in REGISTRY if entry.weights} <= {entry.name for entry in KNOWN}


@pytest.mark.parametrize("entry", KNOWN, ids=lambda entry: entry.name)
def test_the_detectors_find_what_they_must(entry: Entry) -> None:
    for look in entry.looks:
        assert detectors.loaded(entry).find(Picture(entry.known(), RedactionProfile(), look))  # type: ignore[misc]


def test_a_blind_detector_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    blind = Entry("blind", f"{__name__}:Blind", (), ("first",), lambda _: True, known_answers.face)
    monkeypatch.setattr(detectors, "_loaded", {})
    monkeypatch.setattr(detectors, "REGISTRY", (blind,))
    for use in (lambda: redact(sample("cat.jpg"), FACES_ONLY, Limits()), lambda: load(FACES_ONLY)):
        with pytest.raises(Quarantined, match="blind finds nothing") as caught:
            use()
        assert caught.value.code == "detector_silent"
    assert detectors._loaded == {}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_language_model_that_finds_no_name_is_not_used(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent(analysis._Models):
        def load(self) -> None:
            super().load()
            self.nlp[language].disable_pipe("ner")

    monkeypatch.setattr(analysis, "_Models", Silent)
    monkeypatch.setattr(analysis, "_shared", [])  # whatever this process loaded before
    with pytest.raises(Quarantined) as caught:
        TextRedactor(RedactionProfile())
    assert caught.value.code == "detector_silent"


def test_a_text_whose_models_are_missing_is_kept_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "ENGLISH", "a_model_that_nobody_has")
    monkeypatch.setattr(analysis, "_shared", [])
    with pytest.raises(Quarantined) as caught:
        TextRedactor(RedactionProfile())
    assert caught.value.code == "detector_missing"


class NoNumbers:
    """A network whose every answer is no number."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def run(self, names: Any, inputs: Any) -> list[np.ndarray]:
        return [np.full_like(answer, np.nan) for answer in self._real.run(names, inputs)]


def broken(detector: Any) -> Any:
    """The object that holds the network that is broken, and the network's name there."""
    if isinstance(detector, centerface.CenterFace):
        return detector
    return detector._reader._find


@pytest.mark.parametrize(("name", "profile"), [("centerface", FACES_ONLY), ("text", TEXT_ONLY)])
def test_what_is_no_number_is_no_answer(
    name: str, profile: RedactionProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = detectors.loaded(next(entry for entry in REGISTRY if entry.name == name))
    holder = broken(detector)
    monkeypatch.setattr(holder, "_session", NoNumbers(holder._session))
    with pytest.raises(Quarantined, match=name) as caught:
        redact(sample("form.png"), profile, Limits())
    assert caught.value.code == "detector_failed"
    assert isinstance(caught.value.__cause__, ArithmeticError)


def test_a_line_whose_reading_is_no_number_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    from workers import weights

    reader = ppocr.Recogniser(str(weights.path("ppocr-rec")))
    monkeypatch.setattr(reader, "_session", NoNumbers(reader._session))
    with pytest.raises(ArithmeticError):
        reader([known_answers.lines()[:60]])


@pytest.mark.parametrize("network", ["_propose", "_refine", "_output"])
def test_mtcnn_stops_where_one_of_its_networks_breaks(network: str) -> None:
    detector = mtcnn.Mtcnn()
    setattr(detector, network, NoNumbers(getattr(detector, network)))
    with pytest.raises(ArithmeticError):
        detector.find(Picture(known_answers.face(), FACES_ONLY, "second"))
