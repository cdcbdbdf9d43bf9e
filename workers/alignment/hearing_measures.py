"""What the stage audio is worth: captions and pictures found by ear, kinds told by the language model.

Each recording looks for its own among all of its set. Beside it stand chance, and the written description in
the recording's language through the text tower: what a transcript without a mistake would find.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor

from omnigov.contracts import PolicySpec
from workers.alignment.ear import vectors
from workers.alignment.hearing_material import SOUND, Rows, Sides, Stamped
from workers.alignment.listening import scores_of
from workers.alignment.recordings import written_in
from workers.alignment.report import wilson_interval
from workers.omni.model import OmniModel
from workers.omni.space import Head, phrase_vectors

FIRST = (1, 5)


class Share(BaseModel):
    """So many right of so many, with Wilson's 95 % interval."""

    model_config = ConfigDict(frozen=True)

    right: int
    of: int

    @property
    def share(self) -> float:
        return self.right / self.of if self.of else 0.0

    def __str__(self) -> str:
        low, high = wilson_interval(self.right, self.of)
        return f"{self.right}/{self.of} ({low:.0%}–{high:.0%})"


class Found(BaseModel):
    """Of the recordings of one set and language: how many found their own among the first 1 and 5."""

    model_config = ConfigDict(frozen=True)

    set: str
    language: str
    recordings: int
    captions: int
    pictures: int
    caption: dict[int, Share]
    caption_by_text: dict[int, Share]
    picture: dict[int, Share]
    picture_by_text: dict[int, Share]

    def chance(self, first: int, of: int) -> float:
        return min(1.0, first / of) if of else 0.0


class Kinds(BaseModel):
    """The likeliest label that the language model gives to sound alone, beside the most common one."""

    model_config = ConfigDict(frozen=True)

    set: str
    language: str
    right: Share
    most_common: Share


@torch.no_grad()
def found_by_ear(model: OmniModel, ear: Head, name: str, rows: Rows, stamped: Stamped) -> list[Found]:
    """One record a language. The most common captions stand several times among the pictures, once here."""
    made = []
    for language in dict.fromkeys(one.language for one in rows.recordings):
        some = rows.where(lambda one, spoken=language: one.language == spoken)  # type: ignore[misc]
        heard = vectors(ear, some)
        captions = list(dict.fromkeys(stamped.captions[row] for row in some.stamp.tolist()))
        own = torch.tensor([captions.index(stamped.captions[row]) for row in some.stamp.tolist()])
        first = {stamped.captions[row]: row for row in some.stamp.tolist()}
        texts = stamped.texts[[first[caption] for caption in captions]]
        stamps = list(dict.fromkeys(some.stamp.tolist()))
        picture = torch.tensor([stamps.index(row) for row in some.stamp.tolist()])
        pictures = stamped.pictures[stamps]
        written = _written(model, some)
        made.append(
            Found(
                set=name,
                language=language or "sound",
                recordings=len(some),
                captions=len(captions),
                pictures=len(stamps),
                caption=_among(heard @ texts.T, own),
                caption_by_text=_among(written @ texts.T, own) if written is not None else {},
                picture=_among(heard @ pictures.T, picture),
                picture_by_text=_among(written @ pictures.T, picture) if written is not None else {},
            )
        )
    return made


def _written(model: OmniModel, rows: Rows) -> Tensor | None:
    """The descriptions in their own language as vectors; None where one of them is not written down."""
    texts = [written_in(one.stamp, one.language) if one.language != SOUND else "" for one in rows.recordings]
    if not all(texts):
        # What is said and not written down counts as not found, by chance alone.
        texts = [text or "?" for text in texts] if any(texts) else []
    return phrase_vectors(model, texts) if texts else None


def _among(near: Tensor, own: Tensor) -> dict[int, Share]:
    found = {}
    for first in FIRST:
        hit = (near.topk(min(first, near.shape[1]), dim=1).indices == own[:, None]).any(1)
        found[first] = Share(right=int(hit.sum()), of=len(hit))
    return found


def kinds_by_sound(
    model: OmniModel, policy: PolicySpec, name: str, rows: Rows, common: str, languages: Sequence[str]
) -> list[Kinds]:
    """One record for each of the languages; `common` is the most common kind of what is learned from."""
    keys, made = [label.key for label in policy.labels], []
    for language in languages:
        some = rows.where(lambda one, spoken=language: one.language == spoken)  # type: ignore[misc]
        if not len(some):
            continue
        truth = torch.tensor([keys.index(one.stamp.kind) for one in some.recordings])
        said = scores_of(model, policy, some).argmax(1)
        made.append(
            Kinds(
                set=name,
                language=language or "sound",
                right=Share(right=int((said == truth).sum()), of=len(some)),
                most_common=Share(right=int((truth == keys.index(common)).sum()), of=len(some)),
            )
        )
    return made


def most_common_kind(sides: Sides) -> str:
    return Counter(one.stamp.kind for one in sides.training.recordings).most_common(1)[0][0]
