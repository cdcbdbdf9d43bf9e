"""What a steward says to engage an external auditor."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from omnigov.accounts.models import Workspace
from omnigov.intake.queries import newest_batches
from omnigov.policies.models import Policy
from omnigov.templatetags.omnigov import policy_name

_MOMENT = {"type": "datetime-local"}


class EngagementForm(forms.Form):
    """Who, from when to when, and of what."""

    username = forms.CharField(
        label=_("Name to sign in with"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Hand it over by another way than the name."),
    )
    since = forms.DateTimeField(
        label=_("From"), widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M")
    )
    until = forms.DateTimeField(
        label=_("To"), widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M")
    )
    batches = forms.MultipleChoiceField(label=_("Batches"), required=False)
    policies = forms.MultipleChoiceField(label=_("Policies"), required=False)

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        batches, policies = self.fields["batches"], self.fields["policies"]
        assert isinstance(batches, forms.MultipleChoiceField)  # noqa: S101 - tells the type checker
        assert isinstance(policies, forms.MultipleChoiceField)  # noqa: S101
        batches.choices = newest_batches(workspace)
        of_here = Policy.objects.filter(workspace=workspace).order_by("slug")
        policies.choices = [(str(each.pk), policy_name(each)) for each in of_here]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password
