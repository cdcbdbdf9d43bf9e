"""What is filled in after a verdict: what was done, a letter, the known answer of a case."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from omnigov.decisions.models import Decision
from omnigov.review.after import MOST_TO, MOST_WORDS
from omnigov.review.after_models import Done
from omnigov.review.letters import MOST, MOST_DAYS, Contact
from omnigov.templatetags.omnigov import label_name


class DispositionForm(forms.Form):
    """What was done on the outcome. Whether it is possible is the service's to say."""

    disposition_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    seen = forms.UUIDField(widget=forms.HiddenInput, required=False)
    done = forms.ChoiceField(
        label=_("What was done"),
        choices=[("", _("Choose …")), *Done.choices],
        error_messages={"required": _("Choose what was done.")},
    )
    to = forms.CharField(
        label=_("Where to, if it was sent on"),
        required=False,
        max_length=MOST_TO,
        help_text=_("A department or an office, and no person by name."),
    )
    words = forms.CharField(
        label=_("A note"),
        required=False,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Do not write personal data."),
    )

    def __init__(self, data: Any = None, *, newest: uuid.UUID | None = None) -> None:
        super().__init__(data, prefix="after")
        self.fields["seen"].initial = newest

    def looked_at(self, newest: uuid.UUID | None) -> None:
        """The page that the form is on again shows the outcome with this verdict: it can be sent as it is."""
        self.data = {
            **{name: self.data[name] for name in self.data},
            self.add_prefix("seen"): str(newest or ""),
        }


class LetterForm(forms.Form):
    """The letter's language, and how to object."""

    letter_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    language = forms.ChoiceField(label=_("Language"), choices=[("en", "English"), ("ja", "日本語")])
    contact = forms.CharField(
        label=_("Where to object"),
        min_length=5,
        max_length=MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("An address that somebody reads. It is kept for the next letter."),
    )
    days = forms.IntegerField(label=_("Within how many days"), min_value=1, max_value=MOST_DAYS)
    own_words = forms.CharField(
        label=_("What you want to add"),
        required=False,
        max_length=MOST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("In the letter's language. It is read by the person concerned: name nobody else."),
    )

    def __init__(self, data: Any = None, *, contact: Contact) -> None:
        initial = {
            "language": (get_language() or "en")[:2],
            "contact": contact.contact,
            "days": contact.days,
        }
        super().__init__(data, initial=initial)


class KnownAnswerForm(forms.Form):
    """The right label of a case that nobody looked at yet."""

    label = forms.ChoiceField(
        label=_("The right label"), error_messages={"required": _("Choose the right label.")}
    )

    def __init__(self, data: Any = None, *, decision: Decision) -> None:
        super().__init__(data, prefix="known")
        field = self.fields["label"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker, not the reader
        labels = decision.run.policy_version.spec.labels
        field.choices = [("", _("Choose …")), *((each.key, label_name(each)) for each in labels)]
