"""What an officer fills in before something is done to a medium."""

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


class EraseForm(forms.Form):
    """A confirmation, and where the request is filed."""

    reference = forms.CharField(
        label=_("Reference of the request"),
        max_length=120,
        required=False,
        help_text=_("As it is filed with you, without personal data. It is not on the record."),
    )
    sure = forms.BooleanField(
        label=_("Erase for good. I know that nobody can bring it back."),
        error_messages={"required": _("Confirm that this medium is to be erased for good.")},
    )
