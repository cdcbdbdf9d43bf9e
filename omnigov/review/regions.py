"""From the regions on a page to what the next run hides: pure, no database.

The page has what was found as regions that can be taken away, and sends all regions back as they then are.
What it leaves out is not taken away: only a region that says so uncovers anything.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, TypeAdapter, ValidationError, model_validator

from omnigov.contracts import (
    Area,
    Finding,
    Frozen,
    Interval,
    Place,
    RedactionEdits,
    RedactionResult,
    Region,
    Span,
    Track,
)
from omnigov.contracts.kinds import of_copy
from omnigov.contracts.media import read_place

PERSON = "person"
"""The detector that stands at a region which somebody drew (`workers.redaction.kinds.picture`)."""
KEEP = 0.5
"""Share of a finding under regions that are taken away, from which it is added anew to stay hidden. Redaction
drops a finding from 0.7 on; the lower share makes up for what the parts count twice."""


class NotRegions(ValueError):
    """The regions can't be used; the sentence says why."""


class Drawn(Frozen):
    """One region as the page sends it."""

    id: str = Field(max_length=40)
    place: Annotated[Area | Span | Interval | Track, Discriminator("place")]
    kind: str = Field(default="BY_HAND", pattern=r"^[A-Z][A-Z0-9_]{0,39}$")
    label: str = Field(default="", max_length=60)
    origin: Literal["found", "drawn"]
    removed: bool = False

    _stored_before_places = model_validator(mode="before")(read_place)


@dataclass(frozen=True)
class Bounds:
    """What there is of a medium for regions to lie in; what is not known is not checked here.

    `size` is the first page's, in pixels; a worker checks each page's. `pages` are a video's frames.
    `characters` are the original's, and `milliseconds` those of a recording or video and of its copy alike.
    """

    kind: str
    size: tuple[int, int] = (0, 0)
    pages: int | None = 1
    characters: int | None = None
    milliseconds: int | None = None

    @staticmethod
    def of(result: RedactionResult) -> Bounds:
        kind = of_copy(result.media_type).name
        characters = original_characters(result) if result.text else None
        told = result.video or result.sound
        pages = result.video.frames if result.video else result.pages
        milliseconds = told.milliseconds if told else None
        return Bounds(kind, (result.width, result.height), pages, characters, milliseconds)


def original_characters(result: RedactionResult) -> int:
    """How many characters the original of a redacted text has."""
    copied = {finding.shown: finding.place for finding in result.findings if finding.shown}
    more = sum(_length(place) - _length(shown) for shown, place in copied.items())
    return (result.text.characters if result.text else 0) + more


@dataclass(frozen=True)
class Change:
    """What people said so far, and how much of that this change adds and takes away."""

    edits: RedactionEdits = field(default_factory=RedactionEdits)
    added: int = 0
    removed: int = 0


_DRAWN: TypeAdapter[tuple[Drawn, ...]] = TypeAdapter(tuple[Drawn, ...])
_MOST = 3000


def read(text: str) -> tuple[Drawn, ...]:
    """The regions of a page from their JSON. Raises `NotRegions`."""
    try:
        regions = _DRAWN.validate_json(text or "[]")
    except ValidationError as error:
        raise NotRegions(f"The regions can't be used: {_first(error)}.") from error
    if len(regions) > _MOST:
        raise NotRegions(f"There are {len(regions)} regions; up to {_MOST} are taken.")
    return regions


def read_file(content: bytes, name: str) -> RedactionEdits:
    """The edits of a file: one medium's, or those that `omnigov redact --edits` takes, by the media's names.

    Of the latter, those of the medium with this name. Raises `NotRegions`.
    """
    try:
        value = json.loads(content)
        if isinstance(value, dict) and value and value.keys().isdisjoint(RedactionEdits.model_fields):
            if name not in value:
                raise NotRegions(
                    f"The file of edits names {len(value)} media, and this one is not among them."
                )
            value = value[name]
        return RedactionEdits.model_validate(value)
    except ValidationError as error:
        raise NotRegions(f"The file of edits is not usable: {_first(error)}.") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, NotRegions):
            raise
        raise NotRegions("The file of edits is not JSON.") from error


def shown(result: RedactionResult, edits: RedactionEdits) -> list[dict[str, Any]]:
    """What the page begins with: what is hidden, and what people took away before, to hide it again."""
    regions = [
        Drawn(id=f"f{place}", place=found.place, kind=found.kind, origin="found")
        for place, found in enumerate(result.findings)
    ]
    regions += [
        Drawn(id=f"r{place}", place=gone.place, kind=gone.kind, origin="found", removed=True)
        for place, gone in enumerate(edits.removed)
    ]
    return [region.model_dump(mode="json") for region in regions]


def drawn_before(edits: RedactionEdits) -> list[dict[str, Any]]:
    """What the page of a file in quarantine begins with: what people added in earlier runs stays."""
    regions = [
        Drawn(id=f"f{place}", place=region.place, kind=region.kind, origin="found")
        for place, region in enumerate(edits.added)
    ]
    return [region.model_dump(mode="json") for region in regions]


def changed(result: RedactionResult, before: RedactionEdits, regions: Sequence[Drawn]) -> Change:
    """What the next run is to hide, from a run's result and edits and what a person made of its regions."""
    _check_inside(regions, Bounds.of(result))
    found = {f"f{place}": finding for place, finding in enumerate(result.findings)}
    gone = {f"r{place}": region for place, region in enumerate(before.removed)}
    added, removed = list(before.added), list(before.removed)
    taken: list[Finding] = []
    cut: list[Region] = []
    more = 0
    for region in regions:
        drawn = Region(place=region.place, kind=region.kind)
        if region.origin == "drawn":
            if not region.removed:
                added.append(drawn)
                more += 1
        elif (finding := found.get(region.id)) and _is_cut(region, finding):
            cut += _cut_off(region, finding)
        elif finding:
            moved = region.place != finding.place
            if region.removed or (moved and not _covers(region.place, finding.place)):
                taken.append(finding)
            if moved and not region.removed:
                added.append(Region(place=region.place, kind=finding.kind))
                more += 1
        elif (earlier := gone.get(region.id)) and not region.removed:
            removed.remove(earlier)
            added.append(Region(place=region.place, kind=earlier.kind))
            more += 1
    fresh = []
    for finding in taken:
        place = Region(place=finding.place, kind=finding.kind)
        if finding.detector == PERSON and (own := _drawn_as(place, added)):
            added.remove(own)
        else:
            fresh.append(place)
    removed += [*fresh, *cut]
    stay = [finding for finding in result.findings if finding not in taken]
    added += [
        Region(place=finding.place, kind=finding.kind)
        for finding in stay
        if finding.detector != PERSON and _share(finding, fresh) >= KEEP
    ]
    return Change(_edits(added, removed), more, len(taken) + len(cut))


def _is_cut(region: Drawn, finding: Finding) -> bool:
    """Whether it is a track that stays, and not for as long as it was. Raises `NotRegions` where it grew."""
    place, whole = region.place, finding.place
    if region.removed or not isinstance(place, Track) or not isinstance(whole, Track) or place == whole:
        return False
    if place.id != whole.id or not _covers(whole.interval, place.interval):
        raise NotRegions(
            "What was found in a video can be cut and not be made longer. Draw a box about it elsewhere."
        )
    return place.interval != whole.interval


def _cut_off(region: Drawn, finding: Finding) -> list[Region]:
    """What a cut takes away of a track, before it and after it."""
    place, whole = region.place, finding.place
    if not isinstance(place, Track) or not isinstance(whole, Track):
        return []
    ends = [
        (whole.interval.start, place.interval.start),
        (place.interval.end, whole.interval.end),
    ]
    return [
        Region(place=whole.model_copy(update={"interval": Interval(start=start, end=end)}), kind=finding.kind)
        for start, end in ends
        if start < end
    ]


def _drawn_as(gone: Region, added: Sequence[Region]) -> Region | None:
    """What a person drew of which this came: the same place, or the box from which a track was followed."""
    if gone in added or not isinstance(gone.place, Track):
        return gone if gone in added else None
    hull = gone.place.hull
    for each in added:
        box = each.place.hull if isinstance(each.place, Track) else each.place
        if isinstance(box, Area) and each.kind == gone.kind and _within(box, hull):
            return each
    return None


def with_file(result: RedactionResult, change: Change, more: RedactionEdits) -> Change:
    """The change, and what a file says beside it."""
    _check_inside((*more.added, *more.removed), Bounds.of(result))
    return Change(
        _edits([*change.edits.added, *more.added], [*change.edits.removed, *more.removed]),
        change.added + len(more.added),
        change.removed + len(more.removed),
    )


def by_hand(bounds: Bounds, before: RedactionEdits, regions: Sequence[Drawn], more: RedactionEdits) -> Change:
    """What an officer drew on the original beside what was before; the sides of `bounds` lie or stand."""
    drawn = [
        Region(place=region.place, kind=region.kind)
        for region in regions
        if region.origin == "drawn" and not region.removed
    ]
    drawn += more.added
    try:
        _check_inside(drawn, bounds)
    except NotRegions:
        _check_inside(drawn, replace(bounds, size=(bounds.size[1], bounds.size[0])))
    if more.removed:
        raise NotRegions("Nothing is hidden yet that could be taken away. Leave out what is removed.")
    return Change(_edits([*before.added, *drawn], list(before.removed)), len(drawn), 0)


def _check_inside(regions: Sequence[Drawn | Region], bounds: Bounds) -> None:
    width, height = bounds.size
    for region in regions:
        place = region.place
        if bounds.kind == "video":
            _check_in_video(place, bounds)
        elif bounds.kind == "sound":
            if not isinstance(place, Interval):
                raise NotRegions("A region says no place in a recording. Say from when to when.")
            # A recording rarely ends with a millisecond: a silence up to its end is a part of one longer.
            if bounds.milliseconds is not None and place.end > bounds.milliseconds + 1:
                raise NotRegions(
                    f"A region reaches beyond the recording, which has {bounds.milliseconds} milliseconds."
                )
        elif bounds.kind == "text":
            if not isinstance(place, Span):
                raise NotRegions("A region says no place in a text. Say from which character to which.")
            if bounds.characters is not None and place.end > bounds.characters:
                raise NotRegions(
                    f"A region reaches beyond the text, which has {bounds.characters} characters."
                )
        elif not isinstance(place, Area):
            raise NotRegions("A region says no place in a picture or on a page.")
        elif bounds.pages is not None and place.part >= bounds.pages:
            raise NotRegions(f"A region is on page {place.part + 1}, and there are {bounds.pages} pages.")
        elif place.part == 0 and (place.right > width or place.bottom > height):
            raise NotRegions(f"A region reaches beyond the picture, which has {width} × {height} pixels.")


def _check_in_video(place: Place, bounds: Bounds) -> None:
    if isinstance(place, Span):
        raise NotRegions(
            "A region says no place in a video. Say a track, a box in a picture, or from when to when."
        )
    when = place if isinstance(place, Interval) else place.interval if isinstance(place, Track) else None
    if when and bounds.milliseconds is not None and when.end > bounds.milliseconds + 1:
        raise NotRegions(f"A region reaches beyond the video, which has {bounds.milliseconds} milliseconds.")
    box = place if isinstance(place, Area) else place.hull if isinstance(place, Track) else None
    if box and bounds.pages is not None and box.part >= bounds.pages:
        raise NotRegions(f"A region is in picture {box.part + 1}, and there are {bounds.pages} pictures.")
    width, height = bounds.size
    if box and width and (box.right > width or box.bottom > height):
        raise NotRegions(f"A region reaches beyond the picture, which has {width} × {height} pixels.")


def _edits(added: list[Region], removed: list[Region]) -> RedactionEdits:
    try:
        return RedactionEdits(added=tuple(added), removed=tuple(removed))
    except ValidationError as error:
        raise NotRegions(f"There are too many regions: {_first(error)}.") from error


def _length(place: Place) -> int:
    return place.end - place.start if isinstance(place, Span | Interval) else 0


def _on_one_line(one: Place, other: Place) -> tuple[Span | Interval, Span | Interval] | None:
    """Both, where both lie in one text or in one recording."""
    if isinstance(one, Span) and isinstance(other, Span):
        return one, other
    return (one, other) if isinstance(one, Interval) and isinstance(other, Interval) else None


def _covers(outer: Place, inner: Place) -> bool:
    if along := _on_one_line(outer, inner):
        return along[0].start <= along[1].start and along[0].end >= along[1].end
    return (
        isinstance(outer, Area)
        and isinstance(inner, Area)
        and outer.part == inner.part
        and _within(inner, outer)
    )


def _within(inner: Area, outer: Area) -> bool:
    """Whether all pixels of the one are the other's, in whichever parts they lie."""
    return (
        outer.left <= inner.left
        and outer.top <= inner.top
        and outer.right >= inner.right
        and outer.bottom >= inner.bottom
    )


def _share(finding: Finding, regions: Sequence[Region]) -> float:
    """How much of the finding lies under the regions; where areas overlap, that part counts twice."""
    place = finding.place
    if isinstance(place, Area):
        common = sum(_common(place, region.place) for region in regions)
        return common / ((place.right - place.left) * (place.bottom - place.top))
    lines = [along for region in regions if (along := _on_one_line(place, region.place))]
    under, reached = 0, 0
    for own, other in sorted(lines, key=lambda each: each[1].start):
        begin, end = max(own.start, other.start, reached), min(own.end, other.end)
        under += max(0, end - begin)
        reached = max(reached, end)
    return under / max(1, _length(place))


def _common(one: Place, other: Place) -> int:
    """The pixels, characters or milliseconds that lie in both."""
    if along := _on_one_line(one, other):
        return max(0, min(each.end for each in along) - max(each.start for each in along))
    if not isinstance(one, Area) or not isinstance(other, Area) or one.part != other.part:
        return 0
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(0, wide) * max(0, high)


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "the JSON"
    return f"{place}: {first['msg']}"
