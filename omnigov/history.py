"""The history of ordinary tables: each change of a row is a row that a trigger adds, and nobody changes.

The ledger proves what was done; this shows what a table said at any moment, and what somebody changed in it
behind the product's back. Nothing about a medium's content is kept here: an erasure has nothing to reach.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pghistory
from django.db.models import Model

M = TypeVar("M", bound=Model)


def tracked(*, without: tuple[str, ...] = (), table: str = "") -> Callable[[type[M]], type[M]]:
    """Keeps the history of a model's rows, all its fields but those named, in a table of its own.

    `table` names it where it is not made from the model's name.
    """
    track: Callable[[type[M]], type[M]] = pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        exclude=list(without),
        meta={"db_table": table} if table else {},
    )
    return track
