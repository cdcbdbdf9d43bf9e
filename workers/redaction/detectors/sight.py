"""What detectors see in a video's frames: faces at once in many, all else as in pictures, in few."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from omnigov.contracts import MILLION, Area, Finding, Quarantined, ReadValues, RedactionProfile
from workers.media.picture import Pixels
from workers.media.video import Frame
from workers.redaction.core.picture import Hidden, Legibility, Picture
from workers.redaction.detectors import centerface
from workers.redaction.detectors.centerface import CenterFace
from workers.redaction.detectors.ensemble import Ensemble
from workers.redaction.following.paths import Seen

FINE = 12.0  # pixels of a face, that the network sees well
WEAK = 0.12  # score of a face that is seen badly, and only keeps a track going
BLOCK = 8  # pixels of a block that shows whether anything has changed
CHANGED = 2.5  # of 255: the mean difference of a block from which it has


class Sight:
    """The detectors of a profile, asked of frames. Used from one thread."""

    def __init__(self, profile: RedactionProfile, detectors: Ensemble) -> None:
        self.profile, self._detectors = profile, detectors
        self.legible = Legibility()
        names = {entry.name: detector for entry, detector in detectors.members}
        self._faces = cast("CenterFace | None", names.get(centerface.NAME))
        self._others = Ensemble(
            tuple(one for one in detectors.members if one[0].name not in (centerface.NAME, "mtcnn")),
            detectors.release,
        )
        self._still: dict[str, tuple[npt.NDArray[np.float32], tuple[list[Seen], list[Seen]]]] = {}

    @property
    def reads(self) -> bool:
        """Whether it looks for anything but faces."""
        return any("first" in entry.looks for entry, _ in self._others.members)

    def faces(self, frame: Frame) -> tuple[list[Seen], list[Seen]]:
        """Faces, and what is faintly one. Nothing is looked at twice that has not changed."""
        if self._faces is None:
            return [], []
        return self._unless_still("faces", frame, lambda: self._look_for_faces(frame.pixels()))

    def others(self, frame: Frame, read: ReadValues) -> list[Seen]:
        """All else that is hidden in pictures. What was read there is noted in `read`."""
        return self._unless_still("others", frame, lambda: (self._look_for_others(frame.pixels(), read), []))[
            0
        ]

    def opinion(self, pixels: Pixels) -> Callable[[Seen], bool]:
        """Says of a face in this frame whether it is one: by its score, else by another network."""

        def is_face(seen: Seen) -> bool:
            if seen.score >= centerface.DOUBT or self._faces is None:
                return True
            return self._faces.is_face(pixels, area(seen.edges, pixels.shape[1], pixels.shape[0]))

        return is_face

    def again(self, pixels: Pixels, hidden: Hidden, *, whole: bool) -> Iterator[Finding]:
        """What others than at first find in a frame of the copy.

        `whole`: all that is hidden is looked for, and faces in all directions by the network of the first
        look too; else faces alone.
        """
        picture = Picture(pixels, self.profile, "second", hidden)
        asked = self._detectors if whole else self._only("mtcnn")
        for _, found in asked.find(picture):
            yield from (one.model_copy(update={"look": "second"}) for one in found)
        if whole and self._faces is not None:
            first = Picture(pixels, self.profile, "first", hidden)
            for _, found in self._only(centerface.NAME).find(first):
                yield from (one.model_copy(update={"look": "second"}) for one in found)

    def _only(self, name: str) -> Ensemble:
        chosen = tuple(one for one in self._detectors.members if one[0].name == name)
        return Ensemble(chosen, self._detectors.release)

    def _look_for_faces(self, pixels: Pixels) -> tuple[list[Seen], list[Seen]]:
        if self._faces is None:
            return [], []
        scale = min(1.0, FINE / self.profile.smallest_face)
        least = self.profile.face_threshold / MILLION
        try:
            boxes = self._faces.at_once(pixels, scale, min(WEAK, least))
        except Exception as error:
            # Whatever the reason, the frame was not looked at.
            failed = Quarantined(
                "detector_failed",
                f"The detector {centerface.NAME} stopped with {type(error).__name__}. Try again; if it "
                "happens again, a person has to redact the video by hand.",
            )
            if self._detectors.release is None:
                raise failed from error
            self._detectors.release.note(failed, centerface.NAME)
            return [], []
        seen = [Seen(tuple(box[:4]), "FACE", box[4], centerface.NAME) for box in boxes.tolist()]
        return [one for one in seen if one.score >= least], [one for one in seen if one.score < least]

    def _look_for_others(self, pixels: Pixels, read: ReadValues) -> list[Seen]:
        picture = Picture(pixels, self.profile, "first", read=read, legible=self.legible)
        return [as_seen(one) for _, found in self._others.find(picture) for one in found]

    def _unless_still(
        self, name: str, frame: Frame, look: Callable[[], tuple[list[Seen], list[Seen]]]
    ) -> tuple[list[Seen], list[Seen]]:
        blocks = _blocks(frame)
        before, seen = self._still.get(name, (None, ([], [])))
        if before is not None and before.shape == blocks.shape and np.abs(before - blocks).max() < CHANGED:
            return seen
        seen = look()
        self._still[name] = blocks, seen
        return seen


def as_seen(finding: Finding) -> Seen:
    place = finding.area
    edges = (float(place.left), float(place.top), float(place.right), float(place.bottom))
    return Seen(edges, finding.kind, finding.score / MILLION, finding.detector, finding.look, finding)


def area(edges: Sequence[float], width: int, height: int) -> Area:
    """The edges as whole pixels of the frame, one at least."""
    left, top = (
        min(max(int(np.floor(edge)), 0), side - 1)
        for edge, side in zip(edges[:2], (width, height), strict=True)
    )
    right, bottom = (
        min(max(int(np.ceil(edge)), low + 1), side)
        for edge, low, side in zip(edges[2:], (left, top), (width, height), strict=True)
    )
    return Area(left=left, top=top, right=right, bottom=bottom)


def _blocks(frame: Frame) -> npt.NDArray[np.float32]:
    """The mean brightness of each block, and the frame's colours beside it."""
    height, width = frame.luma.shape
    size = max(1, width // BLOCK), max(1, height // BLOCK)
    half = max(1, size[0] // 2), max(1, size[1] // 2)
    made = [
        cv2.resize(plane, way, interpolation=cv2.INTER_AREA)
        for plane, way in zip(frame.planes, (size, half, half), strict=True)
    ]
    return np.concatenate([each.reshape(-1) for each in made]).astype(np.float32)
