"""All that reads evidence: a part whole, or any range of it, and only as what was recorded."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from pydantic import ValidationError

from omnigov import frames
from omnigov.contracts import Conversation, PageIndex, Tracks
from omnigov.evidence import store
from omnigov.evidence.models import EvidencePart, Name
from omnigov.evidence.services import bound_to, key_of, plain_key
from omnigov.keys import KeyUnavailable, keyring

#: What is read whole to say whether it is still what was recorded; of more, its ends are.
WHOLE = 16 * 1024 * 1024


class EvidenceDamaged(RuntimeError):
    """A part of a run's evidence is gone, or is not the one that was recorded."""


@dataclass(frozen=True)
class Opened:
    """A part that is there under the digest that was asked for. Its bytes show themselves when read."""

    name: Name
    size: int
    digest: str
    _read: Callable[[int, int], Iterator[bytes]] = field(repr=False)

    def pieces(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `end`, up to 1 MiB at a time. Raises `EvidenceDamaged`."""
        try:
            yield from self._read(start, self.size if end is None else min(end, self.size))
        except store.NotStored:
            raise _gone(self.name) from None
        except frames.FramesDamaged:
            raise _changed(self.name) from None

    def stretch(self, start: int, end: int) -> Opened:
        """The bytes from `start` to before `end` as if they were a part of their own, with the same digest.

        Raises `EvidenceDamaged` where the part ends before they do.
        """
        if not 0 <= start < end <= self.size:
            raise _changed(self.name)
        whole = self._read
        return replace(self, size=end - start, _read=lambda first, last: whole(start + first, start + last))


def manifest(run: uuid.UUID) -> list[EvidencePart]:
    """All parts of a run that were recorded, by name."""
    return list(EvidencePart.objects.filter(run=run))


def has(run: uuid.UUID, name: Name) -> bool:
    """Whether the run's manifest names such a part."""
    return EvidencePart.objects.filter(run=run, name=name).exists()


def anything_of(run: uuid.UUID) -> bool:
    """Whether any byte of the run lies in the store."""
    return next(store.listed(f"{run.hex[:2]}/{run.hex}/"), None) is not None


def part_open(run: uuid.UUID, name: Name, *, digest: str | None = None) -> Opened:
    """The part, to be read in ranges. Raises `EvidenceDamaged` if it is gone or has another digest."""
    part = EvidencePart.objects.filter(run=run, name=name).first()
    if part is None:
        return _plain(run, name, digest)
    if digest is not None and part.digest != digest:
        raise _changed(name)
    try:
        key = keyring().asset(part.asset).data
    except KeyUnavailable as reason:
        raise EvidenceDamaged(str(reason)) from None

    def ranged(start: int, end: int) -> Iterator[bytes]:
        read = partial(store.read, key_of(run=run, token=part.token, name=name))
        bound = bound_to(run=run, asset=part.asset, token=part.token, name=name)
        return frames.opened(read, key=key, bound=bound, size=part.size, start=start, end=end)

    return Opened(name, part.size, part.digest, ranged)


def content(run: uuid.UUID, name: Name, *, digest: str | None = None) -> bytes:
    """The part's bytes, all in memory. Raises `EvidenceDamaged` if it is gone or differs from `digest`."""
    part = part_open(run, name, digest=digest)
    whole = b"".join(part.pieces())
    if hashlib.sha256(whole).hexdigest() != part.digest:
        raise _changed(name)
    return whole


def checked_open(run: uuid.UUID, name: Name, *, digest: str | None = None) -> Opened:
    """As `part_open`, of a part that is read whole first, so that all of it is what was recorded."""
    whole = content(run, name, digest=digest)
    return Opened(name, len(whole), digest or "", lambda start, end: iter([whole[start:end]]))


def pages(run: uuid.UUID, *, digest: str | None = None) -> PageIndex:
    """Where the pages of a document lie in its evidence. Raises `EvidenceDamaged` where that is not told."""
    try:
        return PageIndex.model_validate_json(content(run, Name.PAGES, digest=digest))
    except ValidationError:
        raise _changed(Name.PAGES) from None


def conversation(run: uuid.UUID, *, digest: str | None = None) -> Conversation:
    """The turns of a recording. Raises `EvidenceDamaged` where they are not told."""
    try:
        return Conversation.model_validate_json(content(run, Name.TURNS, digest=digest))
    except ValidationError:
        raise _changed(Name.TURNS) from None


def tracks(run: uuid.UUID, *, digest: str | None = None) -> Tracks:
    """Where in a video each thing is hidden. Raises `EvidenceDamaged` where that is not told."""
    try:
        return Tracks.model_validate_json(content(run, Name.TRACKS, digest=digest))
    except ValidationError:
        raise _changed(Name.TRACKS) from None


def beginnings(transcripts: Mapping[uuid.UUID, str | None], most: int = 120) -> dict[uuid.UUID, str]:
    """The first characters of what can still be read or heard, for the runs of which that was kept.

    With each run comes the digest of its transcript on the record; None where none was recorded, in runs of
    before. What is damaged is left out here; its own page says so.
    """
    found = {}
    parts = EvidencePart.objects.filter(run__in=list(transcripts), name=Name.TRANSCRIPT)
    for run in parts.values_list("run", flat=True):
        try:
            # Whole: the digest is that of all of it, and a conversation of an hour has some 60 kB.
            whole = content(run, Name.TRANSCRIPT, digest=transcripts[run])
        except EvidenceDamaged:
            continue
        text = " ".join(whole[: 4 * most].decode("utf-8", "ignore").split())
        if text:
            found[run] = text if len(text) <= most else f"{text[:most]}…"
    return found


def damage(run: uuid.UUID, name: Name, digest: str) -> str:
    """Why a part can't be shown; empty where it is the one that was recorded.

    More than 16 MiB are not read for this: the ends are, which also show whether it was cut off. The middle
    shows itself when it is read.
    """
    try:
        part = part_open(run, name, digest=digest)
        ends = [(0, part.size)] if part.size <= WHOLE else [(0, 1), (part.size - 1, part.size)]
        for start, end in ends:
            for _ in part.pieces(start, end):
                pass
    except EvidenceDamaged as reason:
        return str(reason)
    return ""


def _plain(run: uuid.UUID, name: Name, digest: str | None) -> Opened:
    """A plain file of an installation from before evidence was sealed: a picture or a document, not large."""
    try:
        whole = b"".join(store.stream(plain_key(run, name)))
    except store.NotStored:
        raise _gone(name) from None
    found = hashlib.sha256(whole).hexdigest()
    if digest is not None and found != digest:
        raise _changed(name)
    return Opened(name, len(whole), found, lambda start, end: iter([whole[start:end]]))


def _gone(name: Name) -> EvidenceDamaged:
    return EvidenceDamaged(f"The part {name.value} of this run is gone from the evidence folder.")


def _changed(name: Name) -> EvidenceDamaged:
    return EvidenceDamaged(f"The part {name.value} of this run was changed after it was recorded.")
