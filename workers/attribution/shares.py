"""From attributions in nats to the record: whole numbers, in places of the medium, with their shares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from torch import Tensor

from omnigov.contracts import (
    MILLION,
    Area,
    AttributionResult,
    SegmentAttribution,
    Span,
    SpanShare,
    TokenShare,
)
from workers.omni.model import OmniModel
from workers.omni.prompt import PICTURE, PageSegment, Prompt, TextSegment


def result_of(
    model: OmniModel,
    prompt: Prompt,
    contents: Sequence[Tensor],
    words: Sequence[float],
    total: float,
    extent: float,
    **told: Any,
) -> AttributionResult:
    """`contents` are the pages' patches [pages × grid²] and the text's tokens, what there is of both; nats.

    `told` is what the record says of how they were computed.
    """
    side = model.config.grid
    pages = list(contents[0].view(-1, side, side)) if prompt.pages else []
    text = contents[-1] if prompt.text else None
    shown, read = sum(map(_size, pages)), 0.0 if text is None else _size(text)
    whole = shown + sum(map(abs, words)) + read
    added = sum(float(each.sum()) for each in contents) + sum(words) + extent
    picture = prompt.segments == PICTURE
    return AttributionResult(
        grid=_grid(pages[0]) if picture else (),
        tokens=tuple(
            TokenShare(text=model.words.spell(token), value=millionths(value))
            for token, value in zip(prompt.before[prompt.asked], words, strict=True)
        ),
        picture_share=_share(shown, whole),
        text_share=_share(read, whole),
        total=millionths(total),
        extent=millionths(extent),
        completeness_gap=millionths(abs(added - total)),
        segments=() if picture else tuple(_segments(prompt, pages, text, whole)),
        **told,
    )


def _segments(
    prompt: Prompt, pages: Sequence[Tensor], text: Tensor | None, whole: float
) -> Iterator[SegmentAttribution]:
    areas: list[Area] = [s.place for s in prompt.segments if isinstance(s, PageSegment) and s.place]
    for area, page in zip(areas, pages, strict=True):
        yield SegmentAttribution(place=area, share=_share(_size(page), whole), grid=_grid(page))
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
