"""Who speaks when: pyannote.audio's own pipeline, with its segmentation and our voiceprints.

It numbers voices and names nobody. It is asked ten minutes at a time, as its clustering grows with the square
of the length, and the voices of two pieces are joined where they sound alike.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file

from workers import offline, weights
from workers.media.sound import RATE, Samples
from workers.redaction.hearing import overlap
from workers.redaction.hearing.recording import Recording, Stretch, joined
from workers.redaction.hearing.voiceprint import Voiceprint

VERSION = f"pyannote.audio {version('pyannote.audio')}"
PIECE = 600 * RATE  # samples
SPOKEN = 0.5  # of the segmentation: probability from which a voice speaks
APART = 0.6  # cosine distance from which two voices of one piece are two
ALIKE = 0.75  # cosine between the voices of two pieces, from which they are one
FEWEST = 3  # voiceprints that make a voice
BATCH = 16  # windows of five seconds at once

# What is told to nobody: pyannote's own would send it through eight packages that are not here.
_TELLS = (
    "set_telemetry_metrics",
    "set_opentelemetry_log_level",
    "track_model_init",
    "track_pipeline_init",
    "track_pipeline_apply",
)


class Spoken(NamedTuple):
    """One voice speaks. Several may at once."""

    at: Stretch
    speaker: int  # from 1


class Voices(NamedTuple):
    """Who speaks when, in order, and where more than one does."""

    spoken: list[Spoken]
    several: list[Stretch]


class Speakers:
    """Tells voices apart. Used from one thread."""

    def __init__(self) -> None:
        with _one_thread():
            self._pipeline = _pipeline()

    def find(
        self,
        recording: Recording,
        count: int | None = None,
        hook: Callable[[float], None] = lambda share: None,
    ) -> Voices:
        """Who speaks when. `count` is how many there are, where somebody knows.

        Where several speak is what the network hears that hears them, before anybody's voice is known: to be
        one of two at once, a voice need not be told from the others. The hook is told the share that is done.
        """
        voices: list[npt.NDArray[np.float32]] = []
        spoken: list[Spoken] = []
        several: list[Stretch] = []
        for start in range(0, recording.length, PIECE):
            samples = recording.part(start, start + PIECE)
            if samples.size < RATE // 2:
                continue  # the end of a long recording, in which nobody is told from another
            progress = _Progress(hook, start / recording.length, samples.size / recording.length)
            with _one_thread(), warnings.catch_warnings():
                # Of voices that speak only while others do there is no print, and a mean of none.
                warnings.simplefilter("ignore")
                found = self._pipeline(
                    _given(samples),
                    num_speakers=count if recording.length <= PIECE else None,
                    hook=progress,
                )
                again = self._pipeline._segmentation(_given(overlap.evened(samples)))
            several += overlap.several([progress.segmentation, again], start, samples.size)
            labels = found.speaker_diarization.labels()
            numbers = _same(voices, found.speaker_embeddings, count)
            for turn, _, label in found.speaker_diarization.itertracks(yield_label=True):
                first, last = round(turn.start * RATE), min(round(turn.end * RATE), samples.size)
                if last > first:
                    number = numbers[labels.index(label)]
                    spoken.append(Spoken(Stretch(start + first, start + last), number))
        return Voices(sorted(spoken), joined(several))


def _given(samples: Samples) -> dict[str, Any]:
    return {"waveform": torch.from_numpy(samples)[None], "sample_rate": RATE, "uri": "recording"}


class _Progress:
    """pyannote's hook: its two long steps are half of the work each. Keeps what the segmentation said."""

    def __init__(self, hook: Callable[[float], None], before: float, share: float) -> None:
        self._hook, self._before, self._share = hook, before, share
        self.segmentation: Any = None

    def __call__(
        self,
        step: str,
        artefact: Any = None,
        *,
        completed: int | None = None,
        total: int | None = None,
        **_: object,
    ) -> None:
        if step == "segmentation" and artefact is not None:
            self.segmentation = artefact
        if completed is not None and total:
            half = 0.5 * (step == "embeddings")
            # A last batch counts as whole, so that it is said to be more than there is.
            self._hook(self._before + self._share * (half + 0.5 * min(completed / total, 1.0)))


def _same(
    voices: list[npt.NDArray[np.float32]], found: npt.NDArray[np.float32], count: int | None
) -> list[int]:
    """The number of each voice that was found: that of the one it sounds like, or the next. Adds new ones."""
    numbers: list[int] = []
    for voice in found:
        known = [
            (float(voice @ other), number)
            for number, other in enumerate(voices, start=1)
            if number not in numbers
        ]
        alike, number = max(known, default=(-1.0, 0))
        if number and (alike >= ALIKE or (count is not None and len(voices) >= count)):
            numbers.append(number)
        else:
            length = float(np.linalg.norm(voice))
            voices.append(voice / length if np.isfinite(length) and length else np.zeros_like(voice))
            numbers.append(len(voices))
    return numbers


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Two threads of torch's beside other work wait for each other, a hundred times as long as they work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _pipeline() -> Any:
    """pyannote's pipeline with our model files. It loads nothing from anywhere else."""
    diarization = _imported()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline = diarization.SpeakerDiarization(
            segmentation=_segmentation(),
            embedding="resemblyzer",  # `_imported` puts ours where it is asked for
            clustering="AgglomerativeClustering",
            embedding_exclude_overlap=True,
            segmentation_batch_size=BATCH,
        )
    pipeline.instantiate(
        {
            "segmentation": {"threshold": SPOKEN, "min_duration_off": 0.0},
            "clustering": {"method": "average", "min_cluster_size": FEWEST, "threshold": APART},
        }
    )
    return pipeline


@functools.cache
def _imported() -> types.ModuleType:
    offline.silence()
    telemetry = types.ModuleType("pyannote.audio.telemetry")
    for name in _TELLS:
        setattr(telemetry, name, lambda *_, **__: None)
    sys.modules.setdefault(telemetry.__name__, telemetry)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has no decoder: it is handed samples
        from pyannote.audio.pipelines import speaker_diarization
    module: types.ModuleType = speaker_diarization
    module.PretrainedSpeakerEmbedding = lambda *_, **__: Voiceprint()  # type: ignore[attr-defined]
    module.get_plda = lambda *_, **__: None  # type: ignore[attr-defined] # of another clustering
    return module


def _segmentation() -> Any:
    """The network that hears up to three voices at once in five seconds, as its checkpoint describes it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyannote.audio.core.task import Problem, Resolution, Specifications
        from pyannote.audio.models.segmentation import PyanNet

        model = PyanNet(
            sincnet={"stride": 10, "sample_rate": RATE},
            lstm={
                "hidden_size": 128,
                "num_layers": 4,
                "bidirectional": True,
                "monolithic": True,
                "dropout": 0.5,
            },
            linear={"hidden_size": 128, "num_layers": 2},
            sample_rate=RATE,
            num_channels=1,
        )
        model.specifications = Specifications(
            problem=Problem.MULTI_LABEL_CLASSIFICATION,
            resolution=Resolution.FRAME,
            duration=5.0,
            classes=["speaker#1", "speaker#2", "speaker#3"],
            permutation_invariant=True,
        )
        model.build()
        model.load_state_dict(load_file(weights.path("pyannote-segmentation")), strict=True)
    return model.eval()
