"""The detectors that a profile asks for, asked one after the other. Closed where one of them breaks."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from omnigov.contracts import Detector, Finding, Quarantined, RedactionProfile, Shortfall
from workers import memory
from workers.redaction.core.picture import Picture
from workers.redaction.detectors.registry import Entry, PictureDetector, loaded, wanted
from workers.weights import WeightsUnavailable

LARGE = 5_000_000  # pixels from which what a detector freed is given back before the next one begins: a page
# drawn at 200 dpi is smaller,
VERY_LARGE = 9_000_000  # … and from which it is given back at once: an A4 page at 300 dpi is smaller


class Release:
    """An officer answers for the picture: what would have stopped redaction is noted, and it goes on.

    Without one, nothing that stops it is passed over.
    """

    def __init__(self) -> None:
        self.shortfalls: list[Shortfall] = []

    def note(self, reason: Quarantined, detector: str = "") -> None:
        shortfall = Shortfall(code=reason.code, detector=detector)
        if shortfall not in self.shortfalls:
            self.shortfalls.append(shortfall)


@dataclass(frozen=True)
class Ensemble:
    """Loaded detectors, and who answers for what they can't do. Made by `ready`, used from one thread."""

    members: tuple[tuple[Entry, PictureDetector], ...]
    release: Release | None = None

    def describe(self) -> tuple[Detector, ...]:
        return tuple(detector.describe() for _, detector in self.members)

    @property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        return tuple(self.release.shortfalls) if self.release else ()

    def find(
        self, picture: Picture, only: Collection[str] | None = None
    ) -> Iterator[tuple[str, list[Finding]]]:
        """What each detector of the picture's look finds there, by the detector's name.

        With `only`, those of these names and those that read. Raises `Quarantined` where one stops; with a
        `release`, that one is noted and has found nothing.
        """
        very_large = picture.width * picture.height > VERY_LARGE
        memory.keep(memory.LITTLE if very_large else memory.MUCH)
        for entry, detector in self.members:
            if picture.look in entry.looks and (only is None or entry.reads or entry.name in only):
                yield entry.name, self._found(entry.name, detector, picture)

    def pass_over(self, reason: Quarantined, detector: str = "") -> None:
        """Raises the reason, or notes it where a person answers for the picture."""
        _pass_over(reason, self.release, detector)

    def _found(self, name: str, detector: PictureDetector, picture: Picture) -> list[Finding]:
        try:
            return detector.find(picture)
        except Quarantined as reason:
            self.pass_over(reason, name)
            return []
        except Exception as error:
            # Whatever the reason, the picture was not looked at. Only the error's kind is named: its text may
            # hold what was read.
            failed = Quarantined(
                "detector_failed",
                f"The detector {name} stopped with {type(error).__name__}. Try again; if it happens again, a "
                "person has to redact the picture by hand.",
            )
            if self.release is None:
                raise failed from error
            self.release.note(failed, name)
            return []
        finally:
            if picture.width * picture.height > LARGE:
                memory.give_back()


def ready(profile: RedactionProfile, release: Release | None = None) -> Ensemble:
    """The detectors that the profile asks for, loaded.

    Raises `Quarantined` where one is not to be had; with a `release`, that one is noted and left out.
    """
    try:
        check_kinds(profile)
    except Quarantined as reason:
        _pass_over(reason, release)
    members: list[tuple[Entry, PictureDetector]] = []
    for entry in wanted(profile):
        try:
            members.append((entry, _load(entry)))
        except Quarantined as reason:
            _pass_over(reason, release, entry.name)
    return Ensemble(tuple(members), release)


def _pass_over(reason: Quarantined, release: Release | None, detector: str = "") -> None:
    if release is None:
        raise reason
    release.note(reason, detector)


def _load(entry: Entry) -> PictureDetector:
    try:
        return loaded(entry)
    except Quarantined:
        raise
    except WeightsUnavailable as error:
        raise Quarantined("detector_missing", f"The detector {entry.name} did not load. {error}") from error
    except Exception as error:
        # Whatever the reason, a detector that did not load has hidden nothing.
        raise Quarantined(
            "detector_missing",
            f"The detector {entry.name} did not load ({type(error).__name__}). Run `omnigov doctor`, mend "
            "what it names, and try again.",
        ) from error


def check_kinds(profile: RedactionProfile) -> None:
    """A kind that no detector knows would stay visible without a word."""
    if not profile.text:
        return
    from workers.redaction.language.analysis import KINDS

    unknown = sorted(set(profile.entities) - KINDS)
    if unknown:
        raise Quarantined(
            "unknown_kind",
            f"The profile is to hide {', '.join(unknown)}, which no detector finds. Correct the profile.",
        )
