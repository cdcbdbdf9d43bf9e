"""What an auditor says to draw a sample."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from omnigov.accounts.models import Workspace
from omnigov.audits.services import MOST, Population
from omnigov.days import days
from omnigov.intake.models import Batch
from omnigov.intake.queries import newest_batches
from omnigov.policies.models import Policy
from omnigov.templatetags.omnigov import kind_name, policy_name
from omnigov.trail.queries import KINDS


class PolicyField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return policy_name(obj)


class SampleForm(forms.Form):
    """Population, size and seed."""

    kind = forms.ChoiceField(label=_("Kind"), required=False, initial="decision")
    policy = PolicyField(
        label=_("Policy"), queryset=Policy.objects.none(), required=False, empty_label=_("All")
    )
    batch = forms.ChoiceField(label=_("Batch"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    size = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST, initial=25)
    seed = forms.RegexField(
        r"^[0-9a-f]{1,64}$",
        label=_("Seed"),
        required=False,
        strip=True,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
        help_text=_(
            "Digits 0 to 9 and letters a to f, thrown with dice for instance. Left empty: the newest "
            "checkpoint's root, which nobody here chose."
        ),
        error_messages={"invalid": _("A seed has up to 64 digits 0 to 9 and letters a to f.")},
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, policy, batch = self.fields["kind"], self.fields["policy"], self.fields["batch"]
        assert isinstance(kind, forms.ChoiceField)  # noqa: S101 - tells the type checker, not the reader
        assert isinstance(policy, forms.ModelChoiceField)  # noqa: S101
        assert isinstance(batch, forms.ChoiceField)  # noqa: S101
        kind.choices = [("", _("All")), *((each, kind_name(each)) for each in KINDS)]
        policy.queryset = Policy.objects.filter(workspace=workspace).order_by("slug")
        batch.choices = [("", _("All")), *newest_batches(workspace)]

    def clean(self) -> dict[str, Any]:
        return days(super().clean() or {})

    @property
    def population(self) -> Population:
        given = self.cleaned_data
        batch = Batch.objects.get(pk=uuid.UUID(given["batch"])) if given["batch"] else None
        return Population(
            kind=given["kind"],
            since=given["since"],
            until=given["until"],
            batch=batch,
            policy=given["policy"],
        )
