"""What is asked of media: labels, limits, what to hide, which decisions wait for a person."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from omnigov.contracts.media import Area, read_place
from omnigov.contracts.records import MILLION, Frozen, Grown


class Stage(StrEnum):
    """How far the omni model is aligned: each stage keeps what the one before it learned."""

    IMAGE_TEXT = "image_text"
    AUDIO = "audio"
    VIDEO = "video"


class Severity(StrEnum):
    """How much harm a wrong label does. `high` always waits for an officer."""

    LOW = "low"
    HIGH = "high"


class Label(Frozen):
    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    phrase: str = Field(min_length=1, max_length=80, description="the words whose log-likelihood is scored")
    name_en: str
    name_ja: str
    severity: Severity = Severity.LOW


class Fill(StrEnum):
    """How a region is hidden. Blur and mosaic are weak: what was under them can be guessed."""

    SOLID = "solid"
    BLUR = "blur"
    MOSAIC = "mosaic"

    @property
    def weak(self) -> bool:
        return self is not Fill.SOLID


def _on_the_form(place: Area) -> Area:
    if place.part:
        raise ValueError("a form has one page")
    return place


FormArea = Annotated[Area, AfterValidator(_on_the_form)]


class FormField(Grown):
    """A place on a form where something personal is written, in pixels of the template's sample."""

    LATER = ("required",)

    name: str = Field(min_length=1, max_length=60)
    place: FormArea
    kind: str = Field(default="FORM_FIELD", pattern=r"^[A-Z][A-Z0-9_]{0,39}$")
    required: bool = Field(default=False, description="whether it has to be filled in")

    _stored_before_places = model_validator(mode="before")(read_place)


class FormTemplate(Frozen):
    """Fields of a form that are hidden by their place, whether or not anything in them can be read.

    `reference` is how the form is known again: the sample in black and white, blank where its fields lie.
    `omnigov.form_reference.template` makes it, with Pillow alone, for the page and the command line alike.
    """

    name: str = Field(min_length=1, max_length=60)
    width: int = Field(gt=0, description="of the upright sample, in pixels")
    height: int = Field(gt=0)
    fields: tuple[FormField, ...] = Field(min_length=1, max_length=200)
    reference: str = Field(
        max_length=400_000,
        description="base64 of a PNG in two colours, the sample at a longer side of 1,000 pixels or less",
    )

    @model_validator(mode="after")
    def fields_lie_on_the_form(self) -> FormTemplate:
        for field in self.fields:
            if field.place.right > self.width or field.place.bottom > self.height:
                raise ValueError(f"the field {field.name} reaches beyond the form")
        return self


class RedactionProfile(Grown):
    """What to hide in a medium, and how sure a detector has to be. Versioned with the policy."""

    # A policy keeps the digest that it had before these fields were thought of.
    LATER = ("screens", "templates", "template_required", "speakers", "tone", "smallest_face")

    faces: bool = True
    text: bool = True
    codes: bool = Field(default=True, description="QR codes and barcodes")
    seals: bool = Field(default=True, description="impressions of red seals (hanko) on paper")
    languages: tuple[Literal["en", "ja"], ...] = ("en", "ja")
    entities: tuple[str, ...] = (
        "PERSON",
        "EMAIL_ADDRESS",
        "PHONE_NUMBER",
        "CREDIT_CARD",
        "IBAN_CODE",
        "IP_ADDRESS",
        "US_SSN",
        "URL",
        "LOCATION",
        "DATE_TIME",
        "JP_MY_NUMBER",
        "JP_POSTAL_CODE",
        "JP_ADDRESS",
        "JP_CORPORATE_NUMBER",
        "JP_DRIVING_LICENCE",
        "JP_PASSPORT",
        "JP_HEALTH_INSURANCE",
        "JP_RESIDENCE_CARD",
        "JP_PENSION_NUMBER",
        "JP_BANK_ACCOUNT",
        "MRZ",
        "SIGNATURE",
        "LICENCE_PLATE",
    )
    face_threshold: int = Field(default=350_000, ge=0, le=MILLION)
    text_threshold: int = Field(default=350_000, ge=0, le=MILLION)
    padding: int = Field(default=100_000, ge=0, le=MILLION, description="of the box's own size, a side")
    fill: Fill = Fill.SOLID
    second_look: bool = True
    screens: bool = Field(default=True, description="what lit screens of computers and telephones show")
    templates: tuple[FormTemplate, ...] = Field(default=(), max_length=50)
    template_required: bool = Field(
        default=False, description="a picture that is none of the templates' forms goes to quarantine"
    )
    speakers: int | None = Field(
        default=None, ge=1, le=20, description="in each recording, where it is known; none: they are counted"
    )
    tone: bool = Field(default=False, description="what is hidden in a recording is a tone and not silent")
    smallest_face: int = Field(
        default=12, ge=8, le=400, description="that has to be found in a video, in pixels of its frames"
    )

    @model_validator(mode="after")
    def has_a_template_if_one_is_required(self) -> RedactionProfile:
        if self.template_required and not self.templates:
            raise ValueError("a form template is required, and there is none")
        return self


class Limits(Grown):
    """What intake refuses before it decodes anything."""

    LATER = (
        *("max_characters", "max_seconds", "max_channels", "max_rate"),
        *("max_video_seconds", "max_video_frames", "max_video_pixels", "max_streams"),
    )

    max_bytes: int = Field(default=40_000_000, gt=0)
    max_pixels: int = Field(default=50_000_000, gt=0)
    max_side: int = Field(default=20_000, gt=0)
    max_frames: int = Field(default=1, gt=0, description="1: an animated or multi-page file is refused")
    max_pages: int = Field(default=1000, gt=0, description="of a document")
    max_characters: int = Field(default=2_000_000, gt=0, description="of a text")
    max_seconds: int = Field(default=10_800, gt=0, description="of a recording")
    max_channels: int = Field(default=8, gt=0, description="of a recording: 8 is what 7.1 has")
    max_rate: int = Field(default=192_000, gt=0, description="of a recording: samples a second")
    max_video_seconds: int = Field(default=3_600, gt=0, description="of a video")
    max_video_frames: int = Field(default=216_000, gt=0, description="of a video: an hour of 60 a second")
    max_video_pixels: int = Field(
        default=8_912_896, gt=0, description="of each frame of a video: 4096 × 2176"
    )
    max_streams: int = Field(
        default=32, gt=0, description="of a video: pictures, sounds, subtitles and attachments together"
    )


class ReviewRule(Grown):
    """Which decisions wait for a person: for what the model said, or for how the medium was redacted."""

    # Policies from before these fields ask for none of it, and keep their digests.
    LATER = (
        *("badly_read", "many_regions", "redaction_rate"),
        *("verdicts_needed", "verdicts_most", "blind", "due_hours"),
        "uphold_reason",
    )

    below_confidence: int = Field(default=600_000, ge=0, le=MILLION)
    sample_rate: int = Field(default=100_000, ge=0, le=MILLION)
    high_severity: bool = True
    badly_read: int | None = Field(
        default=None,
        ge=1,
        le=MILLION,
        description="share of the lines that were read badly, from which a person looks; none: never",
    )
    many_regions: int | None = Field(
        default=None, ge=1, description="number of hidden places from which a person looks; none: never"
    )
    redaction_rate: int = Field(
        default=0, ge=0, le=MILLION, description="share of the redactions drawn at random"
    )
    verdicts_needed: int = Field(default=1, ge=1, le=5, description="people who have to agree")
    verdicts_most: int = Field(
        default=1, ge=1, le=9, description="people asked until the case is escalated because nobody agrees"
    )
    blind: bool = Field(
        default=True, description="of several people, nobody sees the others' verdicts before their own"
    )
    due_hours: int | None = Field(
        default=None, ge=1, le=8760, description="within which a person has to have answered; none: no limit"
    )
    uphold_reason: bool = Field(
        default=False, description="whoever upholds writes a reason, as whoever overturns or escalates does"
    )

    @model_validator(mode="after")
    def asks_enough_people(self) -> ReviewRule:
        if self.verdicts_most < self.verdicts_needed:
            raise ValueError("fewer people are asked than have to agree")
        return self


class Pages(Frozen):
    """Which pages of a document the model sees as pictures. Of all of them it is given the redacted text."""

    most: int = Field(default=2, ge=0, le=16)
    which: Literal["first", "first_and_last", "spread"] = Field(
        default="first", description="first: from the beginning on; spread: at even distances"
    )


class PolicySpec(Grown):
    """One version of a policy. Its digest is on every decision made with it."""

    LATER = ("pages", "text_tokens", "deep_share")

    question: str = Field(min_length=1, max_length=400)
    labels: tuple[Label, ...] = Field(min_length=2, max_length=32)
    stage: Stage = Stage.IMAGE_TEXT
    redaction: RedactionProfile = RedactionProfile()
    limits: Limits = Limits()
    review: ReviewRule = ReviewRule()
    abstain_below: int = Field(default=0, ge=0, le=MILLION)
    reasons_max_tokens: int = Field(default=32, ge=0, le=256)
    attribution_steps: int = Field(default=8, ge=2, le=256)
    pages: Pages = Pages()
    text_tokens: int = Field(
        default=256, ge=0, le=2048, description="of a medium's redacted text, from its beginning on"
    )
    retention_days: int = Field(default=365, ge=1)
    deep_share: int = Field(
        default=0,
        ge=0,
        le=MILLION,
        description="share of the decisions that are explained thoroughly unasked",
    )

    @field_validator("labels")
    @classmethod
    def keys_are_unique(cls, labels: tuple[Label, ...]) -> tuple[Label, ...]:
        if len({label.key for label in labels}) != len(labels):
            raise ValueError("two labels have the same key")
        return labels

    def label(self, key: str) -> Label:
        return next(label for label in self.labels if label.key == key)
