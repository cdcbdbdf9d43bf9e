"""The manifest that is shipped: complete, and of a kind that may be shipped."""

from __future__ import annotations

import importlib.metadata

import pytest
from pydantic import ValidationError

from tests.workers.weights.conftest import Manifest as WriteManifest
from tests.workers.weights.conftest import entry
from workers.weights import datasets, store
from workers.weights.manifest import ConvertedSource, ModelFile, WheelSource, manifest
from workers.weights.sources import RECIPES

FILES = manifest().files
COMPATIBLE = {"Apache-2.0", "MIT", "BSD-3-Clause", "BSD-2-Clause"}
PROMISED = [
    "efficientnet-lite0",
    "centerface",
    "mtcnn-pnet",
    "mtcnn-rnet",
    "mtcnn-onet",
    "ppocr-det",
    "ppocr-rec",
    "ppocr-cls",
    "connector-image-text",
    "silero-vad",
    "pyannote-segmentation",
    "resemblyzer",
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_file_has_a_licence_a_digest_and_a_source_that_anybody_has(file: ModelFile) -> None:
    assert file.licence in COMPATIBLE
    if file.in_repository:
        assert [source.kind for source in file.sources] == ["repository"]
        assert (file.sha256 is not None) == store.location(file).is_file(), f"run `models pin {file.name}`"
    else:
        assert file.sha256
        assert file.size
        first, second, *hub = [source.kind for source in file.sources]
        assert first == "folder"
        assert second in ("wheel", "wheels", "npm", "converted")
        assert set(hub) <= {"hub"}


def test_the_names_that_the_code_asks_for_are_there() -> None:
    assert set(PROMISED) <= {file.name for file in FILES}
    assert len(manifest().members("smollm2-135m-instruct")) == 5
    assert len(manifest().members("whisper-base")) == 4
    assert len(manifest().members("whisper-small")) == 5


def test_what_the_installed_wheels_carry_is_what_is_pinned() -> None:
    """A newer facenet-pytorch or rapidocr with other files would make every fetch download the old wheel."""
    for file in FILES:
        for source in file.sources:
            if isinstance(source, WheelSource) and source.project in ("facenet-pytorch", "rapidocr"):
                installed = importlib.metadata.distribution(source.project)
                assert installed.version == source.version
                assert store.digest(installed.locate_file(source.member)) == file.sha256  # type: ignore[arg-type]


def test_every_conversion_has_its_recipe() -> None:
    recipes = {
        source.recipe for file in FILES for source in file.sources if isinstance(source, ConvertedSource)
    }
    assert recipes == set(RECIPES)


def test_every_data_set_has_a_licence_a_digest_and_an_offline_source() -> None:
    for data in datasets.datasets():
        assert data.licence
        assert data.sources[0].kind == "folder"
        assert set(data.sha256) != {"0"}
        assert set(data.tree_sha256) != {"0"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sha256": None}, "wait for its digest"),
        ({"path": "../one.bin"}, "leaves the model folder"),
        ({"path": "/etc/one.bin"}, "leaves the model folder"),
        ({"sha256": "abc"}, "pattern"),
        ({"licence": ""}, "licence"),
        ({"sources": []}, "sources"),
    ],
)
def test_an_entry_that_says_too_little_is_refused(
    write_manifest: WriteManifest, changes: dict[str, object], reason: str
) -> None:
    write_manifest(entry("one", b"one", **changes))

    with pytest.raises(ValidationError, match=reason):
        manifest()


def test_two_files_with_one_name_are_refused(write_manifest: WriteManifest) -> None:
    write_manifest(entry("one", b"one"), entry("one", b"two"))

    with pytest.raises(ValidationError, match="same name"):
        manifest()
