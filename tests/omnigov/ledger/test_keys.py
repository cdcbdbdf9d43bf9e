"""The log's signing key."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from omnigov.ledger import sequencer
from omnigov.ledger.keys import LogKeyError, log_signer, log_verifier
from tests.omnigov.ledger.conftest import Log

pytestmark = pytest.mark.services


def test_the_key_is_made_once_and_private(log: Log) -> None:
    from omnigov.ledger import keys

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: str(log_signer().verifier), range(8)))
    keys._signer.cache_clear()
    assert made == {str(log_signer().verifier)}
    folder = os.fspath(log_folder())
    assert sorted(os.listdir(folder)) == [keys.PUBLIC_FILE, keys.FILE]
    assert os.stat(os.path.join(folder, keys.FILE)).st_mode & 0o777 == 0o600


def log_folder() -> str:
    from django.conf import settings

    return str(settings.OMNIGOV_KEYS_DIR)


def test_a_key_of_another_origin_is_refused(log: Log, settings: object) -> None:
    from omnigov.ledger import keys

    log_signer()
    settings.OMNIGOV_LOG_ORIGIN = "other.example/log"  # type: ignore[attr-defined]
    with pytest.raises(keys.LogKeyError, match="set it back"):
        log_signer()
    settings.OMNIGOV_LOG_ORIGIN = "two words"  # type: ignore[attr-defined]
    settings.OMNIGOV_KEYS_DIR = os.path.join(log_folder(), "new")  # type: ignore[attr-defined]
    with pytest.raises(keys.LogKeyError, match="can't be a log's name"):
        log_signer()


def test_a_spoiled_key_file_is_refused(log: Log) -> None:
    from pathlib import Path

    from omnigov.ledger import keys

    log_signer()
    file = Path(log_folder()) / keys.FILE
    file.write_text(file.read_text()[:-5])
    keys._signer.cache_clear()
    with pytest.raises(keys.LogKeyError, match="backup of the keys"):
        log_signer()


def test_without_the_signing_key_the_log_is_known_by_its_public_half(log: Log, settings: object) -> None:
    verifier = log_signer().verifier
    settings.OMNIGOV_LOG_KEY = ""  # type: ignore[attr-defined]
    assert log_verifier() == verifier
    with pytest.raises(LogKeyError, match="can't sign"):
        log_signer()
    log.append()
    assert sequencer.integrate() == 0
    settings.OMNIGOV_LOG_KEY = None  # type: ignore[attr-defined]
    assert sequencer.integrate() == 1


def test_a_process_that_may_not_sign_makes_no_key(log: Log, settings: object) -> None:
    settings.OMNIGOV_LOG_KEY = ""  # type: ignore[attr-defined]
    with pytest.raises(LogKeyError, match="omnigov setup"):
        log_verifier()
    assert not os.path.exists(log_folder())


def test_a_signing_key_can_lie_elsewhere(log: Log, settings: object, tmp_path: Path) -> None:
    from omnigov.ledger import keys

    settings.OMNIGOV_LOG_KEY = str(tmp_path / "signing" / "key")  # type: ignore[attr-defined]
    verifier = log_signer().verifier
    assert os.listdir(log_folder()) == [keys.PUBLIC_FILE]
    assert os.listdir(tmp_path / "signing") == ["key"]
    keys._signer.cache_clear()
    (tmp_path / "signing" / "key").unlink()
    # A new key under the same name, where the old one was lost: its public half takes the old one's place.
    assert log_signer().verifier != verifier
    settings.OMNIGOV_LOG_KEY = ""  # type: ignore[attr-defined]
    assert log_verifier() != verifier
