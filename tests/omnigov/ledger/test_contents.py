"""A bundle that a tool packed anew, unpacked or gave other line ends is told from one that was changed."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from omnigov.ledger import bundle
from omnigov.ledger.contents import AS_EXPORTED, PACKED_ANEW, UNPACKED
from omnigov.ledger.verify import main, verify_bundle
from tests.omnigov.ledger.bundles import KEY, failure, part, read_zip, whole, write_zip

APPLE_DOUBLE = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        "
DS_STORE = b"\x00\x00\x00\x01Bud1"
TIMES = struct.pack("<HHBI", 0x5455, 5, 1, 1_700_000_000)
TEXTS = (bundle.ENTRIES, bundle.PROOFS, bundle.CHECKPOINT, bundle.SIGNATURE)

Members = dict[str, bytes]


@pytest.fixture
def members(tmp_path: Path) -> Members:
    return read_zip(part().pack(tmp_path / "b.zip"))


def test_an_export_is_as_it_was_exported(tmp_path: Path) -> None:
    for draft in (whole(), part()):
        report = verify_bundle(draft.pack(tmp_path / "b.zip"), KEY)
        assert (report.ok, report.packing, report.left_out, report.line_ends) == (True, AS_EXPORTED, [], [])


# --- packed anew ---------------------------------------------------------------------------------------


def reordered(members: Members, path: Path) -> Path:
    return write_zip(path, dict(reversed(members.items())))


def stored(members: Members, path: Path) -> Path:
    def change(info: zipfile.ZipInfo) -> None:
        info.compress_type = zipfile.ZIP_STORED

    return write_zip(path, members, change)


def with_times(members: Members, path: Path) -> Path:
    def change(info: zipfile.ZipInfo) -> None:
        info.date_time = (2026, 11, 28, 21, 55, 0)
        info.extra = TIMES

    return write_zip(path, members, change)


def with_folders(members: Members, path: Path) -> Path:
    return write_zip(path, {"evidence/": b"", **members})


def in_a_folder(members: Members, path: Path) -> Path:
    return write_zip(path, {f"provenance 2/{name}": data for name, data in members.items()})


def streamed(members: Members, path: Path) -> Path:
    """As a tool writes that can't go back in its output: sizes come behind each member."""

    class Pipe:
        def __init__(self, file: object) -> None:
            self.write, self.flush = file.write, file.flush  # type: ignore[attr-defined]

    with path.open("wb") as file, zipfile.ZipFile(Pipe(file), "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def by_a_tool(members: Members, path: Path) -> Path:
    tool = shutil.which("zip")
    if tool is None:
        pytest.skip("no zip; get it: apt-get install zip")
    folder = path.parent / "tool"
    _unpacked(members, folder)
    subprocess.run([tool, "-qr", str(path), "."], cwd=folder, check=True)
    return path


@pytest.mark.parametrize(
    "pack", [reordered, stored, with_times, with_folders, in_a_folder, streamed, by_a_tool]
)
def test_packed_anew_with_equal_contents(
    pack: Callable[[Members, Path], Path],
    members: Members,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = pack(members, tmp_path / "c.zip")
    report = verify_bundle(path, KEY)
    assert report.ok, report.failed and report.failed.detail
    assert (report.packing, report.left_out, report.line_ends) == (PACKED_ANEW, [], [])
    assert main([str(path), "--key", KEY]) == 0
    assert "packed anew with equal contents" in capsys.readouterr().out
    # And it is the same check as ever: what is changed in it is found and named.
    changed = {**members, bundle.ENTRIES: members[bundle.ENTRIES].replace(b"animal", b"person", 1)}
    path.unlink()
    shutil.rmtree(tmp_path / "tool", ignore_errors=True)
    assert failure(pack(changed, path)) == ("members", 1)
    path.unlink()
    shutil.rmtree(tmp_path / "tool", ignore_errors=True)
    assert failure(pack({**members, "more.txt": b"x"}, path)) == ("members", None)


def test_what_macos_adds_is_named_and_left_out(members: Members, tmp_path: Path) -> None:
    around = {f"provenance/{name}": data for name, data in members.items()}
    macos = {
        "__MACOSX/provenance/._entries.ndjson": APPLE_DOUBLE,
        "provenance/.DS_Store": DS_STORE,
        "provenance/evidence/._a.json": APPLE_DOUBLE,
    }
    report = verify_bundle(write_zip(tmp_path / "c.zip", {**around, **macos}), KEY)
    assert report.ok, report.failed and report.failed.detail
    assert (report.packing, report.left_out) == (PACKED_ANEW, sorted(macos))


@pytest.mark.parametrize("name", ["__MACOSX/._entries.ndjson", ".DS_Store", "__MACOSX/note.txt", "._x"])
def test_what_only_has_such_a_name_is_not_left_out(name: str, members: Members, tmp_path: Path) -> None:
    check, _ = failure(write_zip(tmp_path / "c.zip", {**members, name: b"hidden"}))
    assert check in {"names", "members"}


def test_what_a_zip_can_hide_is_still_refused(members: Members, tmp_path: Path) -> None:
    def hidden(info: zipfile.ZipInfo) -> None:
        info.extra = struct.pack("<HH40s", 0x5455, 40, b"more than any time takes")

    assert failure(write_zip(tmp_path / "c.zip", members, hidden))[0] == "archive"
    path = streamed(members, tmp_path / "d.zip")
    data = path.read_bytes()
    at = data.index(b"PK\x07\x08")
    path.write_bytes(data[: at + 4] + bytes([data[at + 4] ^ 1]) + data[at + 5 :])
    assert failure(path)[0] == "archive"
    assert failure(write_zip(tmp_path / "e.zip", {**members, "empty/": b""}))[0] == "archive"
    assert failure(write_zip(tmp_path / "f.zip", {"evidence/": b"hidden", **members}))[0] == "archive"
    beside = {**{f"a/{name}": data for name, data in members.items()}, "b.txt": b""}
    assert failure(write_zip(tmp_path / "g.zip", beside)) == ("manifest", None)


def packed_by_hand(
    members: Members,
    path: Path,
    *,
    folder: bytes = b"",
    behind: bytes = b"",
    named: bytes = b"",
    twice: int = 1,
) -> Path:
    """As no tool packs: something in or behind what is packed, or another name where a member lies."""
    data, directory = b"", b""
    listed: list[tuple[str, bytes, bytes]] = [("around/", folder, b"")] * twice
    for name, content in members.items():
        packing = zlib.compressobj(wbits=-15)
        packed = packing.compress(content) + packing.flush() + behind
        listed.append((f"around/{name}", packed, content))
    for name, packed, content in listed:
        method = 0 if name.endswith("/") else 8
        sizes = struct.pack("<HHHIII", method, 0, 33, zlib.crc32(content), len(packed), len(content))
        here = named if named and name.endswith("/") else name.encode()
        directory += b"PK\x01\x02" + struct.pack("<HHH", 20, 20, 0) + sizes
        directory += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, len(data)) + name.encode()
        data += b"PK\x03\x04" + struct.pack("<HH", 20, 0) + sizes + struct.pack("<HH", len(here), 0)
        data += here + packed
    count = len(listed)
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(data), 0)
    path.write_bytes(data + directory + b"PK\x05\x06" + end)
    return path


def test_nothing_hides_in_what_is_packed(members: Members, tmp_path: Path) -> None:
    path = tmp_path / "c.zip"
    assert verify_bundle(packed_by_hand(members, path), KEY).ok
    assert failure(packed_by_hand(members, path, folder=b"hidden" * 1000))[0] == "archive"
    assert failure(packed_by_hand(members, path, named=b"hidden" * 1000))[0] == "archive"
    assert failure(packed_by_hand(members, path, twice=2))[0] == "archive"
    # Behind the end of the packed stream: `zipfile` reads the member as if that were not there.
    assert failure(packed_by_hand(members, path, behind=b"hidden" * 1000))[0] == "manifest"
    # A stream that goes on where the member's size ends: other tools unpack all of it.
    true = members[bundle.ENTRIES]
    data = packed_by_hand({**members, bundle.ENTRIES: true + b"hidden"}, path).read_bytes()
    data = data.replace(struct.pack("<I", zlib.crc32(true + b"hidden")), struct.pack("<I", zlib.crc32(true)))
    path.write_bytes(data.replace(struct.pack("<I", len(true) + 6), struct.pack("<I", len(true))))
    assert failure(path)[0] == "members"


@pytest.mark.parametrize("name", ["__MACOSX/\x1b[2K/._x", "__MACOSX/../../._x", "__MACOSX/\u202e/._x"])
def test_what_tools_leave_has_a_name_that_can_be_printed(name: str, members: Members, tmp_path: Path) -> None:
    assert failure(write_zip(tmp_path / "c.zip", {**members, name: APPLE_DOUBLE})) == ("names", None)


def test_of_two_files_of_one_name_neither_is_left_out(members: Members, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "c.zip", {**members, "._x": b"hidden", "._y": APPLE_DOUBLE})
    path.write_bytes(path.read_bytes().replace(b"._y", b"._x"))
    assert failure(path) == ("names", None)


def test_an_extra_field_is_there_once(members: Members, tmp_path: Path) -> None:
    def often(info: zipfile.ZipInfo) -> None:
        info.extra = TIMES * 1000

    assert failure(write_zip(tmp_path / "c.zip", members, often))[0] == "archive"


# --- unpacked ------------------------------------------------------------------------------------------


def _unpacked(members: Members, folder: Path) -> Path:
    for name, data in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_a_folder_is_verified(members: Members, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _unpacked(members, tmp_path / "unpacked")
    (folder / ".DS_Store").write_bytes(DS_STORE)
    report = verify_bundle(folder, KEY)
    assert report.ok, report.failed and report.failed.detail
    assert (report.packing, report.left_out) == (UNPACKED, [".DS_Store"])
    assert main([str(folder), "--key", KEY]) == 0
    assert "unpacked to a folder with equal contents" in capsys.readouterr().out


def test_a_folder_that_was_changed_is_not(members: Members, tmp_path: Path) -> None:
    folder = _unpacked(members, tmp_path / "unpacked")
    (folder / "more.txt").write_bytes(b"")
    assert failure(folder) == ("members", None)
    (folder / "more.txt").unlink()
    (folder / "evidence" / "a.json").unlink()
    assert failure(folder) == ("members", None)
    (folder / "evidence" / "a.json").symlink_to(tmp_path / "b.zip")
    assert failure(folder) == ("archive", None)


# --- line ends -----------------------------------------------------------------------------------------


def _two(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("names", [TEXTS, (bundle.ENTRIES,), (bundle.SIGNATURE,)])
@pytest.mark.parametrize("zipped", [True, False])
def test_other_line_ends_are_put_back_and_named(
    names: tuple[str, ...], zipped: bool, members: Members, tmp_path: Path
) -> None:
    changed = {name: _two(data) if name in names else data for name, data in members.items()}
    path = write_zip(tmp_path / "c.zip", changed) if zipped else _unpacked(changed, tmp_path / "unpacked")
    report = verify_bundle(path, KEY)
    assert report.ok, report.failed and report.failed.detail
    assert report.line_ends == sorted(names)


def test_pieces_that_end_between_the_two_are_read(
    members: Members, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_zip(tmp_path / "c.zip", {**members, bundle.ENTRIES: _two(members[bundle.ENTRIES])})
    for chunk in range(1, 9):
        monkeypatch.setattr("omnigov.ledger.contents.CHUNK", chunk)
        assert verify_bundle(path, KEY).ok


def test_other_line_ends_hide_no_change(members: Members, tmp_path: Path) -> None:
    two = {**members, bundle.ENTRIES: _two(members[bundle.ENTRIES])}
    edited = {**two, bundle.ENTRIES: two[bundle.ENTRIES].replace(b"animal", b"person", 1)}
    assert failure(write_zip(tmp_path / "c.zip", edited)) == ("members", 1)
    for data in (two[bundle.ENTRIES] + b"\r", two[bundle.ENTRIES].replace(b"\r\n", b"\n\r\n", 1)):
        assert failure(write_zip(tmp_path / "c.zip", {**members, bundle.ENTRIES: data}))[0] == "members"
    first = members[bundle.ENTRIES].replace(b"\n", b"\r\n", 1)
    assert verify_bundle(write_zip(tmp_path / "c.zip", {**members, bundle.ENTRIES: first}), KEY).ok


def test_what_is_no_text_can_t_be_put_back(members: Members, tmp_path: Path) -> None:
    damaged = {name: _two(data) for name, data in members.items()}
    damaged[bundle.LEAVES] = members[bundle.LEAVES] + b"\r"
    failed = verify_bundle(write_zip(tmp_path / "c.zip", damaged), KEY).failed
    assert failed is not None
    assert (failed.check, failed.entry) == ("members", None)
    assert f"{bundle.LEAVES} differs" in failed.detail
    assert "line ends were changed in checkpoint.txt" in failed.detail
