"""The life of one run on the GPU side, top to bottom: redact, infer, attribute.

No Django and no database: bytes and frozen records in, bytes and frozen records out. Each step is given
one hook, which the caller uses for the progress bar, the timings and the provenance alike.

A step MUST return a whole record or raise; it MUST NOT hand on anything of the original but the
redacted copy. `redact` raises `Quarantined` where redaction can't be shown to have worked.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from omnigov.contracts import (
    MILLION,
    AttributionResult,
    DeepAttribution,
    Hook,
    InferenceResult,
    Place,
    PolicySpec,
    ReadValues,
    RedactionEdits,
    RedactionResult,
    Refused,
    Stage,
    Voice,
    digest_of,
)
from omnigov.contracts.decision import EMPTY_FIELD
from omnigov.contracts.kinds import of_copy
from workers import attribution, omni, weights
from workers.media import kinds, pdf_pages, picture, sound, video
from workers.media.source import Source
from workers.omni.doubts import doubted, doubts, instructs
from workers.omni.voting import vote_on, votes_on, with_vote
from workers.redaction.kinds.picture import load
from workers.redaction.kinds.redactors import Beside, redactor


@dataclass(frozen=True)
class Order:
    """What the GPU side is told of a run: what is asked, the seed, and what a person said.

    That is what is to be hidden, and in which encoding a text is (empty: its bytes say).
    """

    policy: PolicySpec
    seed: int
    edits: RedactionEdits = field(default_factory=RedactionEdits)
    by_hand: bool = False
    head: bytes | None = None
    """The file of the policy's head, where its model version has one."""
    encoding: str = ""


def prepare_redaction() -> None:
    """Loads the detectors before the first picture comes. Raises what `redact` would."""
    load()


def prepare_model() -> frozenset[str]:
    """Loads the omni model before the first picture comes; the model versions that can be asked, by digest.

    Raises what `infer` would.
    """
    for stage in omni.STAGES:
        omni.load(stage)
    return frozenset(digest_of(weights.model_version(stage)) for stage in omni.STAGES)


def prepare_words(policy: PolicySpec, label: str, hook: Hook) -> None:
    """Computes what all explanations of this label have in common; nothing where that was done before.

    What the hook raises stops it.
    """
    attribution.prepare(policy, label, hook=hook)


def redact(
    order: Order, original: bytes, hook: Hook, read: ReadValues | None = None
) -> tuple[bytes, RedactionResult]:
    """As `redact_to`, with the copy in memory."""
    copy = io.BytesIO()
    result = redact_to(order, original, copy, hook, read)
    return copy.getvalue(), result


def redact_to(
    order: Order,
    original: bytes,
    out: BinaryIO,
    hook: Hook,
    read: ReadValues | None = None,
    beside: Beside | None = None,
) -> RedactionResult:
    """Writes the redacted copy to `out`; what was hidden in it.

    `read` then has what stood there, for who seals it, and `beside` what is kept beside the copy. Raises
    `Quarantined` where that can't be shown, `Refused` where the original is of no kind that is shown.
    """
    kind, beside = kinds.told(original), beside or Beside()
    result = redactor(kind).redact_to(
        original,
        out,
        order.policy.redaction,
        order.policy.limits,
        hook,
        order.edits,
        read,
        beside,
        by_hand=order.by_hand,
        encoding=order.encoding,
    )
    # Who decides sees a picture's pixels and reads nothing on it: what is written there is looked at here.
    if result.writing is not None and instructs(beside.on_picture, order.policy):
        told = result.writing.model_copy(update={"instructs": True})
        return result.model_copy(update={"writing": told})
    return result


def seen(
    order: Order,
    result: RedactionResult,
    copy: bytes,
    transcript: str = "",
    pictures: Sequence[bytes] = (),
) -> omni.Seen:
    """What the model is given of the redacted copy: of a picture all, of the rest what the policy says.

    `transcript` is what can still be read on a document's redacted pages, or heard in a recording. Of a text
    its copy is read. `pictures` are the redacted copies of those that belong to a recording.
    """
    policy = order.policy
    match of_copy(result.media_type).name:
        case "picture":
            return omni.Seen.of_picture(picture.decode(copy, policy.limits))
        case "document":
            lying = pdf_pages.ranges(copy)
            return seen_of_pages(order, lying, lambda start, end: copy[start:end], transcript)
        case "sound":
            return seen_of_sound(order, result, Source.of(copy), transcript, pictures)
        case "video":
            return seen_of_video(order, result, Source.of(copy), transcript)
        case name if result.text is None:
            raise Refused("unsupported", f"This is a {name}, and the model is shown none of those.")
    return omni.Seen.of_text(copy.decode(result.text.encoding), policy.text_tokens)


def seen_of_pages(
    order: Order, lying: Sequence[tuple[int, int]], read: Callable[[int, int], bytes], transcript: str
) -> omni.Seen:
    """As `seen`, of a document whose copy stays where it lies: `read` gives the bytes from … to before ….

    `lying` says where each page's JPEG is. Only those that the policy wants shown are read.
    """
    policy = order.policy
    pages = []
    for number in omni.pages_seen(policy.pages, len(lying)):
        # As large as the model and the heat map need them: pages are not held at their full size.
        pixels, size = pdf_pages.small(read(*lying[number]), omni.LONGEST)
        pages.append(omni.Page(number, pixels, size))
    return omni.Seen.of_text(transcript, policy.text_tokens, pages)


def seen_of_sound(
    order: Order, result: RedactionResult, copy: Source, transcript: str, pictures: Iterable[bytes] = ()
) -> omni.Seen:
    """As `seen`, of a recording: its transcript, read as a text. Nothing said is nothing to read.

    The pictures of a spoken report stand before it, in their order. The stage audio listens too: the copy is
    decoded block by block, and some seconds of it are kept.
    """
    policy = order.policy
    pages = [_page_of(part, each, policy) for part, each in enumerate(pictures)]
    if policy.stage is not Stage.AUDIO or result.sound is None:
        return omni.Seen.of_text(transcript, policy.text_tokens, pages)
    samples = result.sound.milliseconds * sound.RATE // 1000
    windows = omni.listen(sound.decode(copy, policy.limits), samples)
    return omni.Seen.of_sound(windows, transcript, policy.text_tokens, pages)


def _page_of(part: int, copy: bytes, policy: PolicySpec) -> omni.Page:
    """A picture that belongs to a recording, as large as the model and the heat map need it."""
    pixels = picture.decode(copy, policy.limits)
    size = (pixels.shape[1], pixels.shape[0])
    return omni.Page(part, picture.within(pixels, omni.LONGEST), size)


def seen_of_video(
    order: Order,
    result: RedactionResult,
    copy: Source,
    transcript: str,
    get_on: Callable[[], None] = lambda: None,
) -> omni.Seen:
    """As `seen`, of a clip: its transcript. Stage video sees its frames in time and hears it by the second.

    An earlier stage sees as many frames as it would see pages. The copy is decoded frame by frame, and what
    is seen of it is kept. `get_on` is called with each frame: an hour of them takes minutes.
    """
    policy, told = order.policy, result.video
    if told is None:
        return omni.Seen.of_text(transcript, policy.text_tokens)
    # The copy is ours, and may have become larger than what was sent.
    limits = policy.limits.model_copy(update={"max_bytes": max(policy.limits.max_bytes, len(copy))})
    clip = video.Video(copy, limits)
    shown = ((frame.number, float(frame.time * 1000), frame.pixels) for frame in _each(clip.frames(), get_on))
    frames = omni.watch(shown, told.milliseconds, told.frames)
    windows: tuple[omni.Window, ...] = ()
    if policy.stage is not Stage.IMAGE_TEXT and clip.sounds:
        windows = omni.listen_to_clip(clip.samples(), told.milliseconds * sound.RATE // 1000)
    if policy.stage is Stage.VIDEO:
        return omni.Seen.of_clip(frames, windows, transcript, policy.text_tokens)
    pages = [frames[number] for number in omni.pages_seen(policy.pages, len(frames))]
    return omni.Seen.of_sound(windows, transcript, policy.text_tokens, pages)


def _each(frames: Iterable[video.Frame], get_on: Callable[[], None]) -> Iterable[video.Frame]:
    for frame in frames:
        get_on()
        yield frame


def infer(orders: Sequence[Order], media: Sequence[omni.Seen], hook: Hook) -> list[InferenceResult]:
    """Labels, scores and reasons of several redacted media; what can go through the model together does.

    Where a policy has a head, it decides, and what the model alone said is kept beside. Of a medium on which
    there is nothing, or that tells what to answer, nothing is decided.
    """
    results = omni.infer(
        media, [order.policy for order in orders], seeds=[order.seed for order in orders], hook=hook
    )
    return [
        _decided(order, medium, result, hook)
        for order, medium, result in zip(orders, media, results, strict=True)
    ]


def _decided(order: Order, medium: omni.Seen, result: InferenceResult, hook: Hook) -> InferenceResult:
    if medium.clip and votes_on(order.policy):
        result = with_vote(result, vote_on(medium, hook), order.policy, decides=order.head is None)
    if order.head is not None:
        model = omni.load(order.policy.stage)
        result = omni.by_head(model, [medium], order.policy, [result], order.head, hook)[0]
    return doubted(result, doubts(medium, order.policy))


def with_specialists(
    result: InferenceResult, redaction: RedactionResult, pictures: Sequence[RedactionResult] = ()
) -> InferenceResult:
    """The result, and beside it what redaction's reader and detectors found: they warn and don't vote.

    Nothing is decided where it is written on a picture what to answer. Of a form they say which of the fields
    that have to be filled in are empty. The `pictures` of a spoken report are looked at with the rest.
    """
    whole = (redaction, *pictures)
    if any(each.writing is not None and each.writing.instructs for each in whole):
        result = doubted(result, {"instructions": 1})
    found = Counter(finding.kind.lower() for each in whole for finding in each.findings)
    # A field that lies aslant is hidden in several pieces, and is one field.
    found.update({EMPTY_FIELD + finding.empty: 1 for finding in redaction.findings if finding.empty})
    voices = [*result.voices, Voice(who="detectors", counts=dict(sorted(found.items())))]
    if redaction.writing is not None:
        lines, badly = ("lines", "badly_read") if redaction.sound is None else ("turns", "heard_badly")
        written = {lines: redaction.writing.lines, badly: redaction.writing.badly_read}
        voices.append(Voice(who="text", counts=written))
    return result.model_copy(update={"voices": tuple(voices)})


def attribute(
    order: Order,
    medium: omni.Seen,
    inference: InferenceResult,
    hook: Hook,
    redaction: RedactionResult | None = None,
    pictures: Sequence[RedactionResult] = (),
) -> tuple[AttributionResult, bytes]:
    """What the chosen label's score rests on, and the heat maps over the redacted pages, PNG after PNG.

    A text has no heat map. With the `redaction` it is told what was counted for hidden places, also in the
    `pictures` of a spoken report.
    """
    contrast = _contrast(inference, redaction, pictures)
    head = _decided_by(order, inference)
    result = attribution.attribute(medium, order.policy, contrast, hook=hook, head=head)
    return _with_heat_maps(medium, result)


def examine(
    order: Order,
    medium: omni.Seen,
    inference: InferenceResult,
    hook: Hook,
    redaction: RedactionResult,
    pictures: Sequence[RedactionResult] = (),
) -> DeepAttribution:
    """The thorough explanation of a decision that stands; its trials draw by the run's seed."""
    contrast = _contrast(inference, redaction, pictures)
    head = _decided_by(order, inference)
    return attribution.examine(medium, order.policy, contrast, seed=order.seed, hook=hook, head=head)


def _decided_by(order: Order, inference: InferenceResult) -> bytes | None:
    """The head, where it was what decided: of numbers that are none it does not."""
    decided = any(voice.who == "head" and voice.decided for voice in inference.voices)
    return order.head if decided else None


def _contrast(
    inference: InferenceResult, redaction: RedactionResult | None, pictures: Sequence[RedactionResult] = ()
) -> attribution.Contrast:
    """The chosen label against the likeliest of the others."""
    others = (score.label for score in inference.scores if score.label != inference.label)
    against = next(others, "")
    own = next((voice.scores for voice in inference.voices if voice.who == "model"), ())
    shares = {score.label: score.probability for score in own}
    given = (shares[inference.label], shares[against]) if shares and against else None
    # What the labels were ordered by: the joined score, or the likelihood where that alone decided.
    nats = {
        score.label: (score.log_likelihood if score.joined is None else score.joined) / MILLION
        for score in inference.scores
    }
    score = nats[inference.label] - nats[against] if against else None
    return attribution.Contrast(inference.label, against, hidden_places(redaction, pictures), given, score)


def hidden_places(
    redaction: RedactionResult | None, pictures: Sequence[RedactionResult] = ()
) -> tuple[Place, ...]:
    """Where the redacted copy shows something else than the original did; of pictures beside it too."""
    own = [each.shown or each.place for each in redaction.findings] if redaction else []
    theirs = [
        each.area.model_copy(update={"part": part})
        for part, result in enumerate(pictures)
        for each in result.findings
    ]
    return (*own, *theirs)


def _with_heat_maps(medium: omni.Seen, result: AttributionResult) -> tuple[AttributionResult, bytes]:
    if medium.picture:
        heat_maps = attribution.render(medium.pages[0].pixels, result.grid)
    else:
        result, heat_maps = _heat_maps(medium, result)
    digest = hashlib.sha256(heat_maps).hexdigest() if heat_maps else ""
    return result.model_copy(update={"heat_map": digest}), heat_maps


def _heat_maps(medium: omni.Seen, result: AttributionResult) -> tuple[AttributionResult, bytes]:
    """The pages' heat maps, and the attribution that says of each page where its own lies."""
    whole, segments = b"", list(result.segments)
    for index, page in enumerate(medium.pages):
        drawn = attribution.render(page.pixels, segments[index].grid)
        lies = (len(whole), len(whole) + len(drawn))
        segments[index] = segments[index].model_copy(update={"heat_map": lies})
        whole += drawn
    return result.model_copy(update={"segments": tuple(segments)}), whole
