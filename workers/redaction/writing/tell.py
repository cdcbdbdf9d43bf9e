"""Where a line is written in letters that OCR does not read: the network's answers, taken together."""

from __future__ import annotations

import hashlib
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

from omnigov.contracts import Quarantined
from workers.media.image import Pixels
from workers.redaction.runtime import finite, threads
from workers.redaction.writing.network import HIGH, STRIDE, Floats, StrangeLetters, entered, grey

FILE = Path(__file__).with_name("strange_letters.safetensors")
KNOWN = Path(__file__).with_name(
    "known_line.png"
)  # a name in Georgian letters, which OCR reads as Latin ones
WIDEST = 6400  # pixels of a line as the network takes it
APART = 2 * HIGH  # pixels between two lines that go through the network as one: more than it looks around
STRIP = 16_000  # pixels of lines that go together, about
INK = 0.7  # of a line's contrast: a column that is nowhere so far from the line's ground is blank
TOGETHER = HIGH  # pixels over which the answers are averaged: about a letter and a half
STRANGE = 0.6  # mean answer from which a place is strange, if it was not read well; else from
SURELY = 0.8  # here on


class Stretch(NamedTuple):
    """A part of a line, in shares of its length."""

    begin: float
    end: float
    likely: float  # 0 … 1, the highest mean of the answers in it


class WritingSystems:
    """Safe to call from several threads at once."""

    def __init__(self) -> None:
        torch.set_num_threads(threads())
        self._network = loaded(FILE)
        self._prove()

    def _prove(self) -> None:
        """As detectors are (`known_answers`), but by itself: nothing else notices where it is silent."""
        if not self([np.asarray(Image.open(KNOWN).convert("RGB"))])[0]:
            raise Quarantined(
                "detector_silent",
                "The network for letters that OCR cannot read does not know those in its own picture, "
                "so names in them would stay visible. Install anew (make clean setup), and try again.",
            )

    @staticmethod
    def digest() -> str:
        return hashlib.sha256(FILE.read_bytes()).hexdigest()

    def __call__(self, lines: list[Pixels]) -> list[tuple[Stretch, ...]]:
        """For each line, RGB and upright, where it is strange, in shares of its length."""
        taken = [entered(grey(line), WIDEST) for line in lines]
        return [stretches(each) for each in likely(self._network, taken)]


def loaded(file: Path) -> StrangeLetters:
    network = StrangeLetters()
    network.load_state_dict({name: part.float() for name, part in load_file(file).items()})
    return network.eval()


def likely(network: StrangeLetters, lines: list[Floats]) -> list[Floats]:
    """For each column of `STRIDE` pixels how likely a strange letter stands there, 0 … 1; 0 where blank.

    The lines, [`HIGH`, width] each, go through the network one behind the other, so far apart that none sees
    its neighbours.
    """
    answers: list[Floats] = []
    begin = 0
    while begin < len(lines):
        end, wide = begin, 0
        while end < len(lines) and (end == begin or wide + lines[end].shape[1] + APART <= STRIP):
            wide += lines[end].shape[1] + APART
            end += 1
        strip = np.zeros((HIGH, wide + APART), np.float32)
        starts = []
        x = APART
        for line in lines[begin:end]:
            starts.append(x)
            strip[:, x - APART // 2 : x] = line[:, :1]
            strip[:, x : x + line.shape[1]] = line
            strip[:, x + line.shape[1] : x + line.shape[1] + APART // 2] = line[:, -1:]
            x += line.shape[1] + APART
        with torch.inference_mode():
            answer = torch.sigmoid(network(torch.from_numpy(strip)[None, None]))[0].numpy()
        whole = finite(np.asarray(answer, np.float32))
        for start, line in zip(starts, lines[begin:end], strict=True):
            columns = line.shape[1] // STRIDE
            answers.append(whole[start // STRIDE : start // STRIDE + columns] * _inked(line))
        begin = end
    return answers


def _inked(line: Floats) -> Floats:
    """1 for columns in which something is written, or next to which it is; 0 for the others."""
    far = np.abs(line - np.median(line)).max(axis=0).reshape(-1, STRIDE).max(axis=1)
    inked = (far > INK * far.max()).astype(np.uint8) if far.max() > 0 else np.zeros(len(far), np.uint8)
    return np.asarray(cv2.dilate(inked[None], np.ones((1, 3), np.uint8))[0], np.float32)


def stretches(likely: Floats) -> tuple[Stretch, ...]:
    """Where the mean of neighbouring answers is above `STRANGE`, in shares of the line."""
    window = min(len(likely), TOGETHER // STRIDE)
    mean = cv2.blur(likely[None], (window, 1), borderType=cv2.BORDER_REPLICATE)[0]
    found: list[Stretch] = []
    place, half = 0, window / 2
    for strange, run in groupby(mean > STRANGE):
        long = len(list(run))
        if strange:
            begin, end = max(0.0, place - half), min(len(mean), place + long + half)
            peak = float(mean[place : place + long].max())
            found.append(Stretch(begin / len(mean), end / len(mean), peak))
        place += long
    return tuple(found)
