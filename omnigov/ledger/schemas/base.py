"""The words that every schema is written in, and what each has to answer."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import Field

from omnigov.contracts import MILLION, Frozen
from omnigov.ledger.canonical import MAX_INTEGER

#: HMAC-SHA-256, in hex, with the asset's commitment key (`omnigov.keys.AssetKeys.commit`).
Commitment = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
#: SHA-256, in hex.
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
#: The leaf hash of another entry, in hex.
LeafHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
#: A code that stands for one reason, such as `detector_missing`.
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
#: What a value is called in its case, such as `PERSON_3`.
Pseudonym = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,39}_[1-9][0-9]{0,9}$")]
#: What a sample is drawn by: digits alone, in which nobody can write a name.
Seed = Annotated[str, Field(pattern=r"^[0-9a-f]{1,64}$")]
Count = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
Share = Annotated[int, Field(ge=0, le=MILLION)]
#: A point in time by RFC 3339, UTC, with microseconds.
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")]
#: A name or version of a thing, never of a person: a method, a package, a device.
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Forgetting(StrEnum):
    """How what an entry says of a medium or a person is forgotten, although the entry stays."""

    #: Commitments under the asset's own key, which an erasure destroys: then they tell nothing any more.
    ASSET_KEY = "asset_key"
    #: A commitment under a key that is kept beside the words, and goes with them.
    KEY_BESIDE = "key_beside"
    #: People are opaque ids. Who one was is in the list of people, and nowhere in the log.
    PERSON_ID = "person_id"
    #: Nothing of it is about a medium or a person.
    NOTHING = "nothing"


class Record(Frozen):
    """A schema. `kind` and `schema_version` say which; `forgotten` says how what it holds is forgotten.

    Each schema answers that for itself: a class without an answer is refused where it is written.
    """

    kind: ClassVar[str]
    schema_version: ClassVar[int] = 1
    forgotten: ClassVar[tuple[Forgetting, ...]]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if not cls.__dict__.get("forgotten"):
            raise TypeError(f"{cls.__name__} does not say how it is forgotten: give it `forgotten`.")
