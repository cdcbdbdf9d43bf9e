"""The members of a bundle, in a ZIP with nothing hidden in it or as the files of a folder.

Tools do things to a bundle on its way that change nothing in it: they pack it anew in another order, and add
entries for folders, times and owners, macOS's own files, or other line ends. Each is known here by its exact
form, and said. Whatever else a ZIP can hold (a program in front, comments, bytes between members) no manifest
covers, and it is refused. What a member has to hold is not decided here: the digest that was signed is held
against what `open` reads.

This file imports nothing of the house beyond the files beside it: the stand-alone verifier is made from it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from omnigov.ledger.bundle import CHUNK, MANIFEST, SIGNATURE, UNREADABLE, CheckFailed, is_plain_name

AS_EXPORTED, PACKED_ANEW, UNPACKED = "as exported", "packed anew", "unpacked"

_TEXTS = (".ndjson", ".txt", ".json", ".jsonld", ".sig", ".md", ".py", ".html")
#: A folder around the members, as a tool adds that packs a folder: no way out of where it is unpacked.
_AROUND = re.compile(r"(?!\.{1,2}/)[^/\\:\x00-\x1f]{1,120}/")
_EMPTY = (b"", b"\x03\x00")
"""What a folder's entry may hold: nothing, or nothing packed."""
#: What macOS leaves in folders and ZIPs, by its path and by the four bytes that it begins with.
_MACOS = {
    re.compile(r"(__MACOSX/)?(.+/)?\._[^/]+"): b"\x00\x05\x16\x07",
    re.compile(r"(__MACOSX/)?(.+/)?\.DS_Store"): b"\x00\x00\x00\x01",
}
#: Extra fields that hold sizes, times and owners, by their ids, and the most bytes that one has.
_EXTRA = {0x0001: 28, 0x000A: 32, 0x5455: 13, 0x5855: 12, 0x7855: 4, 0x7875: 11}
#: No line of a member is longer than one of the evidence.
_LINE_LIMIT = 16 * 1024 * 1024
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_DESCRIBED_LATER = 0x0008


@contextlib.contextmanager
def contents_of(path: Path) -> Iterator[Contents]:
    """The members of the bundle at `path`, a ZIP or a folder that it was unpacked to.

    Raises CheckFailed (`archive`) where it is neither, or holds what no bundle has.
    """
    if path.is_dir():
        yield _Folder(path)
        return
    with path.open("rb") as file:
        try:
            archive = zipfile.ZipFile(file)
        except UNREADABLE as error:
            raise CheckFailed("archive", f"not a readable ZIP file: {error}") from None
        with archive:
            yield _Zip(archive, file)


class Contents:
    """Members by name. `left_out` are what tools added beside them, `line_ends` those that were put back."""

    packing = AS_EXPORTED

    def __init__(self, places: Sequence[str]) -> None:
        self.left_out = sorted(each for each in places if self._is_macos(each))
        kept = [each for each in places if each not in set(self.left_out)]
        around = _around(kept)
        if around or self.left_out:
            self.packing = PACKED_ANEW
        self._places = [(each.removeprefix(around), each) for each in kept]
        self._by_name = dict(self._places)
        self._ends: dict[str, bool] = {}

    @property
    def names(self) -> list[str]:
        """In the order in which they lie there."""
        return [name for name, _ in self._places]

    @property
    def line_ends(self) -> list[str]:
        """Texts whose lines a tool had ended with CR and LF. `open` reads them with LF, as was signed."""
        return sorted(name for name, changed in self._ends.items() if changed)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def open(self, name: str) -> io.BufferedReader:
        """The bytes of a member. Raises KeyError where there is none."""
        place = self._by_name[name]
        if name not in self._ends:
            self._ends[name] = name.endswith(_TEXTS) and self._ends_in_two(place)
        member = self._read(place)
        return io.BufferedReader(_OneLineEnd(member) if self._ends[name] else member, CHUNK)

    def size(self, name: str) -> int:
        """How many bytes there are, as they lie there."""
        return self._length(self._by_name[name])

    def listed(self, names: Sequence[str]) -> None:
        """Takes note of what the manifest lists, in its order: an export writes its members in that order."""
        if self.packing == AS_EXPORTED and self.names != [*names, MANIFEST, SIGNATURE]:
            self.packing = PACKED_ANEW

    def _ends_in_two(self, place: str) -> bool:
        """Whether the first line ends with CR and LF. One that can't be read is told when all of it is."""
        try:
            with io.BufferedReader(self._read(place), CHUNK) as member:
                return member.readline(_LINE_LIMIT).endswith(b"\r\n")
        except UNREADABLE:
            return False

    def _is_macos(self, place: str) -> bool:
        begins = next((begins for path, begins in _MACOS.items() if path.fullmatch(place)), None)
        if begins is None:
            return False
        try:
            with self._read(place) as file:
                return file.read(4) == begins
        except UNREADABLE:
            return False

    def _read(self, place: str) -> io.BufferedIOBase:
        raise NotImplementedError

    def _length(self, place: str) -> int:
        raise NotImplementedError


def _around(places: Sequence[str]) -> str:
    """The folder that a tool put around all members, with its slash; empty: they lie at the top."""
    if MANIFEST in places or not places:
        return ""
    found = _AROUND.match(places[0])
    around = found[0] if found and found[0].isprintable() else ""
    inside = around and around + MANIFEST in places and all(each.startswith(around) for each in places)
    return around if inside else ""


class _OneLineEnd(io.RawIOBase):
    """Reads CR and LF as LF alone."""

    def __init__(self, member: io.BufferedIOBase) -> None:
        self._member, self._ready, self._kept, self._ended = member, b"", b"", False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not (self._ready or self._ended):
            data = self._member.read(CHUNK)
            self._ended = not data
            data = self._kept + data
            # A CR at the end of a piece waits for what comes after it.
            self._kept = b"\r" if data.endswith(b"\r") and not self._ended else b""
            self._ready = data[: len(data) - len(self._kept)].replace(b"\r\n", b"\n")
        piece, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._member.close()
        super().close()


# --- a folder ------------------------------------------------------------------------------------------


class _Folder(Contents):
    """The files of a folder. Links are refused: what they lead to is not in the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        super().__init__(sorted(self._files()))
        self.packing = UNPACKED
        if MANIFEST not in self:
            raise CheckFailed("archive", f"the folder holds no {MANIFEST}: no bundle was unpacked to it")

    def _files(self) -> Iterator[str]:
        for place, folders, files in os.walk(self._folder):
            for name in (*folders, *files):
                path = Path(place, name)
                mode = path.lstat().st_mode
                if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                    raise CheckFailed("archive", f"{name!r} is not a plain file")
                if stat.S_ISREG(mode):
                    yield path.relative_to(self._folder).as_posix()

    def _read(self, place: str) -> io.BufferedIOBase:
        return (self._folder / place).open("rb")

    def _length(self, place: str) -> int:
        return (self._folder / place).stat().st_size


# --- a ZIP ---------------------------------------------------------------------------------------------


class _Zip(Contents):
    """The members of a ZIP. They lie back to back from the first byte to the directory that ends the file."""

    def __init__(self, archive: zipfile.ZipFile, file: IO[bytes]) -> None:
        self._file = file
        members = sorted(archive.infolist(), key=lambda each: each.header_offset)
        end, anew = 0, False
        self._starts: dict[str, int] = {}
        for member in members:
            if member.header_offset != end:
                raise CheckFailed("archive", f"bytes that belong to no member lie before {member.filename!r}")
            end, unusual = self._checked(member, members)
            anew = anew or unusual
        if archive.start_dir != end:
            raise CheckFailed("archive", "bytes that belong to no member lie before the directory")
        file.seek(-22, 2)
        tail = file.read(22)
        if tail[:4] != b"PK\x05\x06" or tail[20:] != b"\x00\x00":
            raise CheckFailed("archive", "bytes that belong to no member lie behind the directory")
        # `orig_filename` is the name as written; zipfile cuts `filename` at a zero byte.
        self._members = {each.orig_filename: each for each in members}
        super().__init__([each.orig_filename for each in members if not each.filename.endswith("/")])
        if anew:
            self.packing = PACKED_ANEW

    def _checked(self, member: zipfile.ZipInfo, members: Sequence[zipfile.ZipInfo]) -> tuple[int, bool]:
        """Where the member ends, and whether a tool wrote it in another way than an export does."""
        name = member.filename
        if member.flag_bits & ~(0x0800 | 0x0006 | _DESCRIBED_LATER) or member.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise CheckFailed("archive", f"{name!r} is encrypted or packed in an unusual way")
        folder = name.endswith("/")
        inside = any(each.filename.startswith(name) and not each.filename.endswith("/") for each in members)
        if folder and (member.file_size or not inside or member.orig_filename in self._starts):
            raise CheckFailed("archive", f"{name!r} is not a plain file, nor a folder that a member lies in")
        kind = stat.S_IFMT(member.external_attr >> 16)
        if member.comment or kind not in (0, stat.S_IFDIR if folder else stat.S_IFREG):
            raise CheckFailed("archive", f"{name!r} is not a plain file, or has a comment")
        self._file.seek(member.header_offset)
        header = self._file.read(30)
        length, extra = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
        if header[:4] != b"PK\x03\x04":
            raise CheckFailed("archive", f"bytes that belong to no member lie before {name!r}")
        named = self._file.read(length).decode("utf-8" if member.flag_bits & 0x0800 else "cp437", "replace")
        if named != member.orig_filename:
            raise CheckFailed("archive", f"{name!r} is named otherwise in the directory than where it lies")
        fields = self._file.read(extra)
        if not (_is_known(fields) and _is_known(member.extra)):
            raise CheckFailed("archive", f"{name!r} has an extra field, which no manifest covers")
        begin = self._starts[member.orig_filename] = member.header_offset + 30 + length + extra
        if folder and (member.compress_size > 2 or self._file.read(member.compress_size) not in _EMPTY):
            raise CheckFailed("archive", f"{name!r} is a folder, and something lies in its own entry")
        end = begin + member.compress_size
        if member.flag_bits & _DESCRIBED_LATER:
            end += self._described(member, end)
        # An export gives sizes of ZIP64 ahead, no times, and packs everything in one way.
        unusual = (
            folder
            or member.flag_bits & ~0x0800
            or member.compress_type != zipfile.ZIP_DEFLATED
            or member.date_time != _NO_TIME
            or (fields and (extra != 20 or fields[:4] != b"\x01\x00\x10\x00"))
        )
        return end, bool(unusual)

    def _described(self, member: zipfile.ZipInfo, at: int) -> int:
        """The length of the sizes behind a member, as a tool writes that did not know them before."""
        self._file.seek(at)
        data = self._file.read(24)
        for mark in (b"PK\x07\x08", b""):
            for width in (4, 8):
                said = member.CRC.to_bytes(4, "little")
                for size in (member.compress_size, member.file_size):
                    said += (size % (1 << 8 * width)).to_bytes(width, "little")
                if data.startswith(mark + said):
                    return len(mark + said)
        raise CheckFailed("archive", f"bytes that belong to no member lie behind {member.filename!r}")

    def _read(self, place: str) -> io.BufferedIOBase:
        return io.BufferedReader(_Unpacking(self._file, self._starts[place], self._members[place]), CHUNK)

    def _length(self, place: str) -> int:
        return self._members[place].file_size


class _Unpacking(io.RawIOBase):
    """Reads a member, all of it: `zipfile` stops at the size that is named, and passes over what lies behind.

    Raises BadZipFile at the end, where the packed bytes hold more than the member, or less, or another one.
    """

    def __init__(self, file: IO[bytes], begin: int, member: zipfile.ZipInfo) -> None:
        self._file, self._at, self._member = file, begin, member
        self._inflate = zlib.decompressobj(-15) if member.compress_type == zipfile.ZIP_DEFLATED else None
        self._end, self._count, self._crc = begin + member.compress_size, 0, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._packed(len(buffer)) if self._inflate is None else self._unpacked(len(buffer))
        self._count, self._crc = self._count + len(piece), zlib.crc32(piece, self._crc)
        whole = self._at == self._end and (self._inflate is None or self._inflate.eof)
        hidden = self._inflate is not None and self._inflate.unused_data
        if self._count > self._member.file_size or (not piece and (hidden or not whole)):
            raise zipfile.BadZipFile(f"the packed bytes of {self._member.filename!r} hold more, or less")
        if not piece and (self._count, self._crc) != (self._member.file_size, self._member.CRC):
            raise zipfile.BadZipFile(f"{self._member.filename!r} has another size or checksum than is named")
        buffer[: len(piece)] = piece
        return len(piece)

    def _packed(self, limit: int) -> bytes:
        self._file.seek(self._at)  # others read from the same file
        data = self._file.read(min(limit, self._end - self._at))
        self._at += len(data)
        return data

    def _unpacked(self, limit: int) -> bytes:
        inflate: Any = self._inflate
        while not inflate.eof:
            packed = inflate.unconsumed_tail or self._packed(CHUNK)
            piece: bytes = inflate.decompress(packed, limit)
            if piece or not packed:
                return piece
        return b""


def _is_known(extra: bytes) -> bool:
    """Whether extra fields hold sizes, times and owners, each whole and once, and nothing else."""
    seen = set()
    while extra:
        number, length = (int.from_bytes(extra[at : at + 2], "little") for at in (0, 2))
        if number in seen or len(extra) < 4 + length or length > _EXTRA.get(number, -1):
            return False
        seen.add(number)
        extra = extra[4 + length :]
    return True


# --- members -------------------------------------------------------------------------------------------


def check_names(contents: Contents) -> None:
    seen = set()
    for name in (*contents.names, *contents.left_out):
        # What tools left is not plain, and is printed: a terminal must not take it amiss either.
        plain = is_plain_name(name) or (name in contents.left_out and _is_harmless(name))
        if not plain:
            raise CheckFailed("names", f"{name!r} is not a plain relative name")
        if name.casefold() in seen:
            raise CheckFailed("names", f"{name!r} is there twice")
        seen.add(name.casefold())


def _is_harmless(name: str) -> bool:
    return name.isprintable() and "\\" not in name and not {"", ".", ".."} & {*name.split("/")}


def read_member(contents: Contents, name: str, limit: int, check: str) -> bytes:
    try:
        with contents.open(name) as member:
            data = member.read(limit + 1)
    except KeyError:
        raise CheckFailed(check, f"{name} is missing") from None
    except UNREADABLE as error:
        raise CheckFailed(check, f"{name} can't be unpacked: {error}") from None
    if len(data) > limit:
        raise CheckFailed(check, f"{name} is larger than {limit} bytes")
    return data


def has_digest(contents: Contents, listed: dict[str, Any]) -> bool:
    digest, count = hashlib.sha256(), 0
    try:
        with contents.open(listed["name"]) as member:
            while chunk := member.read(CHUNK):
                digest.update(chunk)
                count += len(chunk)
                if count > listed["bytes"]:
                    return False
    except UNREADABLE:
        return False
    return bool(count == listed["bytes"] and digest.hexdigest() == listed["sha256"])
