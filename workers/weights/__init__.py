"""Model files by digest: code asks for a name and gets a verified path, or a sentence with the mend."""

from workers.weights.store import (
    FileState,
    WeightsDiffer,
    WeightsMissing,
    WeightsUnavailable,
    directory,
    folder,
    model_version,
    path,
    sha256,
    verify_all,
)

__all__ = [
    "FileState",
    "WeightsDiffer",
    "WeightsMissing",
    "WeightsUnavailable",
    "directory",
    "folder",
    "model_version",
    "path",
    "sha256",
    "verify_all",
]
