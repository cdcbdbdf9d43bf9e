"""Faces: seven photographs at twelve angles and six sizes, down to 12 pixels; on cards; and none at all.

A face is hidden where 95 % of its features (brows to lower lip, by hand, in faces.json) are covered. Counted
are: the recall after the whole redaction; the leaks of the first look, which the second one hid; and what a
third look, by two detectors of dlib that have no part in the redaction, still finds in the copy, turned so
that the face stands upright and scaled so that it is 100 pixels wide, which is where they are at their best.
The peer, deface as it is shipped, gets the same files. Tune on `--face-split development`.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import peers
from face_pictures import ANGLES, SIZES, Case, cards, mask_of, turned, without_faces
from measure import share
from PIL import Image
from tqdm import tqdm

from omnigov.contracts import Area, Limits, RedactionProfile
from workers.media.picture import Pixels
from workers.redaction.kinds import picture

COVERED = 0.95  # of the features
FACES_ONLY = RedactionProfile(text=False, codes=False, seals=False, screens=False)
THIRD_LOOK_FACE = 100.0  # pixels

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Outcome:
    """How much of the features each look covered, and whether the third look finds the face."""

    case: Case
    first: float
    whole: float
    theirs: float | None
    seen_before: bool
    seen_after: bool


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--face-split", choices=("held-out", "development"), default="held-out", help="faces")
    parser.add_argument(
        "--face-sizes", nargs="+", type=int, default=list(SIZES), help="faces: pixels, 0 = all"
    )
    parser.add_argument("--face-angles", nargs="+", type=int, default=list(ANGLES), help="faces: degrees")
    parser.add_argument("--face-no-peer", action="store_true", help="faces: leave the peer out")


def run(options: argparse.Namespace) -> dict[str, Any]:
    picture.load(FACES_ONLY)
    peer = not options.face_no_peer
    split, angles = options.face_split, options.face_angles
    photographs = list(turned(split, tuple(options.face_sizes), angles))
    on_cards = list(cards(split, options.seed, angles))
    outcomes, seconds = measured(photographs + on_cards, peer)
    plain = outcomes[: len(photographs)]
    return {
        "material": "photographs with faces, turned and made smaller; portraits on cards; no faces",
        "split": split,
        "seed": options.seed,
        "photographs": {
            **said(plain),
            "by_size": by(plain, lambda each: str(each.case.size or "as taken")),
            "by_angle": by(plain, lambda each: str(each.case.angle)),
            "by_photograph": by(plain, lambda each: each.case.name),
        },
        "cards": {
            **said(outcomes[len(photographs) :]),
            "by_kind": by(outcomes[len(photographs) :], lambda each: each.case.name.split(", ")[0]),
        },
        "without_faces": empty(split, peer),
        "seconds": seconds,
    }


def measured(cases: Sequence[Case], peer: bool) -> tuple[list[Outcome], dict[str, float]]:
    with tempfile.TemporaryDirectory() as scratch:
        originals = [Path(scratch) / f"{place}.png" for place in range(len(cases))]
        copies = [Path(scratch) / f"{place} redacted.png" for place in range(len(cases))]
        looks: list[list[list[Box]]] = []  # of each picture: boxes of the first look, and of both
        spent = 0.0
        for case, original, copy in zip(tqdm(cases, unit="picture"), originals, copies, strict=True):
            content = png(case.pixels)
            original.write_bytes(content)
            began = time.perf_counter()
            redacted, result = picture.redact(content, FACES_ONLY, Limits())
            spent += time.perf_counter() - began
            copy.write_bytes(redacted)
            looks.append(
                [
                    [edges(found.area) for found in result.findings if found.look in which]
                    for which in (("first",), ("first", "second"))
                ]
            )
        seconds = {"omnigov": round(spent / max(1, len(cases)), 3)}
        theirs: list[float | None] = [None] * len(cases)
        if peer:
            answer = peers.ask("deface", {"files": [str(path) for path in originals]})
            seconds["deface, detection alone"] = round(sum(answer["seconds"]) / max(1, len(cases)), 3)
            theirs = [
                covered(case, ellipses(boxes, case.pixels.shape))
                for case, boxes in zip(cases, answer["files"], strict=True)
            ]
        before, after = third_look(cases, originals), third_look(cases, copies)
    outcomes = []
    for place, case in enumerate(cases):
        first, whole = (covered(case, boxes_mask(boxes, case.pixels.shape)) for boxes in looks[place])
        outcomes.append(Outcome(case, first, whole, theirs[place], before[place], after[place]))
    return outcomes, seconds


def edges(box: Area) -> Box:
    return box.left, box.top, box.right, box.bottom


def png(pixels: Pixels) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def covered(case: Case, hidden: npt.NDArray[np.bool_]) -> float:
    features = mask_of(case.features, case.pixels.shape)
    return float(hidden[features].mean())


def boxes_mask(boxes: Iterable[Box], shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    mask = np.zeros(shape[:2], np.bool_)
    for left, top, right, bottom in boxes:
        mask[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = True
    return mask


def ellipses(boxes: Iterable[Box], shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """What the peer blurs: ellipses in its boxes, which it cuts to the picture first."""
    mask = np.zeros(shape[:2], np.bool_)
    for left, top, right, bottom in boxes:
        left, top = max(left, 0), max(top, 0)
        right, bottom = min(right, shape[1] - 1), min(bottom, shape[0] - 1)
        if right <= left or bottom <= top:
            continue
        rows, columns = np.mgrid[top:bottom, left:right]
        y = (rows - (top + bottom) / 2) / ((bottom - top) / 2)
        x = (columns - (left + right) / 2) / ((right - left) / 2)
        mask[top:bottom, left:right] |= x * x + y * y < 1
    return mask


def third_look(cases: Sequence[Case], paths: Sequence[Path]) -> list[bool]:
    """Whether dlib finds the face: a box whose middle lies in the face and that is about as large."""
    asked = []
    for case, path in zip(cases, paths, strict=True):
        wide = float(np.linalg.norm(case.face[1] - case.face[0]))
        # Of a face at the photograph's edge only a part is there: its height tells how large it is.
        high = float(np.linalg.norm(case.face[2] - case.face[1]))
        scale = THIRD_LOOK_FACE / max(wide, 0.7 * high)
        asked.append({"path": str(path), "turn": case.turn, "scale": scale, "crop": case.crop})
    answer = peers.ask("dlib_faces", {"files": asked}, timeout=7200)
    return [
        any(_is_the_face(box, case) for box in boxes)
        for case, boxes in zip(cases, answer["files"], strict=True)
    ]


def _is_the_face(box: Sequence[float], case: Case) -> bool:
    left, top, right, bottom = box
    height, width = case.pixels.shape[:2]
    turn = np.radians(case.turn)
    across = width * abs(np.cos(turn)) + height * abs(np.sin(turn))
    down = width * abs(np.sin(turn)) + height * abs(np.cos(turn))
    # From the cut, turned picture back to the picture that the face is known in.
    x = case.crop[0] + (left + right) / 2 - across / 2
    y = case.crop[1] + (top + bottom) / 2 - down / 2
    middle = np.array(
        [
            x * np.cos(turn) - y * np.sin(turn) + width / 2,
            x * np.sin(turn) + y * np.cos(turn) + height / 2,
        ]
    )
    high = float(np.linalg.norm(case.face[2] - case.face[1]))
    return bool(np.linalg.norm(middle - case.face.mean(axis=0)) < 0.5 * high and right - left > 0.3 * high)


# --- what is said --------------------------------------------------------------------------------------


def said(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    count = len(outcomes)
    answer = {
        "pictures": count,
        "hidden": share(sum(each.whole >= COVERED for each in outcomes), count),
        "hidden_by_the_first_look": share(sum(each.first >= COVERED for each in outcomes), count),
        "leaks_of_the_first_look": share(sum(each.first < COVERED <= each.whole for each in outcomes), count),
        "third_look": {
            "finds_before_redaction": share(sum(each.seen_before for each in outcomes), count),
            "finds_after_redaction": share(sum(each.seen_after for each in outcomes), count),
        },
        "missed": [
            f"{each.case.name}, {each.case.angle}°, {each.case.size or 'as taken'}: {each.whole:.0%}"
            for each in outcomes
            if each.whole < COVERED
        ][:40],
    }
    if outcomes and outcomes[0].theirs is not None:
        answer["hidden_by_deface"] = share(sum((each.theirs or 0) >= COVERED for each in outcomes), count)
    return answer


def by(outcomes: Sequence[Outcome], name: Callable[[Outcome], str]) -> dict[str, Any]:
    """Hidden by us and by the peer, for each name."""
    answer: dict[str, Any] = {}
    for each in dict.fromkeys(map(name, outcomes)):
        own = [outcome for outcome in outcomes if name(outcome) == each]
        answer[each] = {"hidden": share(sum(outcome.whole >= COVERED for outcome in own), len(own))}
        if own[0].theirs is not None:
            answer[each]["deface"] = share(sum((o.theirs or 0) >= COVERED for o in own), len(own))
    return answer


def empty(split: str, peer: bool) -> dict[str, Any]:
    """Boxes on pictures in which there is no face."""
    names: list[str] = []
    boxes: list[int] = []
    paths: list[Path] = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, pixels in without_faces(split):
            content = png(pixels)
            names.append(name)
            paths.append(Path(scratch) / f"{len(paths)}.png")
            paths[-1].write_bytes(content)
            boxes.append(len(picture.redact(content, FACES_ONLY, Limits())[1].findings))
        answer: dict[str, Any] = {
            "pictures": len(names),
            "boxes": sum(boxes),
            "boxes_per_picture": round(sum(boxes) / max(1, len(boxes)), 3),
            "with_a_box": share(sum(count > 0 for count in boxes), len(boxes)),
            "which": [name for name, count in zip(names, boxes, strict=True) if count],
        }
        if peer:
            theirs = [
                len(found) for found in peers.ask("deface", {"files": [str(path) for path in paths]})["files"]
            ]
            answer["deface"] = {
                "boxes_per_picture": round(sum(theirs) / max(1, len(theirs)), 3),
                "with_a_box": share(sum(count > 0 for count in theirs), len(theirs)),
            }
    return answer
