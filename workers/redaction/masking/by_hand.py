"""What a person says of one page: what is hidden there, and where they answer for what stays visible."""

from __future__ import annotations

from omnigov.contracts import MILLION, Box, Finding, RedactionEdits, Refused

NO_EDITS = RedactionEdits()


def on_page(edits: RedactionEdits, page: int, *, width: int, height: int) -> tuple[list[Finding], list[Box]]:
    """The regions added on this page, as findings, and those removed from it, as boxes that are cleared.

    Raises `Refused` for a region that reaches beyond the page.
    """
    added = [region for region in edits.added if region.page == page]
    removed = [region for region in edits.removed if region.page == page]
    for region in (*added, *removed):
        if region.box.right > width or region.box.bottom > height:
            raise Refused(
                "region_outside",
                f"A region reaches beyond page {page + 1}, which has {width} × {height} pixels. Correct it.",
            )
    findings = [
        Finding(kind=region.kind, box=region.box, score=MILLION, detector="person", page=page)
        for region in added
    ]
    return findings, [region.box for region in removed]
