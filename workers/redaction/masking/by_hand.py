"""What a person says of one page: what is hidden there, and where they answer for what stays visible."""

from __future__ import annotations

from omnigov.contracts import MILLION, Area, Finding, RedactionEdits, Refused

NO_EDITS = RedactionEdits()


def on_page(edits: RedactionEdits, page: int, *, width: int, height: int) -> tuple[list[Finding], list[Area]]:
    """The regions added on this page, as findings, and those removed from it, as boxes that are cleared.

    Raises `Refused` for a region that reaches beyond the page.
    """
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
