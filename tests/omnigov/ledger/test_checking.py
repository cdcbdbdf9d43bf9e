"""Checks on a schedule, and what they leave."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from omnigov.keeper import checking as keeper_checking
from omnigov.ledger import checking
from omnigov.ledger.check import CheckReport, check
from omnigov.ledger.checking import checked, due, newest_check
from omnigov.ledger.models import LedgerCheck
from tests.omnigov.ledger.conftest import Log
from tests.omnigov.ledger.test_check import tamper

pytestmark = pytest.mark.services


def test_a_later_check_reads_what_came_since(log: Log) -> None:
    log.grow(300)
    assert checked().entries == 300
    log.grow(5)
    log.grow(260)
    report = checked(full=False)
    assert (report.ok, report.since, report.entries, report.size) == (True, 300, 265, 565)
    rows = LedgerCheck.objects.order_by("id").values_list("full", "size", "problems_count")
    assert list(rows) == [(True, 300, 0), (False, 565, 0)]
    assert bytes(newest_check().root).hex() == check().root  # type: ignore[union-attr]


def test_without_an_earlier_one_it_is_full(log: Log) -> None:
    log.grow(3)
    assert checked(full=False).since == 0
    assert newest_check().full  # type: ignore[union-attr]


def test_nothing_new_is_a_check_too(log: Log) -> None:
    log.grow(3)
    checked()
    report = checked(full=False)
    assert (report.ok, report.entries, report.since) == (True, 0, 3)


@pytest.mark.parametrize("size", [256, 300])
def test_a_later_check_finds_what_was_changed_since(log: Log, size: int) -> None:
    log.grow(size)
    checked()
    log.grow(4)
    tamper(f"UPDATE ledger_entry SET body = body || 'x' WHERE seq = {size + 2}")  # noqa: S608 - a number
    report = checked(full=False)
    assert {problem.check for problem in report.problems} >= {"entry"}
    assert newest_check().problems_count == len(report.problems)  # type: ignore[union-attr]
    # A bad check is nothing to begin at: the next one finds it again.
    assert not checked(full=False).ok


def test_a_later_check_finds_tiles_that_lead_elsewhere(log: Log) -> None:
    log.grow(300)
    checked()
    tamper("UPDATE ledger_tile SET data = decode(repeat('00', 32 * width), 'hex')")
    (problem,) = checked(full=False).problems
    assert "do not lead to the root that a check found" in problem.detail


def test_what_a_check_found_can_t_be_changed(log: Log) -> None:
    log.grow(1)
    checked()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_check SET problems_count = 0")


def test_when_a_check_is_due(log: Log, settings: Any) -> None:
    settings.OMNIGOV_CHECK_SECONDS = 600
    now = datetime.now(UTC)
    assert due(now) == ""  # there is nothing to check
    log.grow(1)
    assert due(now) == "full"
    checked()
    settings.OMNIGOV_CHECK_HOUR = 99
    assert due(now) == ""
    assert due(now + timedelta(minutes=11)) == "later"
    assert due(now + timedelta(hours=49)) == "full"
    later = now + timedelta(hours=21)
    settings.OMNIGOV_CHECK_HOUR = checking.timezone.localtime(later).hour
    assert due(later) == "full"
    assert due(now + timedelta(hours=5)) == "later"


def test_the_keeper_checks_when_it_is_due(log: Log, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OMNIGOV_CHECK_SECONDS = 600
    log.grow(2)
    told = list[CheckReport]()
    monkeypatch.setattr(keeper_checking, "COMPARISONS", (told.append,))
    leaving = threading.Event()
    keeper_checking.check_when_due(leaving)
    keeper_checking.check_when_due(leaving)
    assert LedgerCheck.objects.count() == 1, "the second one was not due yet"
    settings.OMNIGOV_CHECK_SECONDS = 0
    keeper_checking.check_when_due(leaving)
    assert LedgerCheck.objects.filter(problems_count=0).count() == 2
    assert len(told) == 1  # the comparisons belong to a full check
