from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.workers.weights.conftest import CLOSED, Site
from workers.weights.download import PATIENCE, SourceFailed, download

BODY = random.Random(7).randbytes(1_000_000)


def quiet(_have: int, _total: int | None) -> None:
    pass


def test_it_goes_on_where_the_connection_was_cut(site: Site, tmp_path: Path) -> None:
    site.files["/f"] = BODY
    site.cut["/f"] = [500_000]
    moves: list[tuple[int, int | None]] = []

    download(f"{site.address}/f", tmp_path / "f", lambda *move: moves.append(move), pause=0)

    assert (tmp_path / "f").read_bytes() == BODY
    assert site.asked == [("/f", None), ("/f", "bytes=500000-")]
    assert moves[-1] == (1_000_000, 1_000_000)
    assert [have for have, _ in moves] == sorted(have for have, _ in moves)


def test_it_goes_on_where_an_earlier_process_ended(site: Site, tmp_path: Path) -> None:
    site.files["/f"] = BODY
    (tmp_path / "f.part").write_bytes(BODY[:700_000])

    download(f"{site.address}/f", tmp_path / "f", quiet, pause=0)

    assert (tmp_path / "f").read_bytes() == BODY
    assert site.asked == [("/f", "bytes=700000-")]
    assert not (tmp_path / "f.part").exists()


def test_it_starts_anew_where_the_server_knows_no_ranges(site: Site, tmp_path: Path) -> None:
    site.files["/f"] = BODY
    site.cut["/f"] = [400_000]
    site.ranges = False

    download(f"{site.address}/f", tmp_path / "f", quiet, pause=0)

    assert (tmp_path / "f").read_bytes() == BODY


def test_a_part_that_is_whole_already_is_taken(site: Site, tmp_path: Path) -> None:
    site.files["/f"] = BODY
    (tmp_path / "f.part").write_bytes(BODY)

    download(f"{site.address}/f", tmp_path / "f", quiet, pause=0)

    assert (tmp_path / "f").read_bytes() == BODY


def test_a_part_longer_than_the_file_is_thrown_away(site: Site, tmp_path: Path) -> None:
    site.files["/f"] = BODY
    (tmp_path / "f.part").write_bytes(BODY + b"more")

    download(f"{site.address}/f", tmp_path / "f", quiet, pause=0)

    assert (tmp_path / "f").read_bytes() == BODY


def test_what_is_not_there_is_said_at_once(site: Site, tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match="404") as failure:
        download(f"{site.address}/f", tmp_path / "f", quiet, pause=0)

    assert not failure.value.unreachable
    assert len(site.asked) == 1


def test_nobody_listening_is_the_networks_fault(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match="can't be reached") as failure:
        download(f"{CLOSED}/f", tmp_path / "f", quiet, pause=0)

    assert failure.value.unreachable
    assert list(tmp_path.iterdir()) == []


def test_it_gives_up_where_no_new_byte_comes_and_keeps_what_it_has(site: Site, tmp_path: Path) -> None:
    site.files["/f"] = BODY
    site.cut["/f"] = [300_000] + [0] * 20

    with pytest.raises(SourceFailed, match="gave no more") as failure:
        download(f"{site.address}/f", tmp_path / "f", quiet, pause=0)

    assert failure.value.unreachable
    assert len(site.asked) == 1 + PATIENCE
    assert (tmp_path / "f.part").read_bytes() == BODY[:300_000]
    assert not (tmp_path / "f").exists()


def test_a_file_address_is_copied(tmp_path: Path) -> None:
    (tmp_path / "a wheel").write_bytes(BODY)

    download((tmp_path / "a wheel").as_uri(), tmp_path / "f", quiet)

    assert (tmp_path / "f").read_bytes() == BODY


def test_other_addresses_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match="neither"):
        download("ftp://example.org/f", tmp_path / "f", quiet)
