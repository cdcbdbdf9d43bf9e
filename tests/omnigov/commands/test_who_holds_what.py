"""What a process must not have, it has not: asked of processes in the environments that ours start in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from PIL import Image

from omnigov.commands.installation import keeper_command, web_command, worker_command
from omnigov.embedded import APP_ROLE
from omnigov.intake import vault
from omnigov.ledger.keys import log_signer
from omnigov.supervision.worker import child_command
from tests.conftest import Cast
from tests.omnigov import recorded

pytestmark = pytest.mark.services

PICTURE = recorded.png("orchid", (72, 56))

ASKS = """
import json, sys, uuid, django
django.setup()
from django.conf import settings
from omnigov.evidence import queries
from omnigov.evidence.models import Name
from omnigov.intake import vault
from omnigov.keys import KeyUnavailable
from omnigov.ledger.keys import LogKeyError, log_signer, log_verifier
asset, run, length = uuid.UUID(sys.argv[1]), uuid.UUID(sys.argv[2]), int(sys.argv[3])
found = {"owner": settings.DATABASES["owner"]["USER"], "log": str(log_verifier())}
try:
    found["opens"] = len(vault.read(asset, length=length)) == length
except KeyUnavailable as reason:
    found["opens"] = str(reason)
try:
    found["signs"] = bool(log_signer().sign("a note\\n"))
except LogKeyError as reason:
    found["signs"] = str(reason)
fresh = uuid.uuid4()
vault.create(fresh)
found["seals"] = vault.append(fresh, b"what somebody hands in", offset=0, sealed=0) > 0
found["shows"] = len(queries.content(run, Name.REDACTED)) > 0
print(json.dumps(found))
"""


def environment_of(command: list[str]) -> list[str]:
    """The part of a command line of ours that says what it runs without."""
    assert command[0] == "env"
    return command[: command.index(sys.executable)]


def asked(command: list[str], cast: Cast) -> dict[str, Any]:
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", PICTURE))
    run = recorded.run_of(batch.submissions.get())
    recorded.redact(run, Image.new("RGB", (72, 56)), [])
    assert vault.read(run.asset_id, length=len(PICTURE)) == PICTURE
    assert log_signer()  # and with that its public half is there
    arguments = ["-c", ASKS, str(run.asset_id), str(run.id), str(len(PICTURE))]
    answer = subprocess.run(
        [*environment_of(command), sys.executable, *arguments],
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(answer.stdout)
    assert found["log"] == str(log_signer().verifier)
    assert found["shows"] is True
    assert found["seals"] is True
    return found


def test_the_web_server_seals_and_shows_and_neither_opens_nor_signs_nor_owns(committed_cast: Cast) -> None:
    found = asked(web_command(host="127.0.0.1", port=1), committed_cast)
    assert "can't open originals" in found["opens"]
    assert "can't sign" in found["signs"]
    assert found["owner"] == APP_ROLE


def test_a_keeper_signs_and_opens_nothing(committed_cast: Cast) -> None:
    found = asked(keeper_command(), committed_cast)
    assert "can't open originals" in found["opens"]
    assert found["signs"] is True


@pytest.mark.parametrize("command", [worker_command(), child_command("cpu", 3)], ids=["parent", "child"])
def test_a_worker_opens_and_signs_nothing(committed_cast: Cast, command: list[str]) -> None:
    found = asked(command, committed_cast)
    assert found["opens"] is True
    assert "can't sign" in found["signs"]
    assert found["owner"] == APP_ROLE
