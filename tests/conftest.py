"""A house of its own for each test session: embedded PostgreSQL and Valkey in a temporary folder.

Tests talk to the database as the product does, as the role that may not change the record. A test that
asks for `db` is rolled back; one that asks for `committed` is not, and works in a workspace of its own,
because nothing may be deleted from the record.
"""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from pytest_django import DjangoDbBlocker, Settings

from omnigov.contracts import ModelVersion, Stage, WeightFile
from omnigov.embedded import running
from tests.measured import measured

_stack = ExitStack()
_var = Path(tempfile.mkdtemp(prefix="omnigov-tests-"))
_stack.callback(shutil.rmtree, _var, ignore_errors=True)
os.environ.update(
    OMNIGOV_VAR=str(_var),
    OMNIGOV_LEASE_SECONDS="3",
    OMNIGOV_SWEEP_SECONDS="1",
    DJANGO_SETTINGS_MODULE="omnigov.settings",
)
# The servers that the environment names are somebody's, or those of the process that handed out the tests.
_ELSEWHERE = (
    *("OMNIGOV_KEYS_DIR", "OMNIGOV_VAULT_DIR", "OMNIGOV_EVIDENCE_DIR", "OMNIGOV_EXPORTS_DIR"),
    *("OMNIGOV_LOG_KEY", "OMNIGOV_ORIGINALS_KEY"),
)
for _name in (*_ELSEWHERE, "DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL"):
    os.environ.pop(_name, None)
os.environ.update(_stack.enter_context(running(_var)).as_environment())

import django  # noqa: E402 - the settings read the environment that was made above

django.setup()

from django.conf import settings as _settings  # noqa: E402

# This process takes databases away and puts them back; those that it starts have pools, as the product has.
_settings.DATABASES["default"]["OPTIONS"].pop("pool", None)


def pytest_configure(config: pytest.Config) -> None:
    """Processes that are handed tests read the settings for themselves, once each has its own house.

    With this variable they would read them before, and all work on this process's database.
    """
    if config.getoption("numprocesses", None):
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def pytest_unconfigure() -> None:
    from django.db import connections

    connections.close_all()
    _stack.close()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> None:
    """Migrates as the owner. The database is this session's own, so none is made beside it."""
    from django.core.management import call_command

    with django_db_blocker.unblock():
        call_command("migrate", database="owner", verbosity=0, interactive=False)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database without a rollback, as a worker or a second process sees it."""
    from django.db import connections

    with django_db_blocker.unblock():
        yield
        connections.close_all()


@pytest.fixture
def owner_connection(django_db_setup: None) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection as the tables' owner, who could do more than the application may."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection:
        yield connection
        connection.rollback()


@pytest.fixture(autouse=True)
def _english() -> None:
    """A page that was asked for in Japanese must not leave the next test Japanese."""
    from django.utils import translation

    translation.deactivate()


@dataclass(frozen=True)
class Cast:
    """The people of the tests, in a workspace with the built-in policies. The outsider has another one."""

    workspace: object
    elsewhere: object
    operator: object
    officer: object
    second_officer: object
    auditor: object
    steward: object
    outsider: object
    policy_version: object


@functools.cache
def _model() -> ModelVersion:
    from omnigov.commands.setup import model_on_disk

    return model_on_disk()


def _any_model() -> ModelVersion:
    """A model version that no file stands for: enough where nothing is inferred."""
    files = (WeightFile(name="weights", role="language_model", sha256="0" * 64),)
    return ModelVersion(name="any", stage=Stage.IMAGE_TEXT, config_digest="0" * 64, files=files)


def _cast(model: ModelVersion) -> Cast:
    from omnigov.accounts.models import User
    from omnigov.accounts.services import person_add, workspace_create
    from omnigov.policies.services import builtin_publish
    from omnigov.registry.services import model_version_register

    mark = uuid.uuid4().hex[:8]
    workspace = workspace_create(name=f"Works {mark}", slug=f"works-{mark}")
    elsewhere = workspace_create(name=f"Elsewhere {mark}", slug=f"elsewhere-{mark}")

    def person(name: str, role: str, where: object = workspace) -> User:
        return person_add(workspace=where, username=f"{name}-{mark}", password="a good password", role=role)  # type: ignore[arg-type]

    model_version_register(model)
    # As a house that has been at work for a while: what is not measured waits for a person, and has tests of
    # its own.
    versions = builtin_publish(workspace=workspace)
    for version in versions:
        measured(version)
    return Cast(
        workspace=workspace,
        elsewhere=elsewhere,
        operator=person("operator", "operator"),
        officer=person("officer", "officer"),
        second_officer=person("second", "officer"),
        auditor=person("auditor", "auditor"),
        steward=person("steward", "steward"),
        outsider=person("outsider", "steward", elsewhere),
        policy_version=versions[0],
    )


@pytest.fixture
def cast(db: None, settings: Settings) -> Cast:
    """The cast, gone after the test. Its passwords are hashed quickly, six of them a test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return _cast(_any_model())


@pytest.fixture
def committed_cast(committed: None) -> Cast:
    """The cast as other processes see it, with the model that is on disk."""
    return _cast(_model())
