"""What an auditor fills in to export."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from omnigov.accounts.models import Engagement, Workspace
from omnigov.audits.models import Sample
from omnigov.days import days
from omnigov.intake.models import Batch
from omnigov.intake.queries import newest_batches
from omnigov.ledger.schemas import SCHEMAS
from omnigov.templatetags.omnigov import kind_name

SAMPLES = 100
PROFILES = [
    ("redacted", _("The record, without anybody's words")),
    ("full", _("With the words and the keys to check them: personal data")),
]


class ExportForm(forms.Form):
    """Which entries: of days (both inside, by the reader's time zone), a kind, a batch or a sample.

    Nothing filled in: everything.
    """

    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    batch = forms.ChoiceField(label=_("Batch"), required=False)
    sample = forms.ChoiceField(label=_("Sample"), required=False)
    profile = forms.ChoiceField(
        label=_("What is in it"),
        choices=PROFILES,
        initial="redacted",
    )
    language = forms.ChoiceField(
        label=_("Language of the report"), choices=[("en", "English"), ("ja", "日本語")]
    )

    def __init__(
        self, *args: Any, workspace: Workspace, engagement: Engagement | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        samples = Sample.objects.filter(workspace=workspace)[:SAMPLES] if engagement is None else []
        if engagement is not None:
            # Whoever holds the keys can check words for ever, also those of an erased medium.
            profile = self.fields["profile"]
            assert isinstance(profile, forms.ChoiceField)  # noqa: S101 - as below
            profile.choices = [PROFILES[0]]
        choices = {
            "kind": [(each, kind_name(each)) for each in sorted({kind for kind, _version in SCHEMAS})],
            "batch": [
                each
                for each in newest_batches(workspace)
                if engagement is None or uuid.UUID(each[0]) in engagement.batches
            ],
            "sample": [
                (str(each.pk), f"{localtime(each.drawn_at):%Y-%m-%d %H:%M} · {each.size}") for each in samples
            ],
        }
        for name, listed in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker, not the reader
            field.choices = [("", _("All")), *listed]

    def clean(self) -> dict[str, Any]:
        cleaned = days(super().clean() or {})
        if cleaned.get("batch") and cleaned.get("sample"):
            raise forms.ValidationError(
                _("Choose a batch or a sample: a sample is exported as it was drawn.")
            )
        for name, model in (("batch", Batch), ("sample", Sample)):
            if cleaned.get(name):
                cleaned[name] = model._default_manager.get(pk=uuid.UUID(cleaned[name]))
        return cleaned
