"""What an officer fills in to give a verdict, to correct what is hidden, and to release from quarantine."""

from __future__ import annotations

import time
import uuid
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from omnigov.accounts.models import User
from omnigov.contracts import RedactionEdits
from omnigov.decisions.models import Decision
from omnigov.review.cases import colleagues
from omnigov.review.chips import CHIPS, in_words
from omnigov.review.displayed import Displayed, displayed_on
from omnigov.review.models import Act, Case, Verdict
from omnigov.review.regions import Drawn, NotRegions, read, read_file
from omnigov.review.served import NotServed, Served
from omnigov.review.served import read as read_served
from omnigov.sentences import spoken

EDITS_BYTES = 1_000_000
WHY = _("Write a reason: an outsider has to understand later why this was done.")


class VerdictForm(forms.Form):
    """A verdict with a reason. Whether it is possible is the service's to say.

    `review_id` is made with the page: sent twice, it is one review. `served` says what was in the page.
    """

    review_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    served = forms.CharField(widget=forms.HiddenInput)
    displayed = forms.CharField(widget=forms.HiddenInput, required=False)
    verdict = forms.ChoiceField(
        choices=Verdict.choices,
        error_messages={"required": _("Choose to uphold, to overturn or to escalate.")},
    )
    label = forms.ChoiceField(label=_("The right label"), required=False)
    to = forms.ChoiceField(
        label=_("Who is to decide"),
        required=False,
        help_text=_("They are told. Nobody chosen: any other officer."),
    )
    reason = forms.CharField(
        label=_("Your reason"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Write it for someone who was not here. Do not write personal data."),
    )
    chips = forms.MultipleChoiceField(
        choices=[(code, words) for chips in CHIPS.values() for code, words in chips.items()], required=False
    )

    def __init__(self, *args: Any, decision: Decision, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._decision, self._person = decision, person
        japanese = get_language() == "ja"
        labels = decision.run.policy_version.spec.labels
        field = self.fields["label"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker, not the reader
        field.choices = [("", _("Choose …"))] + [
            (label.key, label.name_ja if japanese else label.name_en)
            for label in labels
            if label.key != decision.label
        ]

        other = self.fields["to"]
        assert isinstance(other, forms.ChoiceField)  # noqa: S101 - tells the type checker, not the reader
        case = Case.objects.select_related("run").filter(decision=decision).first()
        people = colleagues(case, person) if case else []
        other.choices = [("", _("any other officer"))] + [(str(each.pk), each.username) for each in people]

    @property
    def chip_rows(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """By verdict: code, words, and whether it is chosen."""
        chosen = set(self["chips"].value() or ())
        return [
            (verdict, [(code, str(words), code in chosen) for code, words in chips.items()])
            for verdict, chips in CHIPS.items()
        ]

    @property
    def whole_reason(self) -> str:
        """What was chosen and written, as it is kept."""
        given = self.cleaned_data
        return in_words(given["verdict"], given["chips"], given["reason"])

    @property
    def measured(self) -> Displayed | None:
        """What the page measured to have been displayed; None where it measured nothing that can be."""
        served: Served = self.cleaned_data["served"]
        age = max(0, round(1000 * (time.time() - served.since)))
        return displayed_on(self.cleaned_data["displayed"], page=served.page, age_ms=age)

    def clean_served(self) -> Served:
        try:
            return read_served(self.cleaned_data["served"], decision=self._decision, person=self._person)
        except NotServed:
            raise forms.ValidationError(_("Load the page again, and give your verdict anew.")) from None


class OpenForm(forms.Form):
    """Why an officer opens the original, beside the regions that it is opened for."""

    # It stands in the form of the correction, which needs no original to be sent.
    use_required_attribute = False

    open_reason = forms.CharField(
        label=_("Why you open the original"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Do not write personal data."),
        error_messages={"required": WHY},
    )


class CorrectionForm(forms.Form):
    """Regions as they are to be, and why. Whether they are possible is the service's to say.

    `new_id` is made with the page and becomes the new run's: sent twice, it is one run.
    """

    new_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    pass_ = forms.CharField(widget=forms.HiddenInput, required=False)
    regions = forms.CharField(
        label=_("The regions as JSON"),
        required=False,
        strip=False,
        max_length=EDITS_BYTES,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )
    edits = forms.FileField(
        label=_("A file of edits"),
        required=False,
        help_text=_("JSON with the regions “added” and “removed”, as “omnigov redact --edits” takes them."),
    )
    reason = forms.CharField(
        label=_("Your reason"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Write it for someone who was not here. Do not write personal data."),
        error_messages={"required": WHY},
    )

    def __init__(self, *args: Any, medium: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._medium = medium

    def clean_regions(self) -> tuple[Drawn, ...]:
        try:
            return read(self.cleaned_data["regions"])
        except NotRegions as reason:
            raise forms.ValidationError(spoken("regions_unusable", str(reason))) from None

    def clean_edits(self) -> RedactionEdits:
        file = self.cleaned_data["edits"]
        if not file:
            return RedactionEdits()
        if file.size > EDITS_BYTES:
            raise forms.ValidationError(_("The file of edits has more than a megabyte."))
        try:
            return read_file(file.read(), self._medium)
        except NotRegions as reason:
            raise forms.ValidationError(spoken("regions_unusable", str(reason))) from None


class ReleaseForm(CorrectionForm):
    """How a file leaves quarantine."""

    act = forms.ChoiceField(
        choices=[(act.value, act.label) for act in (Act.BY_HAND, Act.NOTHING_VISIBLE)],
        error_messages={"required": _("Say whether you redact by hand or nothing personal is visible.")},
    )
