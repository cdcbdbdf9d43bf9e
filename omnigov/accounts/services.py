"""All that writes people and workspaces."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from omnigov.accounts.models import Membership, User, Workspace
from omnigov.keys import keyring


@transaction.atomic
def workspace_create(*, name: str, slug: str) -> Workspace:
    """A workspace with a fresh digest key. The slug must be new."""
    workspace = Workspace(name=name, slug=slug)
    workspace.wrapped_key = keyring().wrap(keyring().fresh(), purpose=f"workspace:{workspace.id}")
    workspace.save(force_insert=True)
    return workspace


@transaction.atomic
def person_add(
    *, workspace: Workspace, username: str, password: str, role: str, language: str = "en"
) -> User:
    """Makes the person, or gives a known one a role here. A known person's password stays as it is."""
    user = User.objects.filter(username=username).first()
    if user is None:
        user = User.objects.create_user(username=username, password=password, language=language)
    Membership.objects.update_or_create(workspace=workspace, user=user, defaults={"role": role})
    return user


@transaction.atomic
def password_set(*, user: User, password: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])


@transaction.atomic
def language_set(*, user: User, language: str) -> None:
    """Remembers the language in which the person reads. One that the product does not speak is ignored."""
    if language in dict(settings.LANGUAGES):
        user.language = language
        user.save(update_fields=["language"])
