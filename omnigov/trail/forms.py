"""What narrows the list of entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from omnigov.accounts.models import User, Workspace
from omnigov.templatetags.omnigov import kind_name


class FilterForm(forms.Form):
    """Kind, subject, person and days (by UTC, both inside). Nothing filled in: everything."""

    kind = forms.ChoiceField(label=_("Kind"), required=False)
    subject = forms.UUIDField(
        label=_("Run or subject"),
        required=False,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
        error_messages={"invalid": _("Paste the whole id, as an entry shows it.")},
    )
    person = forms.ModelChoiceField(
        label=_("Person"), queryset=User.objects.none(), required=False, empty_label=_("All")
    )
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, kinds: Sequence[str], workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, person = self.fields["kind"], self.fields["person"]
        assert isinstance(kind, forms.ChoiceField)  # noqa: S101 - tells the type checker, not the reader
        assert isinstance(person, forms.ModelChoiceField)  # noqa: S101
        kind.choices = [("", _("All")), *((each, kind_name(each)) for each in kinds)]
        person.queryset = User.objects.filter(memberships__workspace=workspace).order_by("username")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("since"):
            cleaned["since"] = datetime.combine(cleaned["since"], time.min, UTC)
        if cleaned.get("until"):
            # Of the calendar's last day nobody can say when it is over.
            last = min(cleaned["until"], date.max - timedelta(days=1))
            cleaned["until"] = datetime.combine(last + timedelta(days=1), time.min, UTC)
        return cleaned
