"""What an auditor fills in to export."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ExportForm(forms.Form):
    """Which days: both are inside, by UTC. Nothing filled in: everything."""

    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    profile = forms.ChoiceField(
        label=_("What is in it"),
        choices=[
            ("redacted", _("The record, without anybody's words")),
            ("full", _("With the words and the keys to check them: personal data")),
        ],
        initial="redacted",
    )
    language = forms.ChoiceField(
        label=_("Language of the report"), choices=[("en", "English"), ("ja", "日本語")]
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            raise forms.ValidationError(_("The last day lies before the first one. Change one of them."))
        if since:
            cleaned["since"] = datetime.combine(since, time.min, UTC)
        if until:
            # Of the calendar's last day nobody can say when it is over.
            last = min(until, date.max - timedelta(days=1))
            cleaned["until"] = datetime.combine(last + timedelta(days=1), time.min, UTC)
        return cleaned
