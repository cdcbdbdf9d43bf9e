"""From attributions in nats to the record: whole numbers, in places of the medium, with their shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from omnigov.contracts import (
    MILLION,
    AttributionResult,
    HiddenCredit,
    IntervalShare,
    Place,
    SegmentAttribution,
    Span,
    SpanShare,
    TokenShare,
)
from workers.attribution import modalities
from workers.attribution.asked import Asked
from workers.attribution.parts import Part, covered, parts_of
from workers.attribution.path import near_enough
from workers.omni.prompt import PICTURE, FrameSegment, PageSegment, Prompt, TextSegment
from workers.omni.seen import Seen

NOISE_TIMES = 1.5
"""Credit of hidden parts is noise up to so many times what it would be if all credit lay evenly."""


@dataclass(frozen=True)
class Explained:
    """What was computed, in nats. `contents` are the pages' patches, the sound's and the text's tokens."""

    contents: tuple[Tensor, ...]
    words: tuple[float, ...]
    question: float
    total: float
    extent: float
    scores: Mapping[modalities.Members, float]
    hidden: tuple[Place, ...] = ()
    actual: float = 0.0  # the score at the medium itself

    @property
    def added(self) -> float:
        words = sum(self.words) if self.words else self.question
        return sum(float(each.sum()) for each in self.contents) + words + self.extent


def result_of(asked: Asked, seen: Seen, explained: Explained, **told: Any) -> AttributionResult:
    """`told` is what the record says of how it was computed."""
    model, prompt = asked.model, asked.prompt
    side = model.config.grid
    pages = list(explained.contents[0].view(-1, side, side)) if prompt.pages else []
    sound = explained.contents[1 if prompt.pages else 0] if prompt.sounds else None
    text = explained.contents[-1] if prompt.text else None
    words = sum(map(abs, explained.words)) if explained.words else abs(explained.question)
    shown, read = sum(map(_size, pages)), 0.0 if text is None else _size(text)
    heard = 0.0 if sound is None else _size(sound)
    whole = shown + words + heard + read
    gap = abs(explained.added - explained.total)
    picture = prompt.segments == PICTURE
    shares, coalitions = (
        modalities.shares_of(modalities.players_of(asked), explained.scores) if explained.scores else ((), ())
    )
    result = AttributionResult(
        grid=_grid(pages[0]) if picture else (),
        tokens=tuple(
            TokenShare(text=model.words.spell(token), value=millionths(value))
            for token, value in zip(
                prompt.before[prompt.asked], explained.words, strict=bool(explained.words)
            )
        ),
        picture_share=_share(shown, whole),
        text_share=_share(read, whole),
        sound_share=_share(heard, whole),
        total=millionths(explained.total),
        extent=millionths(explained.extent),
        completeness_gap=millionths(gap),
        complete=near_enough(gap, explained.total),
        question=millionths(explained.question),
        modalities=shares,
        coalitions=coalitions,
        segments=() if picture else tuple(_segments(prompt, pages, sound, text, whole)),
        **told,
    )
    if not explained.hidden:
        return result
    credit = hidden_credit(parts_of(result, seen), explained.hidden, gap)
    return result.model_copy(update={"hidden": credit})


def hidden_credit(parts: Sequence[Part], hidden: Sequence[Place], gap: float) -> HiddenCredit | None:
    """What hidden places were counted for; None where none of them is in what the model was given.

    Their parts' values are summed with their signs: noise of both signs takes itself away. It may be as much
    as NOISE_TIMES of what they would get if all values lay evenly over the parts, and the completeness gap.
    A patch that is hidden by half counts by half.
    """
    whole = sum(abs(part.value) for part in parts)
    over = [covered(part.place, hidden) for part in parts]
    share = sum(over) / len(over) if over else 0.0
    if not share:
        return None
    credit = abs(sum(part.value * cover for part, cover in zip(parts, over, strict=True)))
    noise = NOISE_TIMES * share * whole + gap * MILLION
    return HiddenCredit(
        covered=_share(share, 1),
        credit=min(MILLION, _share(credit, whole)),
        noise=min(MILLION, _share(noise, whole)),
        beyond=credit > noise,
    )


def _segments(
    prompt: Prompt, pages: Sequence[Tensor], sound: Tensor | None, text: Tensor | None, whole: float
) -> Iterator[SegmentAttribution]:
    shown = [segment for segment in prompt.segments if isinstance(segment, PageSegment) and segment.place]
    for segment, page in zip(shown, pages, strict=True):
        at = segment.at if isinstance(segment, FrameSegment) else None
        share = _share(_size(page), whole)
        yield SegmentAttribution(place=segment.place, share=share, grid=_grid(page), at=at)
    if sound is not None:
        of_sounds = torch.split(sound, [len(each.places) for each in prompt.sounds])
        for each, values in zip(prompt.sounds, of_sounds, strict=True):
            intervals = tuple(
                IntervalShare(place=place, value=millionths(value))
                for place, value in zip(each.places, values.tolist(), strict=True)
            )
            yield SegmentAttribution(
                place=each.place, share=_share(_size(values), whole), intervals=intervals
            )
    if text is not None and prompt.text is not None:
        spans = tuple(_spans(prompt.text, text))
        place = Span(start=spans[0].place.start, end=spans[-1].place.end)
        yield SegmentAttribution(place=place, share=_share(_size(text), whole), spans=spans)


def _spans(segment: TextSegment, values: Tensor) -> Iterator[SpanShare]:
    for tokens, place in segment.characters:
        yield SpanShare(place=place, value=millionths(float(values[tokens].sum())))


def _grid(page: Tensor) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(millionths(value) for value in row) for row in page.tolist())


def _size(values: Tensor) -> float:
    return float(values.abs().sum())


def _share(part: float, whole: float) -> int:
    return round(MILLION * part / whole) if whole else 0


def millionths(nats: float) -> int:
    return round(nats * MILLION)
