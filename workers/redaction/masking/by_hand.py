"""What a person says of a page or text: what is hidden there, and what stays visible on their word."""

from __future__ import annotations

from omnigov.contracts import MILLION, Area, Finding, RedactionEdits, Refused, Span

NO_EDITS = RedactionEdits()


def on_page(edits: RedactionEdits, page: int, *, width: int, height: int) -> tuple[list[Finding], list[Area]]:
    """The regions added on this page, as findings, and those removed from it, as boxes that are cleared.

    Raises `Refused` for a region that reaches beyond the page, or is none of a page.
    """
    check_areas(edits)
    added = [region for region in edits.added if region.area.part == page]
    removed = [region for region in edits.removed if region.area.part == page]
    for region in (*added, *removed):
        if region.area.right > width or region.area.bottom > height:
            raise Refused(
                "region_outside",
                f"A region reaches beyond page {page + 1}, which has {width} × {height} pixels. Correct it.",
            )
    findings = [
        Finding(kind=region.kind, place=region.area, score=MILLION, detector="person") for region in added
    ]
    return findings, [region.area for region in removed]


def check_areas(edits: RedactionEdits) -> None:
    """Raises `Refused` where a region is no place on a page."""
    if not all(isinstance(region.place, Area) for region in (*edits.added, *edits.removed)):
        raise Refused("regions_unusable", "A region says no place on a page. Correct the regions.")


def in_text(edits: RedactionEdits, length: int) -> tuple[list[Finding], list[Span]]:
    """The spans added in a text of `length` characters, as findings in order, and those that are cleared.

    Of two added ones that overlap, the one that begins later begins where the other ends. Raises `Refused`
    for a span that reaches beyond the text, or a place that is no span.
    """
    for region in (*edits.added, *edits.removed):
        if not isinstance(region.place, Span):
            raise Refused("regions_unusable", "A region says no place in a text. Correct the regions.")
        if region.place.end > length:
            raise Refused(
                "region_outside",
                f"A region reaches beyond the text, which has {length:,} characters. Correct it.",
            )
    added, ended = list[Finding](), 0
    spans = [(region.place, region.kind) for region in edits.added if isinstance(region.place, Span)]
    for place, kind in sorted(spans, key=lambda one: (one[0].start, -one[0].end)):
        if place.end > ended:
            rest = Span(start=max(place.start, ended), end=place.end)
            added.append(Finding(kind=kind, place=rest, score=MILLION, detector="person"))
            ended = place.end
    cleared = [region.place for region in edits.removed if isinstance(region.place, Span)]
    return added, cleared
