"""Who signs in, and who may do what."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from omnigov.ledger.schemas.base import Code, Count, Forgetting, Record


class SignIn(Record):
    """A person signed in. The subject is the person."""

    kind: ClassVar[str] = "sign_in"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)


class SignInRefused(Record):
    """Somebody was not let in. The subject is the person whose name was given; where nobody has that name,
    an id of its own: what was typed may be a password in the wrong field."""

    kind: ClassVar[str] = "sign_in_refused"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    known: bool = Field(description="whether the name is a person's")
    code: Code


class SignInLocked(Record):
    """A name may not sign in from an address for a while. The subject is the person; where nobody has that
    name, the lock."""

    kind: ClassVar[str] = "sign_in_locked"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    lock: UUID
    known: bool = Field(description="whether the name is a person's")
    refusals: Count = Field(description="that it took")
    seconds: Count = Field(description="for which it lasts, if nobody lifts it")


class SignInUnlocked(Record):
    """Such a lock ended. The subject is that of the entry that began it."""

    kind: ClassVar[str] = "sign_in_unlocked"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    lock: UUID
    known: bool = Field(description="whether the name is a person's")
    refused: Count = Field(description="tries while it lasted, none of which was looked at")
    lifted: bool = Field(description="whether an administrator ended it before its time")


class SignOut(Record):
    """A person signed out. The subject is the person."""

    kind: ClassVar[str] = "sign_out"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)


class PasswordSet(Record):
    """A person has another password. The subject is the person."""

    kind: ClassVar[str] = "password_set"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    by: UUID | None = Field(description="who set it; null for the command line")


class RoleGiven(Record):
    """A person's role in the workspace. The subject is the person."""

    kind: ClassVar[str] = "role_given"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    role: Code
    before: Code | None = Field(description="null where the person is new here")
    by: UUID | None = Field(description="who gave it; null for the command line")
