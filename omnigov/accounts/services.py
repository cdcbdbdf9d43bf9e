"""All that writes people and workspaces."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import transaction

from omnigov.accounts.models import Membership, User, Workspace
from omnigov.keys import fingerprint, keyring
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger


@transaction.atomic
def workspace_create(*, name: str, slug: str) -> Workspace:
    """A workspace with a fresh digest key. The slug must be new."""
    workspace = Workspace(name=name, slug=slug)
    key = keyring().fresh()
    workspace.wrapped_key = keyring().wrap(key, purpose=f"workspace:{workspace.id}")
    workspace.save(force_insert=True)
    made = schemas.KeyMade(use="workspace", fingerprint=fingerprint(key), verifier=None)
    ledger.record(made, workspace=workspace.id, subject=workspace.id)
    return workspace


@transaction.atomic
def person_add(
    *,
    workspace: Workspace,
    username: str,
    password: str,
    role: str,
    language: str = "en",
    by: User | None = None,
) -> User:
    """Makes the person, or gives a known one a role here. A known person's password stays as it is."""
    user = User.objects.filter(username=username).first()
    if user is None:
        user = User.objects.create_user(username=username, password=password, language=language)
    known = Membership.objects.select_for_update().filter(workspace=workspace, user=user).first()
    if known and known.role == role:
        return user
    Membership.objects.update_or_create(workspace=workspace, user=user, defaults={"role": role})
    given = schemas.RoleGiven(role=role, before=known.role if known else None, by=by.id if by else None)
    ledger.record(given, workspace=workspace.id, subject=user.id)
    return user


@transaction.atomic
def password_set(*, user: User, password: str, by: User | None = None) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    body = schemas.PasswordSet(by=by.id if by else None)
    ledger.record(body, workspace=_first_workspace(user), subject=user.id)


def sign_in_record(*, user: User) -> None:
    ledger.record(schemas.SignIn(), workspace=_first_workspace(user), subject=user.id)


def sign_in_refuse(*, username: str, code: str) -> None:
    """Puts on the record that somebody was not let in; never the name that was typed."""
    user = User.objects.filter(username=username).first()
    body = schemas.SignInRefused(known=user is not None, code=code)
    ledger.record(
        body,
        workspace=_first_workspace(user) if user else None,
        subject=user.id if user else uuid.uuid4(),
    )


def sign_out_record(*, user: User) -> None:
    ledger.record(schemas.SignOut(), workspace=_first_workspace(user), subject=user.id)


def _first_workspace(user: User) -> uuid.UUID | None:
    """Where the person's pages begin, whose auditors see the entry; None where there is no workspace."""
    return user.memberships.order_by("id").values_list("workspace", flat=True).first()


@transaction.atomic
def language_set(*, user: User, language: str) -> None:
    """Remembers the language in which the person reads. One that the product does not speak is ignored."""
    if language in dict(settings.LANGUAGES):
        user.language = language
        user.save(update_fields=["language"])
