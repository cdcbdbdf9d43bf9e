"""All that reads what people do with decisions: decision page, quarantine, corrections."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from django.db.models import QuerySet

from omnigov import contracts
from omnigov.accounts.models import Workspace
from omnigov.contracts.kinds import of_copy
from omnigov.decisions.models import Decision, DeepExplanation, Run, RunState
from omnigov.decisions.queries import Recorded, recorded
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.review.beside import PictureShown, pictures_shown
from omnigov.review.explained import Said, explanation_said, scores_said, trials_said, words_said
from omnigov.review.heard import SoundPart, sound_part
from omnigov.review.heat import Cell, cells
from omnigov.review.models import Correction, Review
from omnigov.review.numbered import Numbered
from omnigov.review.parts import DocumentPart, Given, Media, Part, TextPart
from omnigov.review.served import Served
from omnigov.review.shares import SegmentRow, segment_rows
from omnigov.review.watched import VideoPart, video_part


def quarantined(workspace: Workspace) -> QuerySet[Run]:
    """What is in quarantine, longest first. A run that was let out has another one in its place."""
    return (
        Run.objects.filter(workspace=workspace, state=RunState.QUARANTINED, corrections__isnull=True)
        .select_related("asset", "submission__batch", "submission__uploaded_by", "policy_version__policy")
        .order_by("ended_at", "id")
    )


@dataclass(frozen=True)
class Chain:
    """What a decision's run was made from, and what is in its place; None where there is none."""

    before: Run | None
    made_by: Correction | None
    after: Run | None
    replaced_by: Correction | None
    shortfalls: tuple[contracts.Shortfall, ...] = ()

    @property
    def before_decision(self) -> Decision | None:
        return getattr(self.before, "decision", None)

    @property
    def after_decision(self) -> Decision | None:
        return getattr(self.after, "decision", None)

    @property
    def waits(self) -> bool:
        """Whether the run in its place is still on its way."""
        return self.after is not None and not self.after.ended


def chain_of(run: Run) -> Chain:
    """The runs before and after this one, with who made one from the other."""
    both = Run.objects.select_related("decision", "correction__by", "submission")
    after = both.filter(parent=run).first()
    result = run.redaction_result
    return Chain(
        before=both.filter(pk=run.parent_id).first() if run.parent_id else None,
        made_by=Correction.objects.filter(run=run).select_related("by").first(),
        after=after,
        replaced_by=getattr(after, "correction", None),
        shortfalls=result.shortfalls if result else (),
    )


@dataclass(frozen=True)
class LabelBar:
    """One label's line in the table of scores."""

    label: contracts.Label
    score: contracts.LabelScore
    chosen: bool
    key: str = ""
    """The number key that chooses it; empty from the tenth on."""


@dataclass(frozen=True)
class DecisionPage:
    """A decision as its page shows it."""

    decision: Decision
    spec: contracts.PolicySpec
    label: contracts.Label
    redaction: contracts.RedactionResult
    inference: contracts.InferenceResult
    attribution: contracts.AttributionResult | None
    attribution_missing: str
    bars: list[LabelBar]
    tokens: list[contracts.TokenShare]
    reviews: list[tuple[Review, contracts.Label | None]]
    durations: list[tuple[str, int]]
    recorded: Recorded | None
    picture_damage: str
    has_heat_map: bool
    chain: Chain
    part: DocumentPart | TextPart | SoundPart | VideoPart | None
    """Of all but a picture: what of it is shown at once."""
    given: Given | None
    segments: list[SegmentRow]
    deep: DeepExplanation | None
    """The thorough explanation, asked for or there."""
    pictures: list[PictureShown] = field(default_factory=list)
    """Those that belong to the recording: they were decided together."""
    newest: uuid.UUID | None = None
    """The newest verdict that stands, also where this page does not show it."""

    @property
    def said(self) -> list[Said]:
        """The explanation in words."""
        return explanation_said(self.attribution, self.spec, self.inference) if self.attribution else []

    @property
    def scored(self) -> list[Said]:
        """How the scores came about, in words."""
        return scores_said(self.inference, self.spec)

    @property
    def joined(self) -> bool:
        """Whether nearness has a part in the scores."""
        return self.inference.scores[0].joined is not None

    @property
    def top(self) -> list[LabelBar]:
        """The three most likely labels, and the chosen one where it is none of them."""
        return [*self.bars[:3], *(bar for bar in self.bars[3:] if bar.chosen)]

    @property
    def own_number(self) -> str:
        """The number key of the model's label, which is to uphold."""
        return next((bar.key for bar in self.bars if bar.chosen), "")

    @property
    def numbered(self) -> list[Numbered]:
        """All that was hidden, in the order of the record."""
        return [Numbered(ordinal, each) for ordinal, each in enumerate(self.redaction.findings, 1)]

    @property
    def heat(self) -> list[Cell]:
        """What of a picture spoke for the label, and what against it."""
        grid = self.attribution.grid if self.attribution else ()
        return cells(grid, self.redaction.width, self.redaction.height)

    @property
    def anything_hidden(self) -> bool:
        """Whether something was hidden, in the medium or in a picture that belongs to it."""
        return bool(self.redaction.findings) or any(each.numbered for each in self.pictures)

    @property
    def weighed_pages(self) -> bool:
        """Whether a page of the document has a heat map."""
        return any(row.grid for row in self.segments)

    @property
    def words_said(self) -> str:
        """What the question's words did, in words."""
        return words_said(self.attribution) if self.attribution else ""

    @property
    def thorough(self) -> contracts.DeepAttribution | None:
        return self.deep.record if self.deep else None

    @property
    def trials(self) -> list[Said]:
        """What became of the trials of the thorough explanation, in words."""
        return trials_said(self.thorough, self.spec) if self.thorough else []

    @property
    def viewer(self) -> str:
        """The template that shows a redacted copy of this kind of medium."""
        return of_copy(self.redaction.media_type).viewer

    @property
    def outcome(self) -> contracts.Label | None:
        """The label that holds; None where the model abstained and nobody has decided."""
        return next((each for each in self.spec.labels if each.key == self.decision.outcome), None)

    @property
    def served(self) -> Served:
        """What the page has in it, part by part as the templates put it there."""
        parts = {
            **(parts_served(self.part) if self.part else {"redacted_copy": not self.picture_damage}),
            "findings": self.part is None or self.part.total == 1,
            "scores": True,
            "reasons": bool(self.inference.reasons),
            "heat_map": self._heat_is_there and not self.picture_damage,
            **{f"picture_{each.number}": not each.damage for each in self.pictures},
        }
        return Served(
            parts=tuple(name for name, there in parts.items() if there),
            newest=self.newest,
        )

    @property
    def _heat_is_there(self) -> bool:
        return bool(self.part.heat if isinstance(self.part, DocumentPart) else self.heat)

    @property
    def weighed_text(self) -> bool:
        """Whether it was computed what stretches of the medium's text did."""
        return any(row.strongest and row.heard is None for row in self.segments)

    @property
    def weighed_sound(self) -> bool:
        """Whether it was computed what single moments of the recording did."""
        return any(row.strongest and row.heard is not None for row in self.segments)

    @property
    def picture_share(self) -> int:
        """Of the pictures, in millionths: exactly where every combination was asked."""
        said = self.attribution
        return _share(said, "pictures", said.picture_share) if said else 0

    @property
    def text_share(self) -> int:
        """Of the file's own text, as `picture_share`."""
        said = self.attribution
        return _share(said, "text", said.text_share) if said else 0

    @property
    def sound_share(self) -> int:
        """Of what was heard, as `picture_share`."""
        said = self.attribution
        return _share(said, "sound", said.sound_share) if said else 0

    @property
    def words_share(self) -> int:
        """What these leave for the words of the question, in millionths."""
        theirs = self.picture_share + self.sound_share + self.text_share
        return contracts.MILLION - theirs if self.attribution else 0

    @property
    def looked_and_heard_share(self) -> int:
        """The share of the medium that is no text."""
        return self.picture_share + self.sound_share

    @property
    def not_words_share(self) -> int:
        """The share of the medium itself, as pictures, as sound and as text."""
        return contracts.MILLION - self.words_share


def _share(said: contracts.AttributionResult, player: contracts.Player, otherwise: int) -> int:
    if not said.modalities:
        return otherwise
    return next((each.share for each in said.modalities if each.name == player), 0)


def reviews_of(
    decision: Decision, labels: dict[str, contracts.Label]
) -> list[tuple[Review, contracts.Label | None]]:
    """All verdicts on the decision, also those that were taken back, which say so; the oldest first."""
    given = decision.reviews.select_related("officer", "taken_back").order_by("created_at", "pk")
    return [(review, labels.get(review.label)) for review in given]


def newest_verdict(decision: Decision) -> uuid.UUID | None:
    """The newest verdict that was not taken back."""
    standing = decision.reviews.filter(taken_back__isnull=True).order_by("created_at", "pk")
    return standing.values_list("pk", flat=True).last()


def parts_served(part: Part) -> dict[str, bool]:
    """What a page with this part of a medium has in it, by the codes of the record."""
    document, video = isinstance(part, DocumentPart), isinstance(part, VideoPart)
    sound = part.sound if isinstance(part, VideoPart) else part
    one = f"page_{part.number}" if document else f"text_part_{part.number}"
    return {
        "redacted_copy": part.total == 1,
        one: part.total > 1,
        "findings_of_parts": part.total > 1,
        "thumbnails": document,
        "transcript": isinstance(part, DocumentPart | SoundPart | VideoPart) and part.has_transcript,
        "turns": isinstance(sound, SoundPart) and bool(sound.turns),
        "waveform": isinstance(sound, SoundPart) and bool(sound.waveform),
        "timeline": video,
        "contact_sheet": isinstance(part, VideoPart) and part.has_tracks and bool(part.tracks),
    }


class NotRecorded(LookupError):
    """A decision without the records that it was made from."""


def media_of(decision: Decision) -> Media:
    """The document, text or recording that the decision was made from. Raises `NotRecorded`."""
    run = decision.run
    redaction, inference = run.redaction_result, run.inference_result
    if redaction is None or inference is None:
        raise NotRecorded(f"Decision {decision.id} has lost the records that it was made from.")
    attribution = getattr(decision, "attribution", None)
    return Media(run, redaction, inference, attribution.record if attribution else None)


def decision_page(decision: Decision, number: int = 1, *, blind: bool = False) -> DecisionPage:
    """All that the decision page shows, of a document or text its page or portion of this number.

    Reads the redacted copy once, to say whether it is still the one. `blind`: without what others said, for
    somebody who has to say what they think first.
    """
    run, media = decision.run, media_of(decision)
    spec, redaction, inference = run.policy_version.spec, media.redaction, media.inference
    attribution = getattr(decision, "attribution", None)
    explained = media.why
    damage = evidence.damage(run.id, Name.REDACTED, redaction.digest)
    part: DocumentPart | TextPart | SoundPart | VideoPart | None = None
    given, segments = None, list[SegmentRow]()
    if media.in_parts and not damage:
        try:
            part = _part_of(media, number)
            given = media.given()
            times = media.times()
            segments = segment_rows(explained, media.text(), times) if explained else []
        except evidence.EvidenceDamaged as reason:
            damage, part = str(reason), None
    labels = {label.key: label for label in spec.labels}
    tokens = sorted(explained.tokens, key=lambda token: -abs(token.value)) if explained else []
    steps = ("redaction", "inference", "attribution", "recording")
    return DecisionPage(
        decision=decision,
        spec=spec,
        label=labels[decision.label],
        redaction=redaction,
        inference=inference,
        attribution=explained,
        attribution_missing=attribution.failure_sentence if attribution else "",
        bars=[
            LabelBar(labels[score.label], score, score.label == decision.label, str(at) if at < 10 else "")
            for at, score in enumerate(inference.scores, 1)
        ],
        tokens=tokens,
        reviews=[] if blind else reviews_of(decision, labels),
        newest=newest_verdict(decision),
        durations=[(step, run.timings[step]) for step in steps if step in run.timings],
        recorded=recorded(decision),
        picture_damage=damage,
        has_heat_map=_heat_map_is_there(run, explained, part),
        chain=chain_of(run),
        part=part,
        given=given,
        segments=segments,
        deep=DeepExplanation.objects.filter(decision=decision).select_related("by").first(),
        pictures=pictures_shown(decision, explained, len(redaction.findings)),
    )


def _part_of(media: Media, number: int) -> DocumentPart | TextPart | SoundPart | VideoPart:
    if media.kind == "video":
        return video_part(media)
    return sound_part(media) if media.kind == "sound" else media.part(number)


def _heat_map_is_there(run: Run, explained: contracts.AttributionResult | None, part: Part | None) -> bool:
    """Whether there is a heat map to be shown; of a text there is none, of a page only if it was weighed."""
    if explained is None or not explained.heat_map or isinstance(part, TextPart | SoundPart | VideoPart):
        return False
    if isinstance(part, DocumentPart) and not part.has_heat_map:
        return False
    return not evidence.damage(run.id, Name.HEAT_MAP, explained.heat_map)


@dataclass(frozen=True)
class ErasedPage:
    """What is left of a decision whose medium was erased."""

    decision: Decision
    label: contracts.Label
    outcome: contracts.Label | None
    reviews: list[tuple[Review, contracts.Label | None]]
    recorded: Recorded | None


def erased_page(decision: Decision) -> ErasedPage:
    """What the record, and nothing else, still says of a decision on an erased medium."""
    labels = {label.key: label for label in decision.run.policy_version.spec.labels}
    return ErasedPage(
        decision=decision,
        label=labels[decision.label],
        outcome=labels.get(decision.outcome),
        reviews=reviews_of(decision, labels),
        recorded=recorded(decision),
    )
