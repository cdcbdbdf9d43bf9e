"""What the model reads: the policy's words, and between them a medium as a list of segments.

A segment is a page as a picture, a frame, some seconds of sound or a stretch of the medium's own text.
Training and scoring ask about a picture with the very same tokens. The text of a medium is data: control
tokens that are spelled out in it stay plain letters, as in a policy's words, and it stands in a frame that
says what it is.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace

from omnigov.contracts import Area, Interval, Place, PolicySpec, Span
from workers.omni.hearing import SoundConfig
from workers.omni.language import END, START, Language
from workers.omni.seen import Seen, Window

FRAME = ("Text: ", "\n")
BETWEEN_PAGES = "\n"
FRAME_SHAPE = -1_000_000
"""No sound has so many tokens."""

_UNPAIRED = re.compile("[\ud800-\udfff]")  # half characters, which no encoder takes


@dataclass(frozen=True)
class PageSegment:
    """A page as a picture."""

    place: Area | None = None  # nothing is said of where a lone picture lies: it is all of it


@dataclass(frozen=True)
class FrameSegment(PageSegment):
    """A frame of a clip as a few tokens, and the stretch that it stands for."""

    at: Interval = field(kw_only=True)

    @property
    def middle(self) -> float:
        """Milliseconds."""
        return (self.at.start + self.at.end) / 2


@dataclass(frozen=True)
class TextSegment:
    """Token ids of a text with the characters that each is made of; empty places are our own words."""

    tokens: tuple[int, ...]
    places: tuple[tuple[int, int], ...] = ()

    @property
    def characters(self) -> tuple[tuple[slice, Span], ...]:
        """Tokens and the characters that they stand for.

        A byte-level token may be a part of a character; tokens that share one belong together.
        """
        joined: list[tuple[slice, Span]] = []
        for index, (start, end) in enumerate(self.places):
            if joined and start < joined[-1][1].end:
                tokens, place = joined.pop()
                joined.append(
                    (slice(tokens.start, index + 1), Span(start=place.start, end=max(end, place.end)))
                )
            else:
                joined.append((slice(index, index + 1), Span(start=start, end=end)))
        return tuple(joined)


@dataclass(frozen=True)
class SoundSegment:
    """Some seconds of sound as so many tokens, of each what it stands for."""

    places: tuple[Interval, ...]

    @property
    def place(self) -> Interval:
        return Interval(start=self.places[0].start, end=self.places[-1].end)


@dataclass(frozen=True)
class MarkSegment:
    """One of the sound connector's own vectors: it stands before a sound, between its windows or after it."""

    name: str


Segment = PageSegment | SoundSegment | MarkSegment | TextSegment
PICTURE: tuple[Segment, ...] = (PageSegment(),)


@dataclass(frozen=True)
class Prompt:
    """Token ids before and after the medium, the medium's segments, and the ids of each label to follow.

    The question stands before the medium, so that what the language model makes of it is computed once a
    policy and not once a medium.
    """

    before: tuple[int, ...]
    asked: slice  # of `before`: the policy's question and labels, without the turn's own marks
    after: tuple[int, ...]
    labels: tuple[tuple[int, ...], ...]
    full_stop: tuple[int, ...]
    segments: tuple[Segment, ...] = PICTURE

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of all token ids. A lone picture has none, and is not told from another."""
        body: list[object] = [self.before, self.after, self.labels]
        if self.segments != PICTURE:
            body.insert(1, [_told(segment) for segment in self.segments])
        return hashlib.sha256(json.dumps(body, separators=(",", ":")).encode()).hexdigest()

    @property
    def shape(self) -> tuple[int, ...]:
        """Of each segment its tokens, 0 for a page, below 0 for sound, FRAME_SHAPE for a frame.

        Prompts of one shape go together.
        """
        return tuple(_size(segment) for segment in self.segments)

    @property
    def pages(self) -> int:
        return sum(isinstance(segment, PageSegment) for segment in self.segments)

    @property
    def frames(self) -> tuple[FrameSegment, ...]:
        return tuple(segment for segment in self.segments if isinstance(segment, FrameSegment))

    @property
    def sounds(self) -> tuple[SoundSegment, ...]:
        return tuple(segment for segment in self.segments if isinstance(segment, SoundSegment))

    @property
    def text(self) -> TextSegment | None:
        """The medium's own text, where it has one."""
        return next((s for s in self.segments if isinstance(s, TextSegment) and s.places), None)

    @property
    def seen(self) -> tuple[Place, ...]:
        """The places of the medium that the model is given; none for a picture, which is given whole."""
        places: list[Place] = [s.place for s in self.segments if isinstance(s, PageSegment) and s.place]
        places += [sound.place for sound in self.sounds]
        if self.text:
            places.append(Span(start=self.text.places[0][0], end=self.text.places[-1][1]))
        return tuple(places)


def _told(segment: Segment) -> object:
    """What a prompt's digest says of a segment: no picture and no sound is told from another."""
    if isinstance(segment, TextSegment):
        return segment.tokens
    if isinstance(segment, SoundSegment):
        return f"sound {len(segment.places)}"
    if isinstance(segment, FrameSegment):
        return f"frame {segment.at.start} {segment.at.end}"
    return "page" if isinstance(segment, PageSegment) else segment.name


def _size(segment: Segment) -> int:
    if isinstance(segment, TextSegment):
        return len(segment.tokens)
    if isinstance(segment, SoundSegment):
        return -len(segment.places)
    if isinstance(segment, FrameSegment):
        return FRAME_SHAPE
    return 0 if isinstance(segment, PageSegment) else 1


def question_text(policy: PolicySpec, alphabetical: bool = False, backwards: bool = False) -> str:
    """The question with all of its labels: in the policy's order or the alphabet's, or turned round."""
    ordered = [label.phrase for label in policy.labels]
    if alphabetical:
        ordered.sort(key=lambda phrase: (phrase.casefold(), phrase))
    choices = ", ".join(reversed(ordered) if backwards else ordered)
    return f"{policy.question} Answer with one of: {choices}."


def build_prompt(policy: PolicySpec, language: Language, backwards: bool = False) -> Prompt:
    """`<|im_start|>user … [picture] <|im_end|> <|im_start|>assistant Answer:` and ` label` for each label."""
    start, end = language.control(START), language.control(END)
    newline = language.encode("\n")
    turn, asked = (
        language.encode("user\n"),
        language.encode(question_text(policy, language.alphabetical, backwards)),
    )
    return Prompt(
        before=(start, *turn, *asked, *newline),
        asked=slice(1 + len(turn), 1 + len(turn) + len(asked)),
        after=(end, *newline, start, *language.encode("assistant\nAnswer:")),
        labels=tuple(tuple(language.encode(f" {label.phrase}")) for label in policy.labels),
        full_stop=tuple(language.encode(".")),
    )


def about(prompt: Prompt, seen: Seen, policy: PolicySpec, language: Language) -> Prompt:
    """The policy's prompt about this medium: its pages one after the other, its sound, its framed text."""
    if seen.picture:
        return prompt
    segments: list[Segment] = _watched(seen) if seen.clip else []
    for page in () if seen.clip else seen.pages:
        if segments:
            segments.append(TextSegment(tuple(language.encode(BETWEEN_PAGES))))
        width, height = page.size
        segments.append(PageSegment(Area(part=page.part, left=0, top=0, right=width, bottom=height)))
    if not seen.clip:
        segments += _heard(seen)
    if text := text_segment(seen.text, policy.text_tokens, language):
        begin, end = (TextSegment(tuple(language.encode(words))) for words in FRAME)
        segments += [begin, text, end]
    return replace(prompt, segments=tuple(segments))


def _heard(seen: Seen) -> list[Segment]:
    """The windows between the marks; of none nothing."""
    segments: list[Segment] = []
    for window in seen.windows:
        segments += [MarkSegment("newline" if segments else "begin"), _sound(window)]
    return [*segments, MarkSegment("end")] if segments else []


def _sound(window: Window) -> SoundSegment:
    token = SoundConfig().token
    places = [window.part(at, at + token) for at in range(0, len(window.samples), token)]
    return SoundSegment(tuple(places))


def _watched(seen: Seen) -> list[Segment]:
    """Frames and seconds of sound in the order of their time: a second stands behind what is seen in it.

    A mark stands before the first second, between two that follow each other, and after the last.
    """
    moments: list[tuple[float, int, Segment]] = []
    for page in seen.pages:
        if page.at is None:
            raise ValueError("a frame of a clip stands for a stretch of it")
        width, height = page.size
        frame = FrameSegment(Area(part=page.part, left=0, top=0, right=width, bottom=height), at=page.at)
        moments.append((frame.middle, 0, frame))
    moments += [(window.place.end, 1, _sound(window)) for window in seen.windows]
    segments: list[Segment] = []
    heard = 0
    for _, _, segment in sorted(moments, key=lambda moment: moment[:2]):
        if isinstance(segment, SoundSegment):
            segments.append(MarkSegment("newline" if heard else "begin"))
            heard += 1
        segments.append(segment)
        if heard and heard == len(seen.windows) and isinstance(segment, SoundSegment):
            segments.append(MarkSegment("end"))
    return segments


def text_segment(text: str, most: int, language: Language) -> TextSegment | None:
    """Up to `most` tokens of the text from its beginning on, cut where a character ends; None for none."""
    tokens, places = language.encode_with_places(_UNPAIRED.sub("\ufffd", text))
    cut = min(most, len(tokens))
    while 0 < cut < len(tokens) and places[cut][0] < places[cut - 1][1]:
        cut -= 1
    return TextSegment(tuple(tokens[:cut]), tuple(places[:cut])) if cut else None
