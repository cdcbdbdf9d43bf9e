"""What decided, what it decided, and what that rests on."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from omnigov.contracts.media import Interval, Place, Span
from omnigov.contracts.policy import Stage
from omnigov.contracts.records import MILLION, Frozen, Grown


class LabelScore(Grown):
    LATER = ("joined", "prior", "similarity")

    label: str
    log_likelihood: int = Field(description="nats, in millionths; zero or less")
    probability: int = Field(ge=0, le=MILLION, description="softmax over the policy's labels")
    joined: int | None = Field(
        default=None,
        description="what the labels are ordered by, in millionths, where the model joins likelihood and "
        "similarity; the likelihood then is of the label with its end",
    )
    prior: int | None = Field(default=None, description="the label's usual likelihood, millionths of a nat")
    similarity: int | None = Field(
        default=None, description="cosine of medium and label in the shared space, in millionths"
    )


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


class LabelShare(Frozen):
    label: str
    probability: int = Field(ge=0, le=MILLION)


EMPTY_FIELD = "empty_field:"
"""Stands before a field's name among what detectors counted: it has to be filled in, and is empty."""


class Voice(Frozen):
    """What one of several that were asked said of a medium. One that only warns has no label."""

    who: Literal["model", "head", "text", "detectors", "sound", "objects"]
    label: str = ""
    scores: tuple[LabelShare, ...] = Field(default=(), description="likeliest first")
    decided: bool = Field(default=False, description="whether the decision is this one's")
    counts: dict[str, int] = Field(
        default={}, description="of text, detectors, sound and objects: what was found, by kind"
    )


class OtherOrder(Frozen):
    """The same question asked again with its labels the other way round."""

    label: str = Field(description="what the answer was then")
    change: int = Field(ge=0, description="the largest change of a label's share, in millionths")


class InferenceResult(Grown):
    LATER = ("seen", "voices", "other_order")

    label: str
    scores: tuple[LabelScore, ...] = Field(description="most likely first")
    confidence: int = Field(ge=0, le=MILLION)
    confidence_kind: Literal["uncalibrated", "calibrated"] = Field(
        description="uncalibrated: the model's own share of the label, which orders decisions and says no "
        "frequency; calibrated: fitted to examples of this policy"
    )
    abstained: bool
    reasons: tuple[str, ...] = Field(description="sentences, written after the label was chosen")
    prompt_digest: str
    model: ModelVersion
    device: str
    dtype: str
    seed: int
    libraries: dict[str, str]
    duration_ms: int
    seen: tuple[Place, ...] = Field(
        default=(),
        description="of all but pictures: pages, whole, seconds that were heard, the stretch of its text",
    )
    voices: tuple[Voice, ...] = Field(default=(), description="who said what, where more than one was asked")
    other_order: OtherOrder | None = Field(default=None, description="where it was asked again")


class TokenShare(Frozen):
    text: str
    value: int = Field(description="signed; of the score's change, in millionths of a nat")


class SpanShare(Frozen):
    """What one token of a medium's redacted text did for the score."""

    place: Span
    value: int = Field(description="signed millionths of a nat")


class IntervalShare(Frozen):
    """What a few milliseconds of a recording's redacted copy did for the score."""

    place: Interval
    value: int = Field(description="signed millionths of a nat")


class SegmentAttribution(Grown):
    """What one part of the prompt did for the score: a page or frame as a picture, some seconds, the text."""

    LATER = ("intervals", "at")

    place: Place = Field(
        description="the page or frame, whole, the seconds that were heard at once, or the stretch of the "
        "redacted text that was read"
    )
    share: int = Field(ge=0, le=MILLION, description="of the sum of all attributions' absolute values")
    grid: tuple[tuple[int, ...], ...] = Field(default=(), description="of a page: as of a picture")
    spans: tuple[SpanShare, ...] = Field(default=(), description="of a text: its tokens, in order")
    intervals: tuple[IntervalShare, ...] = Field(default=(), description="of a sound: in order, without gaps")
    at: Interval | None = Field(
        default=None, description="of a frame of a clip: the stretch that it stands for, shown in its middle"
    )
    heat_map: tuple[int, int] | None = Field(
        default=None, description="of a page: the bytes from … to before … of the part `heat_map`, a PNG"
    )


Player = Literal["question", "pictures", "sound", "text"]
"""What an exact share is computed of: the policy's words, and the medium's pages, sound and own text."""


class Coalition(Frozen):
    """The score with these present and the rest blank; each was asked once."""

    members: tuple[Player, ...]
    score: int = Field(description="millionths of a nat")


class ModalityShare(Frozen):
    """A player's Shapley value over all coalitions. The values sum to the score's change from none to all."""

    name: Player
    value: int = Field(description="signed millionths of a nat")
    share: int = Field(ge=0, le=MILLION, description="of the sum of the values' absolute values")


class HiddenCredit(Frozen):
    """What was counted for places that redaction had hidden before the model saw them."""

    covered: int = Field(ge=0, le=MILLION, description="share of the medium that is hidden")
    credit: int = Field(ge=0, le=MILLION, description="of the medium's attributions: the hidden parts' sum")
    noise: int = Field(ge=0, le=MILLION, description="what it may be: evenly spread, with the gap")
    beyond: bool = Field(description="whether the credit is more than that")


class AttributionResult(Grown):
    """Captum on the chosen label's score, over what the prompt was made of."""

    LATER = (
        *("segments", "text_share", "extent"),
        *("against", "complete", "question", "modalities", "coalitions", "hidden"),
        "sound_share",
    )

    method: str
    label: str
    grid: tuple[tuple[int, ...], ...] = Field(
        description="of a picture: [rows][columns], signed millionths of a nat; empty of other media"
    )
    tokens: tuple[TokenShare, ...] = Field(
        description="of the question; empty where only the question as a whole was weighed"
    )
    picture_share: int = Field(
        ge=0, le=MILLION, description="|patches| ÷ (|patches| + |tokens| + |sound| + |text|)"
    )
    text_share: int = Field(default=0, ge=0, le=MILLION, description="the same of the medium's own text")
    sound_share: int = Field(default=0, ge=0, le=MILLION, description="the same of what is heard")
    total: int = Field(description="score at the input less score at the baseline, millionths of a nat")
    extent: int = Field(
        default=0,
        description="what the number of its pages, their ground and the length of its text change while they "
        "are blank, against one grey picture; of no share, millionths of a nat",
    )
    completeness_gap: int = Field(description="|sum of attributions + extent − total|, millionths of a nat")
    steps: int
    duration_ms: int
    heat_map: str = Field(
        default="", description="SHA-256 of the part with the heat maps; empty before they are drawn"
    )
    segments: tuple[SegmentAttribution, ...] = Field(default=(), description="of all but pictures")
    against: str = Field(
        default="",
        description="the runner-up: what is explained is the label's score less this one's. Empty: the "
        "label's score by itself",
    )
    complete: bool | None = Field(
        default=None, description="whether the gap is under 2 % of the change; none: not asked at that time"
    )
    question: int | None = Field(
        default=None, description="what the question as a whole changes beside a blank picture, millionths"
    )
    modalities: tuple[ModalityShare, ...] = ()
    coalitions: tuple[Coalition, ...] = ()
    hidden: HiddenCredit | None = Field(default=None, description="none: nothing of it was hidden")


class OrderCurve(Frozen):
    """The label's mean probability while parts are taken away, or put in, strongest first.

    Petsiuk, Das & Saenko, "RISE" (BMVC 2018); Samek et al. (2017). Really run: each step is a medium with
    those parts blank, redrawn and asked again.
    """

    name: Literal["deletion", "insertion"]
    named: int = Field(ge=0, le=MILLION, description="in the order of the explanation")
    random: tuple[int, ...] = Field(description="in orders that a seed drew")

    @property
    def at_random(self) -> int:
        return round(sum(self.random) / len(self.random))

    @property
    def holds(self) -> bool:
        """Whether it is on its side of each random order."""
        if self.name == "deletion":
            return self.named < min(self.random)
        return self.named > max(self.random)


class Counterfactual(Frozen):
    """The medium without its strongest parts, really asked again."""

    removed: tuple[Place, ...]
    removed_share: int = Field(ge=0, le=MILLION, description="of the medium's parts")
    label: str = Field(description="the label then")
    probability: int = Field(ge=0, le=MILLION, description="of the label that is explained, then")


class Without(Frozen):
    """The medium without one of its modalities, its strongest frame or second, really asked again."""

    what: Literal["pictures", "sound", "text", "frame", "second"]
    removed: tuple[Place, ...]
    label: str = Field(description="the label then")
    probability: int = Field(ge=0, le=MILLION, description="of the label that is explained, then")


class DeepAttribution(Grown):
    """The thorough explanation of one decision, and how far it can be relied on."""

    LATER = ("without",)

    attribution: AttributionResult
    probability: int = Field(ge=0, le=MILLION, description="of the label, as these trials ask")
    curves: tuple[OrderCurve, ...]
    seeds: tuple[int, ...]
    stability: int | None = Field(
        description="least rank correlation, in millionths, of the parts' values with those under a little "
        "noise, one for each seed; none: fewer than three parts"
    )
    counterfactual: Counterfactual | None = Field(description="none: the medium has no parts")
    without_hidden: Counterfactual | None = Field(
        default=None, description="the marks of redaction blanked too; none: nothing was hidden"
    )
    without: tuple[Without, ...] = Field(
        default=(), description="of a clip or recording: each modality, the strongest frame and second"
    )
    duration_ms: int

    @property
    def method(self) -> str:
        return f"deep/{self.attribution.method}"
