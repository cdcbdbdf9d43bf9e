"""A foreign client, written from the text of C2SP tlog-tiles, reads the log over HTTP alone."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings

from omnigov.ledger import merkle
from omnigov.ledger.tlog import place_of
from tests.omnigov.ledger.conftest import Log

pytestmark = pytest.mark.services
TOKEN = "a token of the installation"


@dataclass
class Foreign:
    """Knows the addresses and SHA-256, and nothing of this house."""

    client: Client

    def get(self, path: str) -> bytes:
        answer = self.client.get(f"/log/{path}", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200, path
        return answer.content

    def checkpoint(self) -> tuple[int, bytes]:
        _, size, root = self.get("checkpoint").decode().split("\n")[:3]
        return int(size), base64.b64decode(root)

    def leaves(self, size: int) -> list[bytes]:
        hashes = b"".join(self.get(f"tile/0/{place}") for place in places(size))
        return [hashes[at : at + 32] for at in range(0, len(hashes), 32)]

    def entries(self, size: int) -> list[bytes]:
        found = []
        for place in places(size):
            rest = self.get(f"tile/entries/{place}")
            while rest:
                length = int.from_bytes(rest[:2], "big")
                found.append(rest[2 : 2 + length])
                rest = rest[2 + length :]
        return found


def places(size: int) -> list[str]:
    whole, rest = divmod(size, 256)
    return [f"{index:03d}" for index in range(whole)] + ([f"{whole:03d}.p/{rest}"] if rest else [])


def tree(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    left = 1 << ((len(hashes) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + tree(hashes[:left]) + tree(hashes[left:])).digest()


@pytest.fixture
def token() -> Any:
    with override_settings(OMNIGOV_LOG_TOKEN=TOKEN):
        yield


def test_a_foreign_client_comes_to_the_same_root(long_log: Log, client: Client, token: None) -> None:
    foreign = Foreign(client)
    size, root = foreign.checkpoint()
    leaves, entries = foreign.leaves(size), foreign.entries(size)
    assert (size, len(leaves), len(entries)) == (301, 301, 301)
    assert leaves == [hashlib.sha256(b"\x00" + entry).digest() for entry in entries]
    assert tree(leaves) == root
    assert foreign.get("tile/1/000.p/1") == tree(leaves[:256])


def test_it_proves_with_the_tiles_alone(long_log: Log, client: Client, token: None) -> None:
    foreign = Foreign(client)
    size, root = foreign.checkpoint()
    leaves = foreign.leaves(size)
    for index in (0, 255, 256, 300):
        merkle.verify_inclusion(index, size, leaves[index], merkle.inclusion_proof(index, leaves), root)
    earlier = tree(leaves[:300])
    merkle.verify_consistency(300, size, earlier, root, merkle.consistency_proof(300, leaves))
    long_log.grow(5)
    grown, later = foreign.checkpoint()
    proof = merkle.consistency_proof(size, foreign.leaves(grown))
    merkle.verify_consistency(size, grown, root, later, proof)


def test_full_tiles_are_kept_for_ever_and_checkpoints_are_not(
    long_log: Log, client: Client, token: None
) -> None:
    with override_settings(OMNIGOV_LOG_PUBLIC=True):
        tile, checkpoint = client.get("/log/tile/0/000"), client.get("/log/checkpoint")
    assert tile.headers["Content-Type"] == "application/octet-stream"
    assert tile.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert checkpoint.headers["Content-Type"].startswith("text/plain")
    assert checkpoint.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        *("tile/0/002", "tile/0/001", "tile/0/001.p/46", "tile/0/001.p/0", "tile/0/001.p/256"),
        *("tile/0/000.p/256", "tile/0/000.p/257", "tile/0/x000/000", "tile/0/0", "tile/0/000.p/01"),
        *("tile/2/000.p/1", "tile/9/000", "tile/entries/002", "tile/0/000/", "tile/0/../000"),
    ],
)
def test_what_the_log_does_not_have_is_not_there(
    long_log: Log, client: Client, token: None, path: str
) -> None:
    answer = client.get(f"/log/{path}", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["checkpoint", "tile/0/000", "tile/entries/000"])
def test_nobody_reads_it_unless_told_so(long_log: Log, client: Client, path: str) -> None:
    assert client.get(f"/log/{path}").status_code == 403
    assert client.get(f"/log/{path}", headers={"Authorization": "Bearer "}).status_code == 403
    with override_settings(OMNIGOV_LOG_TOKEN=TOKEN):
        assert client.get(f"/log/{path}", headers={"Authorization": "Bearer guess"}).status_code == 403
        assert client.get(f"/log/{path}").status_code == 403
    with override_settings(OMNIGOV_LOG_PUBLIC=True):
        # Entries belong to workspaces: they are never open to anybody.
        open_to_all = client.get(f"/log/{path}").status_code == 200
        assert open_to_all is ("entries" not in path)


def test_an_empty_log_has_no_checkpoint(log: Log, client: Client, token: None) -> None:
    answer = client.get("/log/checkpoint", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 404


def test_an_index_is_written_in_groups_of_three() -> None:
    assert [place_of(index) for index in (0, 999, 1000, 1234067)] == [
        *("000", "999", "x001/000", "x001/x234/067")
    ]
