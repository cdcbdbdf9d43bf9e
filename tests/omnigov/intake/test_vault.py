"""The sealed vault: nothing plain on disk, nothing moved or cut unseen."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from omnigov.intake import originals_key, vault
from omnigov.keys import Keyring, KeyUnavailable, keyring


def _sealed(asset: uuid.UUID) -> Path:
    return vault._file(asset)


def _fill(content: bytes, *cuts: int) -> uuid.UUID:
    asset = uuid.uuid4()
    vault.create(asset)
    sealed = offset = 0
    for start, end in zip((0, *cuts), (*cuts, len(content)), strict=True):
        sealed = vault.append(asset, content[start:end], offset=offset, sealed=sealed)
        offset = end
    return asset


@given(st.binary(min_size=1, max_size=4000), st.lists(st.integers(0, 4000), max_size=4))
@settings(max_examples=40, deadline=None)
def test_what_goes_in_comes_out_in_however_many_chunks(content: bytes, cuts: list[int]) -> None:
    asset = _fill(content, *sorted({min(cut, len(content)) for cut in cuts} - {0, len(content)}))
    assert vault.read(asset, length=len(content)) == content


def test_a_large_file_is_many_frames() -> None:
    content = bytes(range(256)) * 10_000
    assert vault.read(_fill(content), length=len(content)) == content


def test_no_plain_byte_is_on_disk() -> None:
    content = b"the person's name, again and again " * 100
    assert b"person" not in _sealed(_fill(content)).read_bytes()


def test_bytes_behind_the_rows_length_are_cut_off_before_the_next_chunk() -> None:
    asset = uuid.uuid4()
    vault.create(asset)
    sealed = vault.append(asset, b"first", offset=0, sealed=0)
    vault.append(asset, b"written, then the process died", offset=5, sealed=sealed)
    vault.append(asset, b" second", offset=5, sealed=sealed)
    assert vault.read(asset, length=12) == b"first second"


def test_each_changed_bit_is_found() -> None:
    asset = _fill(b"sealed", 3)
    good = _sealed(asset).read_bytes()
    for position in range(len(good)):
        bad = bytearray(good)
        bad[position] ^= 1
        _sealed(asset).write_bytes(bytes(bad))
        with pytest.raises(vault.VaultDamaged):
            vault.read(asset, length=6)


def test_dropped_swapped_and_cut_frames_are_found() -> None:
    asset = _fill(b"aaabbb", 3)
    good = _sealed(asset).read_bytes()
    half = len(good) // 2
    for bad in (good[:half], good[half:], good[half:] + good[:half], good[:-1], b""):
        _sealed(asset).write_bytes(bad)
        with pytest.raises(vault.VaultDamaged):
            vault.read(asset, length=6)


def test_a_file_of_another_asset_does_not_open() -> None:
    one, other = _fill(b"one"), _fill(b"two")
    _sealed(one).write_bytes(_sealed(other).read_bytes())
    with pytest.raises(vault.VaultDamaged):
        vault.read(one, length=3)


def test_after_discard_there_is_neither_key_nor_file() -> None:
    asset = _fill(b"gone")
    vault.discard(asset)
    assert not _sealed(asset).exists()
    with pytest.raises(KeyUnavailable):
        vault.read(asset, length=4)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the web server is: it was not told where the workers' private key is."""
    originals_key.public_id()  # made by setup, before it starts
    monkeypatch.setattr("django.conf.settings.OMNIGOV_ORIGINALS_KEY", "")


def test_who_takes_an_upload_can_not_open_it_again(web: None) -> None:
    asset = _fill(b"what somebody handed in", 5)
    assert keyring().has_asset(asset)
    with pytest.raises(KeyUnavailable, match="can't open originals"):
        vault.read(asset, length=23)
    before = uuid.uuid4()
    vault.create(before)
    of_before(before, b"from an older version")
    with pytest.raises(KeyUnavailable, match="can't open originals"):
        vault.read(before, length=21)


def test_neither_key_opens_it_without_the_other() -> None:
    """The workers' key alone is not enough, so destroying the asset's own forgets the original everywhere."""
    asset = _fill(b"what somebody handed in")
    sealed = _sealed(asset).read_bytes()
    keyring().asset_destroy(asset)
    keyring().asset_make(asset)
    _sealed(asset).write_bytes(sealed)
    with pytest.raises(vault.VaultDamaged):
        vault.read(asset, length=23)


def test_another_pair_of_the_workers_is_told_from_damage(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asset = _fill(b"sealed to the old pair")
    fresh = tmp_path / "private-key"
    fresh.write_bytes(bytes(range(32)))
    monkeypatch.setattr("django.conf.settings.OMNIGOV_ORIGINALS_KEY", str(fresh))
    with pytest.raises(KeyUnavailable, match="another key of the workers"):
        vault.read(asset, length=22)


def of_before(asset: uuid.UUID, content: bytes, *, offset: int = 0) -> None:
    """Adds a frame as versions before segments sealed it."""
    nonce = os.urandom(12)
    bound = asset.bytes + offset.to_bytes(8, "big")
    body = AESGCM(keyring().asset(asset).data).encrypt(nonce, content, bound)
    with _sealed(asset).open("ab") as out:
        out.write(len(body).to_bytes(4, "big") + nonce + body)


def test_an_original_of_before_opens_and_its_upload_goes_on() -> None:
    asset = uuid.uuid4()
    vault.create(asset)
    of_before(asset, b"begun by an older ")
    of_before(asset, b"version, ", offset=18)
    vault.append(asset, b"ended by this one", offset=27, sealed=_sealed(asset).stat().st_size)
    assert vault.read(asset, length=44) == b"begun by an older version, ended by this one"


@given(st.integers(0, 3000), st.integers(0, 3100), st.lists(st.integers(1, 2999), max_size=3))
@settings(max_examples=40, deadline=None)
def test_any_range_of_an_original_opens(start: int, end: int, cuts: list[int]) -> None:
    content = bytes(range(250)) * 12
    asset = _fill(content, *sorted(set(cuts)))
    with vault.Original(asset, length=len(content)) as original:
        assert b"".join(original.pieces(start, end)) == content[start:end]


def test_an_original_is_read_a_piece_at_a_time() -> None:
    content = os.urandom(3 * 1024 * 1024 + 5)
    asset = _fill(content, 2 * 1024 * 1024)
    with vault.Original(asset, length=len(content)) as original:
        pieces = list(original.pieces())
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= 1024 * 1024


def test_a_wrapped_key_opens_for_its_own_purpose_alone(tmp_path: Path) -> None:
    ring = Keyring(tmp_path)
    wrapped = ring.wrap(ring.fresh(), purpose="workspace:1")
    assert len(ring.unwrap(wrapped, purpose="workspace:1")) == 32
    with pytest.raises(KeyUnavailable):
        ring.unwrap(wrapped, purpose="workspace:2")


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    asset = uuid.uuid4()
    ring = Keyring(tmp_path)
    ring.asset_make(asset)
    assert {file.stat().st_mode & 0o077 for file in tmp_path.rglob("*") if file.is_file()} == {0}
