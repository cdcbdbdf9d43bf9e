"""A timed pass: lets one person see one thing for some minutes, after the record says that they may.

It is signed with the site's secret and carries when it ends, so nothing has to be kept for it, and an address
that is found later opens nothing.
"""

from __future__ import annotations

import time
from uuid import UUID

from django.core import signing

#: How long an officer may look at what they gave a reason for.
VIEW_SECONDS = 300
_SALT = "omnigov.pass"


def handed_out(thing: str, person: UUID) -> str:
    """The pass, to be put into an address. `thing` says of what kind it is and which one, as `original:…`."""
    until = int(time.time()) + VIEW_SECONDS
    return signing.dumps({"thing": thing, "person": str(person), "until": until}, salt=_SALT)


def seconds_left(pass_: str, thing: str, person: UUID) -> int:
    """For how long it holds: 0 for another thing or person, a forged pass and one that ran out."""
    try:
        found = signing.loads(pass_, salt=_SALT)
    except signing.BadSignature:
        return 0
    if (found["thing"], found["person"]) != (thing, str(person)):
        return 0
    return max(0, int(found["until"] - time.time()))
