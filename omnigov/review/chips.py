"""Reasons that officers give again and again, to be chosen beside their own words."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

CHIPS = {
    "uphold": {
        "plain": _("It is plainly to be seen."),
        "nearest": _("No other label fits better."),
    },
    "overturn": {
        "shows_else": _("The copy shows something else."),
        "wrong_part": _("The model went by the wrong part."),
        "hidden_misled": _("What was hidden misled the model."),
        "too_little": _("Too little is left visible for this label."),
    },
    "escalate": {
        "unsure": _("I am not sure."),
        "knowledge": _("It takes knowledge that I don't have."),
        "left_visible": _("Something personal may be left visible."),
        "involved": _("I know somebody whom it concerns."),
    },
}
"""By verdict: code and words."""


def in_words(verdict: str, codes: Iterable[str], own: str) -> str:
    """The reason as it is kept: what was chosen for this verdict, then the officer's own words."""
    wanted = set(codes)
    chosen = [str(words) for code, words in CHIPS.get(verdict, {}).items() if code in wanted]
    return "\n".join(part for part in (" ".join(chosen), own.strip()) if part)
