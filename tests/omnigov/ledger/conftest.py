"""A database of its own for each ledger test: what is on the record can't be cleaned away between tests."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connections, transaction
from django.test import override_settings
from psycopg import sql
from pytest_django import DjangoDbBlocker

from omnigov.contracts import LabelScore, ModelVersion, Stage, WeightFile
from omnigov.ledger import keys, schemas, sequencer, services
from omnigov.ledger.models import LedgerEntry

ALIASES = ("default", "owner")
ORIGIN = "test.example/log"
Server = psycopg.Connection[tuple[object, ...]]


def _server() -> Server:
    """The database server as the owner, outside of any test's database."""
    parameters = connections["owner"].get_connection_params() | {"dbname": "postgres"}
    wanted = {
        name: parameters[name]
        for name in ("dbname", "user", "password", "host", "port")
        if name in parameters
    }
    return psycopg.connect(**wanted, autocommit=True)


def _create(server: Server, template: str) -> str:
    name = f"omnigov_ledger_{uuid4().hex}"
    both = sql.Identifier(name), sql.Identifier(template)
    server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*both))
    return name


def _drop(server: Server, name: str) -> None:
    """A closed connection's server process ends a moment later, and the owner may not end it."""
    deadline = time.monotonic() + 10
    while True:
        try:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        except psycopg.errors.ObjectInUse:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


@contextlib.contextmanager
def _used(name: str, keys_folder: Path) -> Iterator[None]:
    """Point both roles to the database of this name, and the log to the key of this folder."""
    before = connections["owner"].settings_dict["NAME"]
    with override_settings(OMNIGOV_KEYS_DIR=keys_folder, OMNIGOV_LOG_ORIGIN=ORIGIN):
        try:
            for alias in ALIASES:
                connections[alias].close()
                connections[alias].settings_dict["NAME"] = name
            yield
        finally:
            for alias in ALIASES:
                connections[alias].close()
                connections[alias].settings_dict["NAME"] = before
            keys._signer.cache_clear()


@pytest.fixture(scope="session")
def empty_template(django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database with the ledger's tables, which nobody is connected to."""
    with django_db_blocker.unblock(), _server() as server:
        name = _create(server, "template0")
        with _used(name, Path("unused")):
            for app in ("ledger", "keeper"):  # the keeper's own table, where its jobs work on the ledger
                call_command("migrate", app, database="owner", verbosity=0, skip_checks=True)
    yield name
    with django_db_blocker.unblock(), _server() as server:
        _drop(server, name)


@pytest.fixture(scope="session")
def long_template(
    empty_template: str, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """A database with a log of 300 entries and one more, and the folder of its key."""
    folder = tmp_path_factory.mktemp("keys")
    with django_db_blocker.unblock(), _server() as server:
        name = _create(server, empty_template)
        with _used(name, folder):
            Log(name).grow(300)
            Log(name).grow(1)
    yield name, folder
    with django_db_blocker.unblock(), _server() as server:
        _drop(server, name)


@pytest.fixture
def log(empty_template: str, django_db_blocker: DjangoDbBlocker, tmp_path: Path) -> Iterator[Log]:
    """An empty log with a key of its own, used as the application's role uses it."""
    with django_db_blocker.unblock(), _server() as server:
        name = _create(server, empty_template)
        with _used(name, tmp_path / "keys"):
            yield Log(name)
        _drop(server, name)


@pytest.fixture
def long_log(long_template: tuple[str, Path], django_db_blocker: DjangoDbBlocker) -> Iterator[Log]:
    """A log of 301 entries under two checkpoints."""
    template, folder = long_template
    with django_db_blocker.unblock(), _server() as server:
        name = _create(server, template)
        with _used(name, folder):
            yield Log(name)
        _drop(server, name)


@pytest.fixture
def as_owner(log: Log) -> Iterator[Callable[[], None]]:
    """Makes the product run as the owner of the tables, as it should not."""
    default, owner = (connections[alias].settings_dict for alias in ALIASES)
    before = {name: default[name] for name in ("USER", "PASSWORD")}

    def switch() -> None:
        connections["default"].close()
        default.update({name: owner[name] for name in before})

    yield switch
    connections["default"].close()
    default.update(before)


class Log:
    """Appends real entries."""

    workspace = UUID(int=7)

    def __init__(self, database: str) -> None:
        self.database = database

    def urls(self) -> dict[str, str]:
        """The environment for another process of the product that uses this log."""
        environment = {}
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
            parts = urlsplit(os.environ[name])
            environment[name] = urlunsplit(parts._replace(path=f"/{self.database}"))
        environment["OMNIGOV_KEYS_DIR"] = str(django_settings.OMNIGOV_KEYS_DIR)
        environment["OMNIGOV_LOG_ORIGIN"] = django_settings.OMNIGOV_LOG_ORIGIN
        return {**os.environ, **environment}

    def append(
        self, count: int = 1, *, subject: UUID | None = None, workspace: UUID | None = None
    ) -> list[LedgerEntry]:
        """Decisions in one transaction, each of a run of its own unless `subject` is given."""
        with transaction.atomic():
            return [
                services.append(
                    kind="decision",
                    body=decision(),
                    workspace=workspace or self.workspace,
                    subject=subject or uuid4(),
                    idempotency_key=f"test:{uuid4()}",
                )
                for _ in range(count)
            ]

    def grow(self, count: int) -> list[LedgerEntry]:
        """Append and integrate under one checkpoint."""
        made = self.append(count)
        assert sequencer.integrate() == count
        return made


def decision(seed: int = 1) -> schemas.Decision:
    digest = "0123456789abcdef" * 4
    return schemas.Decision(
        asset=digest,
        redacted=digest,
        findings=digest,
        findings_count=3,
        redaction_revision=digest,
        policy=digest,
        model=ModelVersion(
            name="smollm2-efficientnet",
            stage=Stage.IMAGE_TEXT,
            config_digest=digest,
            files=(WeightFile(name="connector.safetensors", role="connector", sha256=digest),),
        ),
        code_version="0.1.0+source.0123456789abcdef",
        libraries={"torch": "2.13.0", "transformers": "5.0.0"},
        device="cpu",
        dtype="float32",
        seed=seed,
        stage=Stage.IMAGE_TEXT,
        prompt=digest,
        label="animal",
        scores=(
            LabelScore(label="animal", log_likelihood=-120_000, probability=700_000),
            LabelScore(label="plant", log_likelihood=-980_000, probability=300_000),
        ),
        confidence=700_000,
        confidence_kind="uncalibrated",
        abstained=False,
        reasons=digest,
        attribution=digest,
        attribution_method="integrated_gradients",
        attribution_missing=None,
        review_rules=(),
        durations={"redact": 120, "infer": 800},
        parent=None,
    )
