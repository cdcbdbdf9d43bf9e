"""What the question alone makes of a label: the path's first leg, the same for every medium.

On it the question is asked of a blank picture: empty lines become the policy's words. It is nearly a step, so
it takes many points; it is computed once for a model version, question and label, and kept beside the model
files. A contrast of two labels is the difference of theirs, because attributions add up.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from workers.attribution.asked import Asked, Contents, blank_patches_of, embedded_words
from workers.attribution.path import along
from workers.omni.prompt import PICTURE

METHOD = "integrated_gradients/nested_steps/words"
FIRST, MOST = 16, 128  # points of the path
AT_ONCE = 4  # points that go through the model together: with all words about 300 rows


@dataclass(frozen=True)
class Leaning:
    """Scores in nats, and the change between them taken apart; not complete where `gap` is wide."""

    asked: float  # of the question about a blank picture
    blank: float  # of a blank question about a blank picture
    shares: tuple[float, ...] = ()  # one for each asked token; none where only the ends were computed

    def __sub__(self, other: Leaning) -> Leaning:
        both = zip(self.shares, other.shares, strict=True) if self.shares and other.shares else ()
        shares = tuple(one - less for one, less in both)
        return Leaning(self.asked - other.asked, self.blank - other.blank, shares)


def leaning_of(
    asked: Asked, folder: Path | None, heard: Callable[[int], None], *, only_kept: bool = False
) -> Leaning:
    """Of a single label, from `folder` where it was computed before.

    With `only_kept` what was not is not computed either, its ends aside: word by word it takes a minute.
    """
    file = folder / f"{_key(asked)}.json" if folder else None
    kept = _read(file, asked) if file else None
    if kept is not None and (kept.shares or only_kept):
        return kept
    about_picture = replace(asked, prompt=replace(asked.prompt, segments=PICTURE))
    patches = blank_patches_of(asked.model)
    words, blank_words = embedded_words(asked.model, asked.prompt)
    with torch.no_grad():
        ends = about_picture.of_all(torch.cat([words, blank_words]), patches)[:, 0].tolist()
    found = Leaning(*ends)
    if not only_kept:
        path = along(
            lambda given: about_picture.of_all(given, patches)[:, 0],
            Contents((words,), (blank_words,)),
            found.asked - found.blank,
            first=FIRST,
            most=MOST,
            at_once=AT_ONCE,
            heard=heard,
        )
        found = replace(found, shares=tuple(path.found[0].tolist()))
    if file is not None:
        _write(file, found)
    return found


def _read(file: Path, asked: Asked) -> Leaning | None:
    # A file that can't be read, or was cut short, is computed and written again.
    with contextlib.suppress(OSError, ValueError, TypeError):
        stored = json.loads(file.read_text())
        found = Leaning(stored["asked"], stored["blank"], tuple(stored["shares"]))
        if len(found.shares) in (0, asked.prompt.asked.stop - asked.prompt.asked.start):
            return found
    return None


def _write(file: Path, found: Leaning) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(f".{uuid.uuid4().hex}")  # two workers may be at it at once
    beside.write_text(json.dumps(asdict(found)))
    os.replace(beside, file)


def _key(asked: Asked) -> str:
    # Of the policy's prompt about a picture, whatever the medium is.
    digest = replace(asked.prompt, segments=PICTURE).digest
    told = [METHOD, digest, asked.labels[0], asked.model.device.type, str(asked.model.dtype)]
    # What a similarity is computed of, and what the likelihood is taken beyond.
    told += [[label.model_dump_json() for label in asked.named], asked.priors] if asked.policy else []
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
