"""The page of a decision as the server served it: what was in it, and which verdict was the newest on it.

The page carries this with it, signed, and a verdict that is given on it brings it back. So the record says
what really was in the page, and a verdict on a decision that moved meanwhile is noticed. It says nothing of
what was looked at: a page can be served and not be read. What of it was displayed, the page measures
itself (`displayed`), bound to the mark that it was served with.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.core import signing

from omnigov.accounts.models import User
from omnigov.decisions.models import Decision

_SALT = "omnigov.review.served"
MOST = 400
"""Codes of parts that an entry of the record takes: it is no larger than 64 KiB."""


class NotServed(ValueError):
    """What came back with the form is not what a page of this decision took along for this person."""


@dataclass(frozen=True)
class Served:
    """`parts` are codes such as `redacted_copy`; `newest` is the newest verdict on the page, if any.

    `page` is the mark of this page, and `since` when it was served, in seconds; empty and 0: neither.
    """

    parts: tuple[str, ...] = ()
    newest: uuid.UUID | None = None
    page: str = ""
    since: int = 0

    def with_parts(self, more: Iterable[str]) -> Served:
        """What the page has in it once more of the document or text was put in; never more than `MOST`."""
        added = tuple(part for part in dict.fromkeys(more) if part not in self.parts)
        return replace(self, parts=(self.parts + added)[:MOST])


def signed(served: Served, *, decision: Decision, person: User) -> str:
    """What the page takes along."""
    value = {
        "decision": str(decision.id),
        "person": str(person.id),
        "parts": served.parts,
        "newest": str(served.newest) if served.newest else None,
        "page": served.page or uuid.uuid4().hex,
        "since": served.since or int(time.time()),
    }
    return signing.dumps(value, salt=_SALT)


def read(text: str, *, decision: Decision, person: User) -> Served:
    """What the page took along. Raises `NotServed`, also for another decision's or another person's page."""
    try:
        value = signing.loads(text, salt=_SALT)
    except signing.BadSignature as error:
        raise NotServed("The page's own statement is missing or was changed.") from error
    if (value["decision"], value["person"]) != (str(decision.id), str(person.id)):
        raise NotServed("The page was served for another decision, or to another person.")
    newest = uuid.UUID(value["newest"]) if value["newest"] else None
    # A page that was open while the product was upgraded has neither mark nor time.
    page, since = value.get("page", ""), value.get("since", 0)
    return Served(parts=tuple(value["parts"]), newest=newest, page=page, since=since)
