"""A database of its own for each ledger test: what is on the record can't be cleaned away between tests."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connections, transaction
from psycopg import sql
from pytest_django import DjangoDbBlocker, Settings

from omnigov.contracts import LabelScore, ModelVersion, Stage, WeightFile
from omnigov.ledger import keys, schemas, services
from omnigov.ledger.models import LedgerEntry

TEMPLATE = "omnigov_ledger_tests"
ALIASES = ("default", "owner")
_numbers = itertools.count()


def _server() -> psycopg.Connection[tuple[object, ...]]:
    """The database server as the owner, outside of any test's database."""
    parameters = connections["owner"].get_connection_params() | {"dbname": "postgres"}
    wanted = {
        name: parameters[name]
        for name in ("dbname", "user", "password", "host", "port")
        if name in parameters
    }
    return psycopg.connect(**wanted, autocommit=True)


def _point_to(name: str) -> None:
    for alias in ALIASES:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


def _drop(server: psycopg.Connection[tuple[object, ...]], name: str) -> None:
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


@pytest.fixture(scope="session")
def ledger_template(django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database with the ledger's tables, which nobody is connected to."""
    with django_db_blocker.unblock(), _server() as server:
        before = connections["owner"].settings_dict["NAME"]
        _drop(server, TEMPLATE)
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(TEMPLATE)))
        _point_to(TEMPLATE)
        call_command("migrate", "ledger", database="owner", verbosity=0, skip_checks=True)
        _point_to(before)
        yield TEMPLATE
        _drop(server, TEMPLATE)


@pytest.fixture
def log(
    ledger_template: str,
    django_db_blocker: DjangoDbBlocker,
    settings: Settings,
    tmp_path: Path,
) -> Iterator[Log]:
    """An empty log with a key of its own, used as the application's role uses it."""
    settings.OMNIGOV_KEYS_DIR = tmp_path / "keys"
    settings.OMNIGOV_LOG_ORIGIN = "test.example/log"
    name = f"{ledger_template}_{next(_numbers)}"
    with django_db_blocker.unblock(), _server() as server:
        before = connections["owner"].settings_dict["NAME"]
        _drop(server, name)
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(ledger_template)
            )
        )
        _point_to(name)
        try:
            yield Log(name)
        finally:
            _point_to(before)
            _drop(server, name)
            keys._signer.cache_clear()


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
        """Decisions, each of a run of its own unless `subject` is given, each in a transaction of its own."""
        made = []
        for _ in range(count):
            with transaction.atomic():
                made.append(
                    services.append(
                        kind="decision",
                        body=decision(),
                        workspace=workspace or self.workspace,
                        subject=subject or uuid4(),
                        idempotency_key=f"test:{uuid4()}",
                    )
                )
        return made

    def grow(self, count: int) -> list[LedgerEntry]:
        """Append and integrate under one checkpoint."""
        made = self.append(count)
        assert services.integrate() == count
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
