"""What an officer fills in before a medium is erased."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


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
