"""A reason in somebody's own words: asked before a thing is done that an outsider has to understand later."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

WHY = _("Write a reason: an outsider has to understand later why this was done.")


class ReasonForm(forms.Form):
    """A reason in one's own words."""

    reason = forms.CharField(
        label=_("Your reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Do not write personal data."),
        error_messages={"required": WHY},
    )
