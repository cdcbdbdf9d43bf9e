"""What a page measured to have been displayed, as sentences."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnigov.templatetags.omnigov import milliseconds

PARTS = {
    "redacted_copy": gettext_lazy("the redacted copy"),
    "findings": gettext_lazy("what was hidden"),
    "findings_of_parts": gettext_lazy("what was hidden in those parts"),
    "decision": gettext_lazy("the model's decision"),
    "scores": gettext_lazy("the scores"),
    "all_scores": gettext_lazy("all scores"),
    "why_it_waits": gettext_lazy("why it waits"),
    "earlier_verdicts": gettext_lazy("earlier verdicts"),
    "reasons": gettext_lazy("the model's words"),
    "explanation": gettext_lazy("what the decision rests on"),
    "trials": gettext_lazy("how far the explanation holds"),
    "provenance": gettext_lazy("how it came about"),
    "similar": gettext_lazy("similar decisions"),
    "heat_map": gettext_lazy("the heat map"),
    "boxes": gettext_lazy("frames over what was hidden"),
    "before": gettext_lazy("the copy before the correction"),
    "thumbnails": gettext_lazy("the pages as small pictures"),
    "transcript": gettext_lazy("what can be read or heard"),
    "turns": gettext_lazy("who speaks when"),
    "waveform": gettext_lazy("the waveform"),
    "timeline": gettext_lazy("the line of time"),
    "contact_sheet": gettext_lazy("every hidden thing as small pictures"),
}
"""By the codes of the record and of the page."""


def part_in_words(code: str) -> str:
    """What a code names; the code itself where it is of another time."""
    name, _sign, number = code.rpartition("_")
    if number.isdigit() and name == "page":
        return _("page %(number)s") % {"number": number}
    if number.isdigit() and name == "picture":
        return _("picture %(number)s of the report") % {"number": number}
    if number.isdigit() and name == "text_part":
        return _("part %(number)s of the text") % {"number": number}
    return str(PARTS.get(code, code))


def displayed_in_words(measured: dict[str, Any] | None) -> str:
    """All of it; that it was not measured, where it was not."""
    if measured is None:
        return _("What was displayed was not measured.")
    said = [
        _("The page was visible in the browser for %(time)s.") % {"time": milliseconds(measured["total"])}
    ]
    if measured["parts"]:
        said.append(_("In view: %(parts)s.") % {"parts": _times(measured["parts"])})
    if measured["overlays"]:
        said.append(_("Laid over the medium: %(parts)s.") % {"parts": _times(measured["overlays"])})
    if measured["unloaded"]:
        parts = ", ".join(part_in_words(code) for code in measured["unloaded"])
        said.append(_("Not loaded: %(parts)s.") % {"parts": parts})
    if measured["zoom"] > 1:
        said.append(_("Enlarged up to %(zoom)s times.") % {"zoom": measured["zoom"]})
    if measured["played"]:
        said.append(_("Played: %(time)s.") % {"time": milliseconds(measured["played"])})
    return " ".join(said)


def _times(parts: dict[str, int]) -> str:
    longest = sorted(parts.items(), key=lambda each: -each[1])
    return ", ".join(f"{part_in_words(code)} {milliseconds(time)}" for code, time in longest)
