"""What detectors found on a form's sample outside of its fields: masked, or marked as the form's own print.

A form's own print may be an office's address or telephone, and looks like somebody's. A steward says so, with
a reason that stands on the version's page; everything else is masked before anything of the form is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from omnigov.contracts import Area
from omnigov.reasons import WHY
from omnigov.studio import samples
from omnigov.studio.looks import Found
from omnigov.studio.samples import Sample

SHOWN = 200
"""So many can be marked; what was found beside them is masked."""


@dataclass(frozen=True)
class Row:
    """One place as the page shows it."""

    key: str
    kind: str
    picture: str
    """A PNG in base64."""
    own: bool


class OwnPrintForm(forms.Form):
    """Which of the places are the form's own print, and why."""

    own = forms.MultipleChoiceField(required=False)
    own_reason = forms.CharField(
        label=_("Why this is the form's own print"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It stands on the version's page. Do not write personal data."),
    )
    marked = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, sample: Sample, found: Sequence[Found]) -> None:
        super().__init__(data)
        self.found = list(found)
        self._sample = sample
        own = self.fields["own"]
        assert isinstance(own, forms.MultipleChoiceField)  # noqa: S101 - tells the type checker
        own.choices = [(key_of(each), key_of(each)) for each in self.found[:SHOWN]]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("own") and len(given.get("own_reason", "").strip()) < 3:
            self.add_error("own_reason", WHY)
        return given

    @property
    def chosen(self) -> set[str]:
        """The places that are marked; none where the form does not hold, so that all is masked."""
        return set(self.cleaned_data["own"]) if self.is_valid() else set()

    @property
    def now_marked(self) -> str:
        """What the page that is shown now was made with."""
        return " ".join(sorted(self.chosen))

    @property
    def settled(self) -> bool:
        """Whether what is kept was shown as it would be kept now: nothing was marked or unmarked since."""
        return self.is_valid() and self.cleaned_data["marked"] == self.now_marked

    def masked(self) -> list[Area]:
        """What becomes paper, in the sample's pixels."""
        chosen = self.chosen
        return [each.place for each in self.found if key_of(each) not in chosen]

    def rows(self) -> list[Row]:
        """What was found, for the page."""
        asked = set(self.data.getlist("own")) if hasattr(self.data, "getlist") else set()
        return [
            Row(key_of(each), each.kind, samples.crop(self._sample, each.place), key_of(each) in asked)
            for each in self.found[:SHOWN]
        ]

    def sentence(self) -> str:
        """What the version's reason says of it; empty where all that was found is masked."""
        chosen = self.chosen
        kinds = sorted({each.kind for each in self.found if key_of(each) in chosen})
        if not kinds:
            return ""
        why = " ".join(self.cleaned_data["own_reason"].split())
        return f"The form's own print, where detectors found {', '.join(kinds)}: {why}"


def key_of(found: Found) -> str:
    """Names a place of what was found; one that lies elsewhere has another name."""
    place = found.place
    return f"{found.kind}-{place.left}-{place.top}-{place.right}-{place.bottom}"
