"""What an officer fills in to give a verdict."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from omnigov.decisions.models import Decision, Verdict


class VerdictForm(forms.Form):
    """A verdict with a reason. Whether it is possible is the service's to say.

    `review_id` is made with the page: sent twice, it is one review.
    """

    review_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    verdict = forms.ChoiceField(
        choices=Verdict.choices,
        error_messages={"required": _("Choose to uphold, to overturn or to escalate.")},
    )
    label = forms.ChoiceField(label=_("The right label"), required=False)
    reason = forms.CharField(
        label=_("Your reason"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Write it for someone who was not here. Do not write personal data."),
        error_messages={
            "required": _("Write a reason: an outsider has to understand this verdict later."),
        },
    )

    def __init__(self, *args: Any, decision: Decision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        japanese = get_language() == "ja"
        labels = decision.run.policy_version.spec.labels
        field = self.fields["label"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker, not the reader
        field.choices = [("", _("Choose …"))] + [
            (label.key, label.name_ja if japanese else label.name_en)
            for label in labels
            if label.key != decision.label
        ]
