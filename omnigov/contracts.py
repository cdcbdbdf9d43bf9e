"""What the web app and the GPU side say to each other.

Frozen pydantic models, no Django, no torch. Whatever ends up on the record is an integer: scores,
confidences and shares are in *millionths* (0 … 1 000 000), lengths in pixels of the upright picture,
durations in milliseconds. RFC 8785 could carry floats, but two languages rarely print one alike.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Literal, Never, Protocol

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

MILLION = 1_000_000


class Frozen(BaseModel):
    """A record that never changes after it is made; unknown fields are an error, not a surprise."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def digest_of(record: BaseModel) -> str:
    """SHA-256, in hex, of the record's JSON with sorted keys and no spaces.

    The records hold no floats, and their keys are ASCII, so this is also their RFC 8785 form.
    """
    body = json.dumps(
        record.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(body.encode()).hexdigest()


# --- what is asked of media ---------------------------------------------------------------------------


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


class Box(Frozen):
    """Pixels of the upright picture: left and top inside, right and bottom outside."""

    left: int = Field(ge=0)
    top: int = Field(ge=0)
    right: int
    bottom: int

    @model_validator(mode="after")
    def has_an_area(self) -> Box:
        if self.right <= self.left or self.bottom <= self.top:
            raise ValueError("a box needs an area")
        return self


class FormField(Frozen):
    """A place on a form where something personal is written, in pixels of the template's sample."""

    name: str = Field(min_length=1, max_length=60)
    box: Box
    kind: str = Field(default="FORM_FIELD", pattern=r"^[A-Z][A-Z0-9_]{0,39}$")


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
            if field.box.right > self.width or field.box.bottom > self.height:
                raise ValueError(f"the field {field.name} reaches beyond the form")
        return self


class RedactionProfile(Frozen):
    """What to hide in a picture, and how sure a detector has to be. Versioned with the policy."""

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

    @model_serializer(mode="wrap")
    def _as_before_later_fields(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A policy keeps the digest that it had before these fields were thought of.
        fields: dict[str, Any] = write(self)
        for name in ("screens", "templates", "template_required"):
            if getattr(self, name) == type(self).model_fields[name].default:
                del fields[name]
        return fields

    @model_validator(mode="after")
    def has_a_template_if_one_is_required(self) -> RedactionProfile:
        if self.template_required and not self.templates:
            raise ValueError("a form template is required, and there is none")
        return self


class Limits(Frozen):
    """What intake refuses before it decodes anything."""

    max_bytes: int = Field(default=40_000_000, gt=0)
    max_pixels: int = Field(default=50_000_000, gt=0)
    max_side: int = Field(default=20_000, gt=0)
    max_frames: int = Field(default=1, gt=0, description="1: an animated or multi-page file is refused")
    max_pages: int = Field(default=1000, gt=0, description="of a document")


class ReviewRule(Frozen):
    """Which decisions wait for a person."""

    below_confidence: int = Field(default=600_000, ge=0, le=MILLION)
    sample_rate: int = Field(default=100_000, ge=0, le=MILLION)
    high_severity: bool = True


class PolicySpec(Frozen):
    """One version of a policy. Its digest is on every decision made with it."""

    question: str = Field(min_length=1, max_length=400)
    labels: tuple[Label, ...] = Field(min_length=2, max_length=32)
    stage: Stage = Stage.IMAGE_TEXT
    redaction: RedactionProfile = RedactionProfile()
    limits: Limits = Limits()
    review: ReviewRule = ReviewRule()
    abstain_below: int = Field(default=0, ge=0, le=MILLION)
    reasons_max_tokens: int = Field(default=32, ge=0, le=256)
    attribution_steps: int = Field(default=8, ge=2, le=256)
    retention_days: int = Field(default=365, ge=1)

    @field_validator("labels")
    @classmethod
    def keys_are_unique(cls, labels: tuple[Label, ...]) -> tuple[Label, ...]:
        if len({label.key for label in labels}) != len(labels):
            raise ValueError("two labels have the same key")
        return labels

    def label(self, key: str) -> Label:
        return next(label for label in self.labels if label.key == key)


# --- what comes back -------------------------------------------------------------------------------


class Detector(Frozen):
    name: str
    version: str
    digest: str = Field(description="SHA-256 of the model file, or of the rules' source")


class Finding(Frozen):
    """Something personal that was hidden: where, what kind, how sure, found by what. Never its value."""

    kind: str
    box: Box
    score: int = Field(ge=0, le=MILLION)
    detector: str
    look: Literal["first", "second"] = "first"
    page: int = Field(default=0, ge=0, description="of a document, counted from 0")

    @model_serializer(mode="wrap")
    def _as_before_pages(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A picture's findings keep the digest that they had before documents were taken.
        fields: dict[str, Any] = write(self)
        if not self.page:
            del fields["page"]
        return fields


class Region(Frozen):
    """A place that a person names, on one page."""

    page: int = Field(default=0, ge=0)
    box: Box
    kind: str = Field(default="BY_HAND", pattern=r"^[A-Z][A-Z0-9_]{0,39}$")


class RedactionEdits(Frozen):
    """What a person adds to the detectors' regions, and takes away from them.

    A finding goes away where the removed regions cover most of it; an added region is hidden as it is given,
    over a removed one too. A region that was moved is one removed and one added.
    """

    added: tuple[Region, ...] = Field(default=(), max_length=1000)
    removed: tuple[Region, ...] = Field(default=(), max_length=1000)


class Shortfall(Frozen):
    """What would have stopped redaction, had a person not answered for the picture."""

    code: str = Field(description="of the quarantine that it would have been, as detector_failed")
    detector: str = Field(default="", description="which one it was, where it was one")


class RedactionResult(Frozen):
    media_type: Literal["image/png", "image/jpeg", "application/pdf"]
    width: int = Field(description="of a document, of its first page")
    height: int
    digest: str = Field(description="SHA-256 of the redacted copy")
    findings: tuple[Finding, ...]
    detectors: tuple[Detector, ...]
    revision: str = Field(description="digest of the profile, of every detector, and of a person's edits")
    duration_ms: int
    pages: int = Field(default=1, ge=1)
    by_hand: bool = Field(default=False, description="whether an officer answers for what is hidden")
    shortfalls: tuple[Shortfall, ...] = Field(default=(), description="only where it was done by hand")

    @model_serializer(mode="wrap")
    def _as_before_later_fields(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = write(self)
        for name in ("pages", "by_hand", "shortfalls"):
            if getattr(self, name) == type(self).model_fields[name].default:
                del fields[name]
        return fields


class ReadValue:
    """A value as it was read, and the form in which two ways to write it are equal. Shows neither."""

    __slots__ = ("same", "value")

    def __init__(self, value: str, same: str) -> None:
        self.value, self.same = value, same

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError("A value that was read stays in memory.")


class ReadValues:
    """What stood where something was hidden: beside the findings, and never in them.

    It goes from the detectors to whoever seals it, in memory. It can't be pickled or written as JSON, and
    says of itself no more than how many values it holds. `seen` is the text that was read before anything
    was hidden, and `left` what of it stays visible; both are for counts, and are kept by nobody.
    """

    __slots__ = ("_values", "left", "seen")

    def __init__(self) -> None:
        self._values: dict[Finding, list[ReadValue]] = {}
        self.seen = self.left = ""

    def note(self, finding: Finding, value: str, same: str) -> None:
        """What was read at a finding. Findings that are equal keep their values in order."""
        self._values.setdefault(finding, []).append(ReadValue(value, same))

    def take(self, other: ReadValues, before: Finding, after: Finding) -> None:
        """Takes over the value that `other` has for `before`, for the same finding as it is called now."""
        if values := other._values.get(before):
            self._values.setdefault(after, []).append(values.pop(0))

    def of(self, findings: Sequence[Finding]) -> list[ReadValue | None]:
        """The value of each finding, in their order; None where nothing was read, as of a face."""
        left = {finding: iter(values) for finding, values in self._values.items()}
        return [next(left[finding], None) if finding in left else None for finding in findings]

    def __len__(self) -> int:
        return sum(map(len, self._values.values()))

    def __repr__(self) -> str:
        return f"<{len(self)} values that were read>"

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError("Values that were read stay in memory.")


class LabelScore(Frozen):
    label: str
    log_likelihood: int = Field(description="nats, in millionths; zero or less")
    probability: int = Field(ge=0, le=MILLION, description="softmax over the policy's labels")


class WeightFile(Frozen):
    name: str
    role: str
    sha256: str


class ModelVersion(Frozen):
    """What decided: a name, a stage and every weight file by digest."""

    name: str
    stage: Stage
    config_digest: str
    files: tuple[WeightFile, ...]


class InferenceResult(Frozen):
    label: str
    scores: tuple[LabelScore, ...] = Field(description="most likely first")
    confidence: int = Field(ge=0, le=MILLION)
    confidence_kind: Literal["uncalibrated", "calibrated"]
    abstained: bool
    reasons: tuple[str, ...] = Field(description="sentences, written after the label was chosen")
    prompt_digest: str
    model: ModelVersion
    device: str
    dtype: str
    seed: int
    libraries: dict[str, str]
    duration_ms: int


class TokenShare(Frozen):
    text: str
    value: int = Field(description="signed; of the score's change, in millionths of a nat")


class AttributionResult(Frozen):
    """Captum on the chosen label's log-likelihood, over picture patches and prompt tokens."""

    method: str
    label: str
    grid: tuple[tuple[int, ...], ...] = Field(description="[rows][columns], signed millionths of a nat")
    tokens: tuple[TokenShare, ...]
    picture_share: int = Field(ge=0, le=MILLION, description="|patches| ÷ (|patches| + |tokens|)")
    total: int = Field(description="score at the input less score at the baseline, millionths of a nat")
    completeness_gap: int = Field(description="|sum of attributions − total|, millionths of a nat")
    steps: int
    duration_ms: int
    heat_map: str = Field(default="", description="SHA-256 of the heat map's PNG; empty before it is drawn")


# --- how a step reports ------------------------------------------------------------------------------


class Hook(Protocol):
    """Called by `workers.pipeline` after each part of a step: progress, timing and artefacts alike."""

    def __call__(self, step: str, artefact: Any = None, progress: float | None = None) -> None: ...


class Refused(Exception):
    """The media can't be taken. `code` is stable; `sentence` tells a person what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Quarantined(Exception):
    """Redaction could not be shown to have worked; the model never sees this media."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
