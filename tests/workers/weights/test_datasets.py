from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.workers.weights.conftest import CLOSED, Said, Site
from workers import weights
from workers.weights import command, datasets
from workers.weights.fetch import FetchFailed

FILES = {
    "usr/share/pictures/cat.txt": b"A cat.",
    "usr/share/pictures/dog.txt": b"A dog.",
    "usr/share/doc/c": b"GPL",
}


def deb(files: dict[str, bytes]) -> bytes:
    """A Debian package: an ar archive of a version, an odd-sized control part and the files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"./{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    body = b"!<arch>\n"
    for name, content in {
        "debian-binary": b"2.0\n",
        "control.tar.xz": b"odd",
        "data.tar.xz": packed.getvalue(),
    }.items():
        body += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode()
        body += content + b"\n" * (len(content) % 2)
    return body


def tar_gz(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def tree(files: dict[str, bytes]) -> str:
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """The only data set there is; its archive is served by nobody yet."""
    archive = deb(FILES)
    described = {
        "name": "pictures",
        "version": "1-1",
        "about": "two captions",
        "licence": "GPL-2.0-or-later",
        "copyright": "nobody",
        "used_for": ["align"],
        "archive": "pictures_1-1_all.deb",
        "sha256": hashlib.sha256(archive).hexdigest(),
        "size": len(archive),
        "tree_sha256": tree(FILES),
        "root": "usr/share/pictures",
        "sources": [{"kind": "folder"}, {"kind": "url", "url": f"{CLOSED}/pictures.deb"}],
    }
    use(monkeypatch, described)
    return described


def use(monkeypatch: pytest.MonkeyPatch, described: dict[str, Any]) -> None:
    entry = datasets.Dataset.model_validate_json(json.dumps(described))
    monkeypatch.setattr(datasets, "datasets", lambda: (entry,))


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("OMNIGOV_DATA_FOLDER", str(folder))
    return folder


def test_it_is_brought_unpacked_and_verified_once(pictures: dict[str, Any], shelf: Path) -> None:
    (shelf / pictures["archive"]).write_bytes(deb(FILES))

    assert datasets.fetch([], Said()) == ("pictures",)
    (shelf / pictures["archive"]).unlink()
    assert datasets.fetch([], Said()) == ()

    place = datasets.path("pictures")
    assert place == datasets.folder() / "pictures/usr/share/pictures"
    assert (place / "cat.txt").read_bytes() == b"A cat."
    assert (datasets.folder() / "pictures/usr/share/doc/c").is_file(), "its licence comes with it"


def test_a_source_distribution_is_unpacked_as_well(
    pictures: dict[str, Any], shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tar_gz(FILES)
    use(
        monkeypatch,
        {
            **pictures,
            "archive": "pictures-1.tar.gz",
            "sha256": hashlib.sha256(archive).hexdigest(),
            "size": len(archive),
        },
    )
    (shelf / "pictures-1.tar.gz").write_bytes(archive)

    assert datasets.fetch([], Said()) == ("pictures",)
    assert (datasets.path("pictures") / "dog.txt").read_bytes() == b"A dog."


def test_a_wheel_is_unpacked_and_nothing_of_it_leaves_its_folder(tmp_path: Path) -> None:
    archive = tmp_path / "pictures-1-py3-none-any.whl"
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("../../evil", b"x")
        files.writestr("pictures/dog.txt", b"A dog.")

    datasets.unpack(archive, tmp_path / "a" / "b" / "into")

    assert (tmp_path / "a/b/into/pictures/dog.txt").read_bytes() == b"A dog."
    assert not (tmp_path / "a/evil").exists()
    assert not (tmp_path / "evil").exists()
    archive.write_bytes(archive.read_bytes()[:-40])
    with pytest.raises(FetchFailed, match="can't be unpacked"):
        datasets.unpack(archive, tmp_path / "into")


def test_a_source_distribution_that_leaves_its_folder_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "evil.tar.gz"
    archive.write_bytes(tar_gz({"../../evil": b"x"}))

    with pytest.raises(FetchFailed, match="can't be unpacked"):
        datasets.unpack(archive, tmp_path / "into")
    archive.write_bytes(tar_gz(FILES)[:-40])
    with pytest.raises(FetchFailed, match="can't be unpacked"):
        datasets.unpack(archive, tmp_path / "into")


def test_a_cut_download_goes_on(
    pictures: dict[str, Any], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.files["/p.deb"] = deb(FILES)
    site.cut["/p.deb"] = [100]
    use(monkeypatch, {**pictures, "sources": [{"kind": "url", "url": f"{site.address}/p.deb"}]})
    monkeypatch.setattr("workers.weights.download.time.sleep", lambda _seconds: None)

    assert datasets.fetch(["pictures"], Said()) == ("pictures",)
    assert site.asked == [("/p.deb", None), ("/p.deb", "bytes=100-")]


def test_another_archive_is_refused_and_set_aside(pictures: dict[str, Any], shelf: Path) -> None:
    wrong = deb({"usr/share/pictures/cat.txt": b"A dog."})
    (shelf / pictures["archive"]).write_bytes(wrong)

    with pytest.raises(FetchFailed, match="another file, set aside"):
        datasets.fetch([], Said())

    aside = f"{pictures['archive']}.refused-{hashlib.sha256(wrong).hexdigest()[:12]}"
    assert (datasets.folder() / aside).read_bytes() == wrong
    with pytest.raises(weights.WeightsMissing, match="omnigov data fetch"):
        datasets.path("pictures")


def test_data_that_was_changed_is_not_handed_out(pictures: dict[str, Any], shelf: Path) -> None:
    (shelf / pictures["archive"]).write_bytes(deb(FILES))
    datasets.fetch([], Said())
    (datasets.folder() / "pictures/usr/share/pictures/more.txt").write_bytes(b"A horse.")

    with pytest.raises(weights.WeightsDiffer, match="Move the folder away"):
        datasets.path("pictures")
    with pytest.raises(FetchFailed, match="Move the folder away"):
        datasets.fetch([], Said())


def test_offline_it_says_one_sentence_and_exits_1(
    pictures: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.data(["fetch"]) == 1

    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "pictures is not on this machine, and no source can be reached." in error
    assert "OMNIGOV_DATA_FOLDER" in error


def test_a_package_that_leaves_its_folder_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "evil.deb"
    archive.write_bytes(deb({"../../evil": b"x"}))

    with pytest.raises(FetchFailed, match="can't be unpacked"):
        datasets.unpack_deb(archive, tmp_path / "into")
    assert not (tmp_path.parent / "evil").exists()


@pytest.mark.parametrize("body", [b"", b"!<arch>\n", b"not a package at all", deb(FILES)[:-40]])
def test_what_is_no_package_is_refused(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "x.deb").write_bytes(body)

    with pytest.raises(FetchFailed, match=r"x\.deb"):
        datasets.unpack_deb(tmp_path / "x.deb", tmp_path / "into")


def test_the_list_names_licence_and_digest(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.data(["list", "--json"]) == 0

    rows = json.loads(capsys.readouterr().out)
    stamps = next(row for row in rows if row["name"] == "tuxpaint-stamps-default")
    assert stamps["licence"] == "GPL-2.0-or-later"
    assert stamps["version"] == "2022.06.04-1"
    assert stamps["here"] is False
