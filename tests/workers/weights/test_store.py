from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from omnigov.contracts import Stage
from tests.workers.weights.conftest import Manifest, entry
from workers import weights
from workers.weights import command, manifest, store

ONE = b"one" * 1000


def place(name: str, content: bytes) -> Path:
    path = store.folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_verified_file_is_handed_out_and_the_process_is_offline_by_then(write_manifest: Manifest) -> None:
    write_manifest(entry("one", ONE))
    placed = place("one.bin", ONE)

    assert weights.path("one") == placed
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    assert os.environ["PYANNOTE_METRICS_ENABLED"] == "0"


def test_a_missing_file_says_the_mend(write_manifest: Manifest) -> None:
    write_manifest(entry("one", ONE))

    with pytest.raises(weights.WeightsMissing, match=r"not at .*one\.bin\. Run `omnigov models fetch`"):
        weights.path("one")


@pytest.mark.parametrize("content", [b"eno" * 1000, ONE + b"\n", b""], ids=["altered", "longer", "empty"])
def test_another_file_is_not_handed_out(write_manifest: Manifest, content: bytes) -> None:
    write_manifest(entry("one", ONE))
    place("one.bin", content)

    with pytest.raises(weights.WeightsDiffer, match="omnigov models fetch"):
        weights.path("one")


def test_a_file_is_hashed_once_a_process(write_manifest: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    write_manifest(entry("one", ONE))
    place("one.bin", ONE)
    hashed: list[Path] = []
    digest = store.digest
    monkeypatch.setattr(store, "digest", lambda path: hashed.append(path) or digest(path))

    for _ in range(3):
        weights.path("one")

    assert len(hashed) == 1


def test_a_folder_is_handed_out_once_each_of_its_files_is_verified(write_manifest: Manifest) -> None:
    files = [entry(f"tiny/{name}", name.encode(), path=f"tiny/{name}") for name in ("a.json", "b.json")]
    write_manifest(*files)
    folder = place("tiny/a.json", b"a.json").parent

    with pytest.raises(weights.WeightsMissing, match=r"tiny/b\.json"):
        weights.directory("tiny")
    place("tiny/b.json", b"b.json")
    assert weights.directory("tiny") == folder


def test_names_that_the_manifest_has_not_are_said(write_manifest: Manifest) -> None:
    write_manifest(entry("one", ONE))

    with pytest.raises(KeyError, match="omnigov models list"):
        weights.path("two")
    with pytest.raises(KeyError, match="omnigov models list"):
        weights.directory("one")


def connector(config: str) -> bytes:
    """A safetensors file without tensors: the header's length, then the header."""
    header = json.dumps({"__metadata__": {"config": config}}).encode()
    return len(header).to_bytes(8, "little") + header


def a_model(write_manifest: Manifest, **connector_changes: Any) -> Path:
    config = {"language_model": "tiny", "vision_tower": "tower", "connector": "bridge"}
    bridge = {
        "path": "bridge.safetensors",
        "role": "connector",
        "sources": [{"kind": "repository"}],
        **connector_changes,
    }
    return write_manifest(
        entry("tiny/a.json", b"a", path="tiny/a.json", role="language_model"),
        entry("tower", b"t", role="vision_tower"),
        entry("bridge", connector("{}"), **bridge),
        models=[{"name": "tiny-tower", "stage": "image_text", "config": config}],
    )


def test_a_model_version_names_every_file_and_the_connectors_configuration(
    write_manifest: Manifest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(store, "REPOSITORY", tmp_path)
    a_model(write_manifest)
    (tmp_path / "bridge.safetensors").write_bytes(connector("{}"))

    version = weights.model_version(Stage.IMAGE_TEXT)

    assert version.name == "tiny-tower"
    assert [(file.name, file.role) for file in version.files] == [
        ("tiny/a.json", "language_model"),
        ("tower", "vision_tower"),
        ("bridge", "connector"),
    ]
    assert version.config_digest == hashlib.sha256(b"{}").hexdigest()


def test_a_model_version_needs_its_own_connector_and_a_stage_that_has_a_model(
    write_manifest: Manifest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(store, "REPOSITORY", tmp_path)
    a_model(write_manifest)
    (tmp_path / "bridge.safetensors").write_bytes(connector("{ }"))

    with pytest.raises(weights.WeightsDiffer, match="git checkout"):
        weights.model_version(Stage.IMAGE_TEXT)
    with pytest.raises(weights.WeightsMissing, match="stage audio"):
        weights.model_version(Stage.AUDIO)


def test_a_trained_connector_is_pinned_by_a_verb(
    write_manifest: Manifest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(store, "REPOSITORY", tmp_path)
    path = a_model(write_manifest, sha256=None, size=None)
    assert command.models(["describe"]) == 1
    assert "models pin bridge" in capsys.readouterr().err
    (tmp_path / "bridge.safetensors").write_bytes(connector('{"grid": 7}'))

    assert command.models(["pin", "bridge"]) == 0

    assert path == manifest.MANIFEST
    assert command.models(["describe", "--json"]) == 0
    described = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert described["files"][2]["sha256"] == hashlib.sha256(connector('{"grid": 7}')).hexdigest()


def test_what_comes_from_others_is_not_pinned(
    write_manifest: Manifest, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_manifest(entry("one", ONE))
    before = path.read_bytes()

    assert command.models(["pin", "one"]) == 1

    assert "comes from others" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_verify_exits_1_where_a_file_is_missing_or_differs(
    write_manifest: Manifest, capsys: pytest.CaptureFixture[str]
) -> None:
    source = entry("raw", b"raw", role="conversion_source")
    write_manifest(entry("one", ONE), entry("two", b"two"), source)
    place("one.bin", ONE)
    place("two.bin", b"owt")

    assert command.models(["verify", "--json"]) == 1

    states = {row["name"]: row["state"] for row in json.loads(capsys.readouterr().out)}
    assert states == {"one": "verified", "two": "differs", "raw": "not_needed"}
    place("two.bin", b"two")
    assert command.models(["verify"]) == 0
