"""The log's signing key."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from omnigov.ledger.keys import log_signer
from tests.omnigov.ledger.conftest import Log

pytestmark = pytest.mark.services


def test_the_key_is_made_once_and_private(log: Log) -> None:
    from omnigov.ledger import keys

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: str(log_signer().verifier), range(8)))
    keys._signer.cache_clear()
    assert made == {str(log_signer().verifier)}
    folder = os.fspath(log_folder())
    assert os.listdir(folder) == [keys.FILE]
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
