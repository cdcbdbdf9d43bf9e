"""Carries out what the erasure journal says and the database or the disk does not.

What was carried out and found to hold is not done again at each look: only lines that are new, and those that
did not go through. From time to time, and at the start, the whole journal is held against what is there: that
is how an erasure outlives a backup that is played back.
"""

from __future__ import annotations

import threading
import time

from django.conf import settings

from omnigov.erasure import journal
from omnigov.erasure.replaying import line_carry_out, standing
from omnigov.keeper.job import Job, each_alone

NAME = "erasures"
WHOLE_EVERY = 3600.0
AT_ONCE = 500


class Replay:
    """Remembers how far the journal was carried out."""

    def __init__(self) -> None:
        self._mark = 0
        self._whole_at = 0.0
        self._again: list[journal.Line] = []

    def __call__(self, leaving: threading.Event) -> int:
        """Carries out what is new; how many media were erased."""
        if not self._whole_at or time.monotonic() - self._whole_at > WHOLE_EVERY:
            self._mark, self._whole_at = 0, time.monotonic()
            self._again = []
        lines, mark = journal.lines_from(self._mark)
        waiting = [*self._again, *lines]
        again: list[journal.Line] = []
        done = 0
        while waiting:
            some, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
            if leaving.is_set():
                self._whole_at = 0.0
                return done
            undone = standing(some)
            done += each_alone(NAME, undone, line_carry_out, leaving)
            again += standing(undone)
        # Not before: where the database goes away in between, all of it waits for the next round.
        self._mark, self._again = mark, again
        return done


JOB = Job(NAME, settings.OMNIGOV_SWEEP_SECONDS, Replay())
