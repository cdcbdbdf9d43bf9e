"""What narrows the list of entries."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from omnigov.accounts.models import User, Workspace
from omnigov.days import day_begins, days
from omnigov.templatetags.omnigov import kind_name
from omnigov.trail.deeds import subjects_about
from omnigov.trail.queries import people_named

_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class FilterForm(forms.Form):
    """Kind, subject, file, person and days (both inside). Nothing filled in: everything.

    A day is one of the reader's own time zone, which the page shows. `within` is what an engaged auditor is
    narrowed down to: whoever is named nowhere in that is no person to choose.
    """

    kind = forms.ChoiceField(label=_("Kind"), required=False)
    subject = forms.UUIDField(
        label=_("Run or subject"),
        required=False,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
        error_messages={"invalid": _("Paste the whole id, as an entry shows it.")},
    )
    file = forms.CharField(
        label=_("File"),
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
        help_text=_("Its id, or the address of its page."),
    )
    person = forms.ModelChoiceField(
        label=_("Person"), queryset=User.objects.none(), required=False, empty_label=_("All")
    )
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(
        self, *args: Any, kinds: Sequence[str], workspace: Workspace, within: Q | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._workspace = workspace
        kind, person = self.fields["kind"], self.fields["person"]
        assert isinstance(kind, forms.ChoiceField)  # noqa: S101 - tells the type checker, not the reader
        assert isinstance(person, forms.ModelChoiceField)  # noqa: S101
        kind.choices = [("", _("All")), *((each, kind_name(each)) for each in kinds)]
        people = User.objects.filter(memberships__workspace=workspace).order_by("username")
        if within is not None:
            people = people.filter(
                pk__in=people_named(workspace.id, within, people.values_list("pk", flat=True))
            )
        person.queryset = people

    def clean_file(self) -> set[uuid.UUID] | None:
        """The subjects of all entries about it."""
        given: str = self.cleaned_data["file"]
        if not given:
            return None
        ids = _ID.findall(given)
        subjects = subjects_about(self._workspace.id, uuid.UUID(ids[-1])) if ids else set()
        if not subjects:
            raise forms.ValidationError(
                _("No file here has this id. Paste it from an entry, or the address of the file's page.")
            )
        return subjects

    def clean(self) -> dict[str, Any]:
        return days(super().clean() or {})


class MomentForm(forms.Form):
    """A moment by the reader's own clock; nothing filled in: now."""

    at = forms.DateTimeField(
        label=_("At"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"),
    )

    def clean_at(self) -> datetime:
        given: datetime | None = self.cleaned_data["at"]
        now = timezone.now()
        if given is None:
            return now
        if given > now:
            raise forms.ValidationError(_("That moment is still to come. Choose one that has been."))
        return max(given, day_begins(date.min))
