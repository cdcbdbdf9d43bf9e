"""Sign-ins that were refused too often: a name is locked for an address, for some minutes.

django-axes counts. It is given neither the name nor the address, but what an HMAC under the site's secret
makes of them, and nothing else of the request; so no table holds what was typed or from where. The record has
one entry when a lock begins and one when it ends, however often somebody tried meanwhile.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
from datetime import timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.forms import UsernameField
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from omnigov.accounts.models import SignInLock, User
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger

log = logging.getLogger(__name__)


class Attempts(AxesDatabaseHandler):  # type: ignore[misc]
    """Keeps of a refused sign-in who, from where and how often, both as HMACs, and no header and no form."""

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        if request is not None:
            request.axes_user_agent = request.axes_http_accept = request.axes_path_info = ""
        super().user_login_failed(sender, credentials, request, **kwargs)
        AccessAttempt.objects.exclude(get_data="", post_data="").update(get_data="", post_data="")


def name_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """What stands for the name that was typed."""
    typed = (credentials or {}).get("username") or _typed(request)
    return _hashed("name", str(typed)).hex()


def _typed(request: HttpRequest) -> str:
    """The name as the form reads it: without spaces around it, wide letters as the others."""
    return str(UsernameField().to_python(request.POST.get("username", "")))


def address_of(request: HttpRequest) -> str:
    """What stands for the address that the request came from, in the form of one."""
    return str(ipaddress.IPv6Address(_hashed("address", request.META.get("REMOTE_ADDR") or "")[:16]))


def lock_note(*, request: HttpRequest, username: str, ip_address: str, **_: Any) -> None:
    """Receiver of axes' `user_locked_out`: a lock begins, or somebody tries again while it lasts."""
    now = timezone.now()
    key = hashlib.sha256(f"{username} {ip_address}".encode()).hexdigest()
    with transaction.atomic():
        over = SignInLock.objects.select_for_update().filter(key=key, until__lte=now).first()
        if over:
            _end(over, lifted=False)
        person = User.objects.filter(username=_typed(request)).first()
        # Two that are refused at one moment begin one lock: the second waits here, and finds the first one's.
        lock, begins = SignInLock.objects.get_or_create(
            key=key,
            defaults={"name": username, "person": person, "until": now + settings.AXES_COOLOFF_TIME},
        )
        if not begins:
            SignInLock.objects.filter(pk=lock.pk).update(refused=F("refused") + 1)
            return
        body = schemas.SignInLocked(
            lock=lock.id,
            known=person is not None,
            refusals=settings.AXES_FAILURE_LIMIT,
            seconds=int(settings.AXES_COOLOFF_TIME.total_seconds()),
        )
        ledger.record(body, workspace=_workspace(person), subject=person.id if person else lock.id)


def minutes_left(request: HttpRequest) -> int:
    """For how long the sign-in that this request tried is locked."""
    key = hashlib.sha256(f"{name_of(request, None)} {address_of(request)}".encode()).hexdigest()
    lock = SignInLock.objects.filter(key=key).first()
    left = lock.until - timezone.now() if lock else timedelta()
    return max(1, -(-int(left.total_seconds()) // 60))


def lock_end(lock: SignInLock) -> None:
    """Ends a lock whose time is over. The next one of the same name and address is another."""
    still = SignInLock.objects.select_for_update().filter(pk=lock.pk).first()
    if still:  # somebody else may have ended it
        _end(still, lifted=False)


def over() -> list[SignInLock]:
    """Locks whose time is over, and that no entry ended yet."""
    return list(SignInLock.objects.filter(until__lte=timezone.now()))


def attempts_forget() -> int:
    """Removes what was kept of refused sign-ins that count no more."""
    before = timezone.now() - settings.AXES_COOLOFF_TIME
    return int(AccessAttempt.objects.filter(attempt_time__lt=before).delete()[0])


@transaction.atomic
def locks_lift(user: User) -> int:
    """Lets a person try again at once, from wherever; how many locks that ended."""
    AccessAttempt.objects.filter(username=_hashed("name", user.username).hex()).delete()
    locks = list(SignInLock.objects.select_for_update().filter(person=user))
    for lock in locks:
        _end(lock, lifted=True)
    return len(locks)


def _end(lock: SignInLock, *, lifted: bool) -> None:
    body = schemas.SignInUnlocked(
        lock=lock.id, known=lock.person is not None, refused=lock.refused, lifted=lifted
    )
    ledger.record(
        body,
        workspace=_workspace(lock.person),
        subject=lock.person_id or lock.id,
        idempotency_key=f"unlock:{lock.id}",
    )
    lock.delete()


def _workspace(person: User | None) -> Any:
    return person.memberships.order_by("id").values_list("workspace", flat=True).first() if person else None


def _hashed(use: str, text: str) -> bytes:
    key = hashlib.sha256(b"omnigov.accounts.locks " + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, f"{use} {text}".encode(), hashlib.sha256).digest()
