"""Many sign-ins that are refused at one moment begin one lock."""

from __future__ import annotations

import contextlib
import threading
from datetime import datetime

import pytest
from axes.models import AccessAttempt
from django.db import connections
from django.test import Client
from django.utils import timezone

from omnigov.accounts import locks
from omnigov.accounts.models import SignInLock
from omnigov.ledger.models import LedgerEntry

AT_ONCE = 4


@pytest.mark.usefixtures("committed")
def test_they_begin_one_lock_and_none_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = LedgerEntry.objects.filter(kind="sign_in_locked").count()
    answers: list[int] = []
    together = threading.Barrier(AT_ONCE)

    class Clock:
        """All look at the clock, and so for a lock, at one moment."""

        @staticmethod
        def now() -> datetime:
            with contextlib.suppress(threading.BrokenBarrierError):
                together.wait(10)
            return timezone.now()

    def refused() -> int:
        client = Client(REMOTE_ADDR="203.0.113.90", raise_request_exception=False)
        answer = client.post("/sign-in/", {"username": "nobody-at-once", "password": "wrong"})
        return int(answer.status_code)

    def at_once() -> None:
        try:
            answers.append(refused())
        finally:
            connections.close_all()

    try:
        assert [refused() for _ in range(4)] == [200] * 4
        monkeypatch.setattr(locks, "timezone", Clock)
        threads = [threading.Thread(target=at_once) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [429] * AT_ONCE
        assert LedgerEntry.objects.filter(kind="sign_in_locked").count() == begun + 1
        assert SignInLock.objects.get().refused == AT_ONCE - 1
    finally:
        SignInLock.objects.all().delete()
        AccessAttempt.objects.all().delete()
