"""A name that was refused too often is locked for the address, on the record, and for a while."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from axes.models import AccessAttempt
from django.test import AsyncClient, Client

from omnigov.accounts.locks import locks_lift
from omnigov.accounts.models import SignInLock
from omnigov.keeper import locks
from omnigov.ledger.models import LedgerEntry
from tests.conftest import Cast

WRONG = "wrong"
ADDRESS, ELSEWHERE = "203.0.113.77", "203.0.113.78"
SENTENCE = "Too many sign-ins with this name were refused. Try again in 15 minutes"


@pytest.fixture(autouse=True)
def nobody_else(db: None) -> None:
    SignInLock.objects.all().delete()
    AccessAttempt.objects.all().delete()


def sign_in(name: str, password: str = WRONG, *, address: str = ADDRESS) -> Any:
    return Client(REMOTE_ADDR=address).post("/sign-in/", {"username": name, "password": password})


def records(kind: str) -> list[dict[str, Any]]:
    found = LedgerEntry.objects.filter(kind=kind).order_by("seq")
    return [json.loads(bytes(entry.body)) for entry in found]


def later(minutes: float) -> None:
    """As if that long had passed."""
    step = timedelta(minutes=minutes)
    for lock in SignInLock.objects.all():
        SignInLock.objects.filter(pk=lock.pk).update(until=lock.until - step)
    for attempt in AccessAttempt.objects.all():
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=attempt.attempt_time - step)


def test_a_lock_is_one_entry_and_its_end_another(cast: Any) -> None:
    for number in range(1, 9):
        answer = sign_in(cast.officer.username)
        assert answer.status_code == (429 if number >= 5 else 200)
    assert SENTENCE in answer.content.decode()
    assert sign_in(cast.officer.username, "a good password").status_code == 429
    begun = records("sign_in_locked")
    assert [entry["subject"] for entry in begun] == [str(cast.officer.pk)]
    assert begun[0]["record"]["refusals"] == 5
    assert len(records("sign_in_refused")) == 4
    locks.end(threading.Event())
    assert records("sign_in_unlocked") == []
    later(16)
    locks.end(threading.Event())
    (ended,) = records("sign_in_unlocked")
    assert ended["record"] == {
        "lock": begun[0]["record"]["lock"],
        "known": True,
        "refused": 4,
        "lifted": False,
    }
    assert not SignInLock.objects.exists()
    assert not AccessAttempt.objects.exists()
    assert sign_in(cast.officer.username, "a good password").status_code == 302


def test_a_name_that_nobody_has_is_locked_alike(cast: Cast) -> None:
    for _ in range(6):
        answer = sign_in("nobody-of-that-name")
    assert (answer.status_code, SENTENCE in answer.content.decode()) == (429, True)
    (begun,) = records("sign_in_locked")
    assert (begun["record"]["known"], begun["workspace"]) == (False, None)
    assert begun["subject"] == begun["record"]["lock"]


def test_another_address_and_another_name_are_not_locked(cast: Any) -> None:
    for _ in range(6):
        sign_in(cast.officer.username)
    assert sign_in(cast.operator.username, "a good password").status_code == 302
    assert sign_in(cast.officer.username, "a good password", address=ELSEWHERE).status_code == 302


def test_a_sign_in_that_works_begins_the_count_anew(cast: Any) -> None:
    for _ in range(2):
        for _ in range(4):
            sign_in(cast.officer.username)
        assert sign_in(cast.officer.username, "a good password").status_code == 302
    assert records("sign_in_locked") == []


def test_neither_name_nor_address_is_kept(cast: Any) -> None:
    for _ in range(6):
        sign_in("my-secret-password")
    kept = json.dumps([*AccessAttempt.objects.values(), *SignInLock.objects.values()], default=str)
    kept += "".join(
        bytes(entry.body).decode() for entry in LedgerEntry.objects.filter(kind__startswith="sign")
    )
    for typed in ("my-secret-password", ADDRESS, "wrong"):
        assert typed not in kept
    assert AccessAttempt.objects.get().user_agent == ""


def test_an_administrator_lifts_it(cast: Any) -> None:
    for _ in range(6):
        sign_in(cast.officer.username)
    assert locks_lift(cast.officer) == 1
    assert records("sign_in_unlocked")[0]["record"]["lifted"] is True
    assert sign_in(cast.officer.username, "a good password").status_code == 302


def test_a_name_counts_as_the_form_reads_it(cast: Any) -> None:
    """Spaces around it, or wide letters: it is the same person, on the record too."""
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in cast.officer.username)
    for typed in (f"  {cast.officer.username} ", wide, cast.officer.username) * 2:
        answer = sign_in(typed)
    assert (answer.status_code, SENTENCE in answer.content.decode()) == (429, True)
    assert [entry["record"]["known"] for entry in records("sign_in_refused")] == [True] * 4
    assert [entry["subject"] for entry in records("sign_in_locked")] == [str(cast.officer.pk)]
    assert SENTENCE in sign_in(f" {wide}").content.decode()
    assert locks_lift(cast.officer) == 1


def test_it_says_so_in_japanese(cast: Any) -> None:
    client = Client(REMOTE_ADDR=ADDRESS, HTTP_ACCEPT_LANGUAGE="ja")
    for _ in range(5):
        answer = client.post("/sign-in/", {"username": cast.officer.username, "password": "wrong"})
    assert "分後にもう一度" in answer.content.decode()


def test_it_says_so_behind_an_asynchronous_server_too(cast: Any) -> None:
    client = AsyncClient()
    for _ in range(6):
        answer = async_to_sync(client.post)(
            "/sign-in/", {"username": cast.officer.username, "password": WRONG}
        )
    assert (answer.status_code, SENTENCE in answer.content.decode()) == (429, True)
