"""What all records share: frozen, no unknown fields, one digest.

Whatever ends up on the record is an integer: scores, confidences and shares are in *millionths*
(0 … 1 000 000), lengths in pixels of the upright picture, durations in milliseconds. RFC 8785 could carry
floats, but two languages rarely print one alike.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    SerializerFunctionWrapHandler,
    model_serializer,
)

MILLION = 1_000_000


class Frozen(BaseModel):
    """A record that never changes after it is made; unknown fields are an error, not a surprise."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Grown(Frozen):
    """A record that got fields later. With their defaults it is written, and digested, as before them."""

    LATER: ClassVar[tuple[str, ...]] = ()

    @model_serializer(mode="wrap")
    def _as_before_later_fields(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = write(self)
        for name in self.LATER:
            field = type(self).model_fields[name]
            if getattr(self, name) == field.get_default(call_default_factory=True):
                del fields[name]
        return fields


def digest_of(record: BaseModel) -> str:
    """SHA-256, in hex, of the record's JSON with sorted keys and no spaces.

    The records hold no floats, and their keys are ASCII, so this is also their RFC 8785 form.
    """
    return digest_of_stored(record.model_dump(mode="json"))


def digest_of_stored(stored: Any) -> str:
    """What `digest_of` said of a record, from the JSON that it was stored as.

    A record that was read from it may have other fields by now; its digest then is another one.
    """
    body = json.dumps(stored, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()
