"""The key pair that originals are sealed to: made once, apart from the key folder, its loss said plainly."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pytest_django import Settings

from omnigov.intake import originals_key
from omnigov.keys import KeyUnavailable


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.OMNIGOV_KEYS_DIR = str(tmp_path / "keys")
    settings.OMNIGOV_ORIGINALS_KEY = str(tmp_path / "originals" / "private-key")
    return tmp_path


def test_the_pair_is_made_once_and_its_halves_lie_apart(folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: originals_key.keys_make(), range(8)))
    files = {each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()}
    assert files == {"keys/originals-public-key", "originals/private-key"}
    private = (folder / "originals" / "private-key").read_bytes()
    assert private not in (folder / "keys" / "originals-public-key").read_bytes()
    assert (folder / "originals").stat().st_mode & 0o777 == 0o700


def test_what_is_sealed_opens_for_the_same_thing_alone() -> None:
    sealed = originals_key.seal(b"k" * 32, b"this asset")
    assert len(sealed) == originals_key.SEALED_KEY
    own = originals_key.public_id()
    assert originals_key.open_sealed(sealed, b"this asset", own) == b"k" * 32
    with pytest.raises(KeyUnavailable, match="does not open"):
        originals_key.open_sealed(sealed, b"another asset", own)
    assert originals_key.seal(b"k" * 32, b"this asset") != sealed


def test_a_process_that_may_not_open_makes_no_pair(settings: Settings, folder: Path) -> None:
    settings.OMNIGOV_ORIGINALS_KEY = ""
    with pytest.raises(KeyUnavailable, match="omnigov setup"):
        originals_key.seal(b"k" * 32, b"this asset")
    assert not (folder / "keys").exists()


def test_halves_that_do_not_belong_together_are_told(folder: Path) -> None:
    originals_key.keys_make()
    (folder / "originals" / "private-key").write_bytes(bytes(range(32)))
    with pytest.raises(KeyUnavailable, match="not the public half"):
        originals_key.keys_make()
    (folder / "originals" / "private-key").write_bytes(b"short")
    with pytest.raises(KeyUnavailable, match="32 bytes"):
        originals_key.keys_make()


def test_a_lost_private_half_is_told(folder: Path) -> None:
    originals_key.keys_make()
    (folder / "originals" / "private-key").unlink()
    with pytest.raises(KeyUnavailable, match="missing; restore it"):
        originals_key.open_sealed(b"", b"", originals_key.public_id())
    with pytest.raises(KeyUnavailable, match="missing; restore it"):
        originals_key.keys_make()
    assert not (folder / "originals" / "private-key").exists()
