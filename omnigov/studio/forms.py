"""What a steward fills in to change what a policy hides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, TypeAdapter, model_validator
from pydantic import ValidationError as PydanticError

from omnigov.contracts import MILLION, Area, Fill, FormField, FormTemplate, RedactionProfile, Refused
from omnigov.contracts.media import read_place
from omnigov.contracts.policy import FormArea
from omnigov.decisions.models import Run
from omnigov.policies.words import FILLS, LANGUAGES, field_kinds, kinds_by_group
from omnigov.registry.models import ModelVersion
from omnigov.sentences import spoken
from omnigov.studio import samples
from omnigov.studio.samples import Sample
from omnigov.templatetags.omnigov import finding_name

_ONE_PERCENT = MILLION // 100
MOST_FIELDS = 200  # as `contracts.FormTemplate` has it
REQUIRED = "*＊"
"""After a field's name, as on paper: it has to be filled in."""


class PercentField(forms.DecimalField):
    """A share as people write it, and in millionths for us."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=100, max_digits=7, decimal_places=4, **kwargs)
        self.widget.attrs.update({"step": "any", "inputmode": "decimal"})

    def prepare_value(self, value: Any) -> Any:
        """Millionths as a percentage without zeros at its end; what a person typed stays as it is."""
        return f"{Decimal(value) / _ONE_PERCENT:f}" if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        cleaned = super().clean(value)
        return None if cleaned is None else int(cleaned * _ONE_PERCENT)


class ProfileForm(forms.Form):
    """The redaction profile of a policy. Form templates are drawn on pages of their own and stay as they are.

    Fields of the profile that this form does not know keep what they had.
    """

    faces = forms.BooleanField(label=_("Faces"), required=False)
    text = forms.BooleanField(
        label=_("Personal data in text"), required=False, help_text=_("The kinds are chosen below.")
    )
    codes = forms.BooleanField(label=_("QR codes and barcodes"), required=False)
    seals = forms.BooleanField(label=_("Impressions of red seals (hanko) on paper"), required=False)
    screens = forms.BooleanField(label=_("What lit screens of computers and telephones show"), required=False)
    template_required = forms.BooleanField(
        label=_("Take known forms alone"),
        required=False,
        help_text=_("A picture that is none of the form templates' forms goes to quarantine."),
    )
    entities = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    languages = forms.MultipleChoiceField(
        label=_("Languages of the text"),
        choices=list(LANGUAGES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one language.")},
    )
    face_threshold = PercentField(
        label=_("How sure a face has to be, in percent"),
        help_text=_("Lower finds more faces, and hides more that are none. 35 is usual."),
    )
    text_threshold = PercentField(
        label=_("How sure a kind in text has to be, in percent"),
        help_text=_("Lower finds more, and hides more that is harmless. 35 is usual."),
    )
    padding = PercentField(
        label=_("Margin around each box, in percent of its size"),
        help_text=_("What a detector cut off at an edge is hidden by the margin. 10 is usual."),
    )
    fill = forms.ChoiceField(
        label=_("Hidden by"), choices=[(fill.value, FILLS[fill]) for fill in Fill], widget=forms.RadioSelect
    )
    weak_fill_known = forms.BooleanField(
        label=_("I know that what is under a blur or a mosaic can be guessed, and that this harms nobody."),
        required=False,
    )
    speakers = forms.IntegerField(
        label=_("Speakers in each recording"),
        required=False,
        min_value=1,
        max_value=20,
        help_text=_("Where all recordings have as many. Left empty, they are counted, which is less sure."),
    )
    smallest_face = forms.IntegerField(
        label=_("Smallest face that is found in a video"),
        required=False,
        min_value=8,
        max_value=400,
        help_text=_("In pixels of its pictures, on the shorter side. Smaller takes longer. 12 is usual."),
    )
    tone = forms.BooleanField(
        label=_("A tone where a recording is hidden"),
        required=False,
        help_text=_("Without it, what is hidden is silent."),
    )
    second_look = forms.BooleanField(
        label=_("Look at each redacted copy again, with other detectors"),
        required=False,
        help_text=_("Without it, what the first look misses is seen by the model and by people."),
    )

    def __init__(self, data: Any = None, *, before: RedactionProfile) -> None:
        # Field by field: written as JSON, a profile leaves out what later versions of the product added.
        super().__init__(
            data, initial={name: getattr(before, name) for name in RedactionProfile.model_fields}
        )
        self.before = before
        self.groups = [
            (str(name), [(kind, finding_name(kind)) for kind in kinds])
            for name, kinds in kinds_by_group(before)
        ]
        entities = self.fields["entities"]
        assert isinstance(entities, forms.MultipleChoiceField)  # noqa: S101 - tells the type checker
        entities.choices = [each for _name, kinds in self.groups for each in kinds]

    @property
    def looked_for(self) -> list[forms.BoundField]:
        """What is switched on and off by itself."""
        names = ("faces", "text", "codes", "seals", "screens", "template_required")
        return [self[name] for name in names]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("text") and not given.get("entities"):
            self.add_error("entities", _("Choose at least one kind, or switch personal data in text off."))
        weak = "fill" in given and Fill(given["fill"]).weak
        if weak and not given.get("weak_fill_known"):
            self.add_error(
                "weak_fill_known", _("Confirm that you know how weak this is, or choose solid black.")
            )
        if given.get("template_required") and not self.before.templates:
            self.add_error(
                "template_required",
                _("There is no form template yet. Add one first, then ask for known forms alone."),
            )
        return given

    def profile(self) -> RedactionProfile:
        """The profile as it was filled in."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "weak_fill_known"}
        if given["smallest_face"] is None:
            given["smallest_face"] = self.before.smallest_face
        # The order of kinds and languages says nothing: it stays as it was, so that it is no difference.
        for name in ("entities", "languages"):
            earlier = getattr(self.before, name)
            chosen = set(given[name])
            given[name] = [
                *(each for each in earlier if each in chosen),
                *(each for each in given[name] if each not in earlier),
            ]
        return RedactionProfile.model_validate({**self.before.model_dump(mode="json"), **given})


class SampleForm(forms.Form):
    """What a form template is drawn on: a picture of the form, or the redacted copy of a run."""

    picture = forms.FileField(
        label=_("A picture of the empty form"),
        required=False,
        help_text=_("PNG or JPEG, up to 10 MB. It is not kept."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
    )
    run = forms.ModelChoiceField(queryset=Run.objects.none(), required=False)

    def __init__(self, data: Any = None, files: Any = None, *, runs: QuerySet[Run]) -> None:
        super().__init__(data, files)
        run = self.fields["run"]
        assert isinstance(run, forms.ModelChoiceField)  # noqa: S101 - tells the type checker
        run.queryset = runs

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and bool(given.get("picture")) == bool(given.get("run")):
            raise forms.ValidationError(_("Choose one: a picture of the empty form, or a redacted copy."))
        return given


class Drawn(BaseModel):
    """A region as the page's editor writes it; what a template has no use for is left out."""

    model_config = ConfigDict(extra="ignore")

    place: FormArea
    kind: str
    label: str = ""
    removed: bool = False

    _stored_before_places = model_validator(mode="before")(read_place)


_DRAWN = TypeAdapter(list[Drawn])


class DrawingForm(forms.Form):
    """A form template as it was drawn: its name, its sample, and its fields."""

    name = forms.CharField(
        label=_("Name of the form"),
        max_length=60,
        help_text=_("As people here call it. Do not write personal data, here and in the fields' names."),
    )
    sample = forms.CharField(widget=forms.HiddenInput, strip=False)
    regions = forms.CharField(widget=forms.Textarea, max_length=200_000)

    def __init__(
        self, data: Any = None, *, initial: dict[str, Any] | None = None, taken: Iterable[str] = ()
    ) -> None:
        super().__init__(data, initial=initial)
        self._taken = set(taken)

    def clean_name(self) -> str:
        name = printable(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(_("Give the form a name."))
        if name in self._taken:
            raise forms.ValidationError(_("Another form template has this name. Choose another one."))
        return name

    def clean_sample(self) -> Sample:
        try:
            return samples.returned(self.cleaned_data["sample"])
        except Refused as refused:
            raise forms.ValidationError(spoken(refused.code, refused.sentence)) from None

    def clean_regions(self) -> list[Drawn]:
        try:
            drawn = _DRAWN.validate_json(self.cleaned_data["regions"])
        except PydanticError:
            raise forms.ValidationError(_("The fields can't be read. Draw them again.")) from None
        drawn = [region for region in drawn if not region.removed]
        if not drawn:
            raise forms.ValidationError(_("Draw at least one field."))
        if len(drawn) > MOST_FIELDS:
            sentence = _("A form template has up to %(most)d fields. Draw one field around several.")
            raise forms.ValidationError(sentence, params={"most": MOST_FIELDS})
        known = {kind for kind, _name in field_kinds()}
        for region in drawn:
            region.label = printable(region.label)
            if not region.label:
                raise forms.ValidationError(_("Give each field a name."))
            if len(region.label) > 60:
                raise forms.ValidationError(_("A field's name has up to 60 characters."))
            if region.kind not in known:
                raise forms.ValidationError(
                    _("A field has a kind that is not known here. Choose another one.")
                )
        return drawn

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        sample, drawn = given.get("sample"), given.get("regions") or []
        if sample and any(
            each.place.right > sample.width or each.place.bottom > sample.height for each in drawn
        ):
            self.add_error("regions", _("A field reaches beyond the form. Draw it inside."))
        return given

    def drawn_fields(self) -> list[FormField]:
        """The fields that were drawn, in the sample's pixels."""
        return [
            FormField(
                name=each.label.rstrip(REQUIRED).rstrip() or each.label,
                place=each.place,
                kind=each.kind,
                required=each.label.endswith(tuple(REQUIRED)),
            )
            for each in self.cleaned_data["regions"]
        ]

    def template(self, masked: Sequence[Area]) -> FormTemplate:
        """The form template, without what is `masked`. Raises `Refused` where too little is left."""
        given = self.cleaned_data
        return samples.template(given["sample"], given["name"], self.drawn_fields(), masked)


def printable(text: str) -> str:
    """The text in one line, without control signs and those that turn the reading direction."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())


class PublishForm(forms.Form):
    """Why a version is published, that what it no longer hides was seen, and what a template keeps."""

    reason = forms.CharField(
        label=_("Your reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It stands on the version's page. Do not write personal data."),
        error_messages={
            "required": _("Write a reason: an outsider has to understand later why this was done.")
        },
    )
    sure = forms.BooleanField(
        label=_("I know that less is hidden than before, as listed above."),
        error_messages={"required": _("Confirm that less is to be hidden than before.")},
    )
    looked = forms.BooleanField(
        label=_("I looked at what is kept of the form, and no personal data is left in it."),
        error_messages={"required": _("Look at what is kept of the form, and confirm that nothing is left.")},
    )

    def __init__(self, data: Any = None, *, weaker: bool, reference: bool) -> None:
        super().__init__(data)
        for name, asked in (("sure", weaker), ("looked", reference)):
            if not asked:
                del self.fields[name]


class ReasonForm(forms.Form):
    """Why something is changed from the next version on."""

    reason = forms.CharField(
        label=_("Your reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It stands on the version's page. Do not write personal data."),
        error_messages={
            "required": _("Write a reason: an outsider has to understand later why this was done.")
        },
    )


class ExplainedForm(ReasonForm):
    """How many of the decisions are explained thoroughly unasked."""

    deep_share = PercentField(
        label=_("Share of the decisions that are explained thoroughly"),
        help_text=_(
            "In per cent, drawn by lot. Each takes a worker a minute or more, when it has nothing else to do."
        ),
    )


class ModelForm(ReasonForm):
    """Which other model version the policy is asked of from the next version on, and why."""

    model_version = forms.ModelChoiceField(label=_("Model version"), queryset=ModelVersion.objects.none())

    def __init__(self, data: Any = None, *, models: QuerySet[ModelVersion]) -> None:
        super().__init__(data)
        field = self.fields["model_version"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - tells the type checker, not the reader
        field.queryset = models
