"""A step of the set-up: make PyPI's torchaudio importable beside a torch without CUDA.

PyPI's torchaudio is built for CUDA. Beside a CPU torch its extension can't be loaded, and `import
torchaudio`, and with it transformers and pyannote.audio, fails. Its own loader goes on without the
extension where the file is absent, and the pure-Python rest is all that is needed here. Run as
`python -m workers.weights.torchaudio_cpu`; run again it finds nothing left to do.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path


def find() -> Path | None:
    """torchaudio's folder, found without importing it; None where it isn't installed."""
    spec = importlib.util.find_spec("torchaudio")
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else None


def torch_cuda() -> str | None:
    """The CUDA version that torch was built for; None for a CPU build."""
    import torch

    return torch.version.cuda


def remove_extensions(torchaudio: Path | None, cuda: str | None) -> str:
    """Remove `lib/*.so` where torch has no CUDA; returns the sentence that tells what was done."""
    if torchaudio is None:
        return "torchaudio is not installed: nothing to do."
    if cuda is not None:
        return f"torch is built for CUDA {cuda}: torchaudio stays as it is."
    extensions = sorted((torchaudio / "lib").glob("*.so"))
    for extension in extensions:
        extension.unlink()
    if not extensions:
        return "torchaudio has no extension left to remove: nothing to do."
    return f"torch has no CUDA: removed {', '.join(path.name for path in extensions)} from torchaudio/lib."


def main() -> int:
    torchaudio = find()
    print(remove_extensions(torchaudio, torch_cuda() if torchaudio is not None else None))
    return 0


if __name__ == "__main__":
    sys.exit(main())
