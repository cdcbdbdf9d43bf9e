"""A job does each item alone: what is wrong with one is kept, and the next one is done."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.backends.postgresql.base import DatabaseWrapper
from pytest_django import Settings

from omnigov.commands import doctor
from omnigov.decisions.live_workers import worker_seen
from omnigov.keeper import keeper
from omnigov.keeper.faults import fault_note, faults, faults_forget
from omnigov.keeper.job import Job, JobThread, alone_meanwhile, each_alone, only_one
from omnigov.keeper.models import JobFault

pytestmark = pytest.mark.services


class Unopened(RuntimeError):
    """An error of ours: its text is a sentence."""


Unopened.__module__ = "omnigov.somewhere"


def test_the_lock_of_long_work_is_in_no_transaction(committed: None) -> None:
    """A night's check takes hours, and databases end what idles in a transaction for long."""
    with alone_meanwhile("test") as mine:
        assert mine
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT state FROM pg_stat_activity WHERE pid IN "
                "(SELECT pid FROM pg_locks WHERE locktype = 'advisory') AND pid <> pg_backend_pid()"
            )
            assert {state for (state,) in cursor.fetchall()} == {"idle"}
        with alone_meanwhile("test") as another:
            assert not another
        with transaction.atomic():
            assert not only_one("test")
    with alone_meanwhile("test") as again, alone_meanwhile("other") as other:
        assert again
        assert other


def at_once(subject: str) -> None:
    """As if the pause before the next try were over."""
    JobFault.objects.filter(subject=subject).update(next_at="2020-01-01T00:00:00Z")


def test_the_fault_of_one_is_kept_and_the_next_one_is_done(db: None) -> None:
    done: list[str] = []

    def work(item: str) -> None:
        if item == "b":
            raise Unopened("The seal of b does not open.")
        done.append(item)

    assert each_alone("test", "abc", work) == 2
    assert done == ["a", "c"]
    (fault,) = faults()
    assert (fault.job, fault.subject, fault.sentence, fault.times) == (
        "test",
        "b",
        "The seal of b does not open.",
        1,
    )


def test_what_an_item_wrote_before_its_fault_is_undone(db: None) -> None:
    def work(item: str) -> None:
        JobFault.objects.create(job="other", subject=item, sentence=".", next_at="2020-01-01T00:00:00Z")
        raise Unopened("It stops half-way.")

    each_alone("test", "a", work)
    assert not JobFault.objects.filter(job="other").exists()


def test_it_is_tried_again_after_a_pause_that_grows_and_cleared_when_it_goes_well(db: None) -> None:
    tried: list[str] = []

    def work(item: str) -> None:
        tried.append(item)
        if len(tried) < 3:
            raise Unopened("Not yet.")

    each_alone("test", "a", work)
    each_alone("test", "a", work)
    assert tried == ["a"], "its pause is not over"
    first = JobFault.objects.get()
    at_once("a")
    each_alone("test", "a", work)
    second = JobFault.objects.get()
    assert second.times == 2
    assert second.next_at - second.last_at > first.next_at - first.last_at
    at_once("a")
    assert each_alone("test", "a", work) == 1
    assert not faults().exists()


def test_of_an_error_that_is_not_ours_only_the_kind_is_told(db: None) -> None:
    fault = fault_note("test", "a", ValueError("Hanako Tanaka, 03-1234-5678"))
    assert "Hanako" not in fault.sentence
    assert "ValueError" in fault.sentence


def test_a_database_that_is_away_is_no_items_fault(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DatabaseWrapper, "is_usable", lambda _: False)

    def work(_: str) -> None:
        raise OperationalError("the connection is closed")

    with pytest.raises(OperationalError):
        each_alone("test", "a", work)
    assert not faults().exists()


def test_an_item_that_the_database_refuses_keeps_no_other_waiting(db: None) -> None:
    done: list[str] = []

    def work(item: str) -> None:
        if item == "a":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = '50ms'")
                cursor.execute("SELECT pg_sleep(5)")
        done.append(item)

    assert each_alone("test", "ab", work) == 1
    assert done == ["b"]
    assert faults().get(job="test").subject == "a"


def test_two_keepers_do_not_do_the_same_job_at_once(committed: None) -> None:
    held, go_on = threading.Event(), threading.Event()

    def other() -> None:
        with transaction.atomic():
            assert only_one("test of two")
            held.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    assert held.wait(10)
    assert each_alone("test of two", "abc", lambda _: None) == 0
    go_on.set()
    thread.join()
    assert each_alone("test of two", "abc", lambda _: None) == 3


def test_no_fault_ends_a_jobs_thread(committed: None) -> None:
    rounds: list[int] = []

    def work(_: threading.Event) -> None:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise Unopened("The first round fails.")
        if len(rounds) == 2:
            assert JobFault.objects.get(job="stubborn", subject="").sentence == "The first round fails."

    thread = JobThread(Job("stubborn", 0.01, work))
    thread.start()
    deadline = time.monotonic() + 20
    while len(rounds) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    thread.leave()
    thread.join(10)
    assert len(rounds) >= 3
    assert not JobFault.objects.filter(job="stubborn").exists()


def test_a_fault_of_a_keeper_before_is_cleared_when_the_job_goes_well(committed: None) -> None:
    fault_note("mended", "", "It did not go through, and the keeper was started again.")
    rounds = threading.Event()
    thread = JobThread(Job("mended", 0.01, lambda _: rounds.set()))
    thread.start()
    assert rounds.wait(20)
    thread.leave()
    thread.join(10)
    assert not JobFault.objects.filter(job="mended").exists()


def test_a_fault_that_nobody_tries_again_is_forgotten(db: None) -> None:
    fault_note("test", "gone", "Its medium was erased meanwhile.")
    fault_note("test", "here", "It is tried again.")
    JobFault.objects.filter(subject="gone").update(last_at="2020-01-01T00:00:00Z")
    assert faults_forget() == 1
    assert [fault.subject for fault in faults()] == ["here"]


def test_every_job_has_a_name_of_its_own_and_cosigning_is_one_where_there_are_witnesses(
    settings: Settings,
) -> None:
    settings.OMNIGOV_WITNESSES = "[]"
    names: Any = [job.name for job in keeper.jobs()]
    assert len(names) == len(set(names))
    assert "cosigning" in names
    settings.OMNIGOV_WITNESSES = ""
    assert "cosigning" not in [job.name for job in keeper.jobs()]


def test_the_doctor_shows_what_does_not_go_through_and_why_a_worker_does_not_work(db: None) -> None:
    assert [check["ok"] for check in doctor._at_work()] == [True]
    fault_note("uploads", "7f3c", Unopened("The seal of 7f3c does not open."))
    worker_seen(name="host:1:cpu1", queue="cpu", trouble="The detector text did not load.")
    upload, worker = doctor._at_work()
    assert not upload["ok"]
    assert upload["check"] == "keeper, uploads 7f3c"
    assert upload["found"].startswith("The seal of 7f3c does not open. (1 times since ")
    assert (worker["ok"], worker["found"]) == (False, "The detector text did not load.")
