"""`python -m workers doctor`: checks of the GPU side, each with its mend."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from omnigov.contracts import Frozen, Quarantined
from workers.weights import WeightsUnavailable, store

ENOUGH_DISK = 1_000_000_000
INSTALL = "Install it: make setup."


class Check(Frozen):
    """One line of the doctor's. `mend` is empty where `ok`."""

    check: str
    ok: bool
    found: str
    mend: str = ""


def main(argv: Sequence[str]) -> int:
    """Prints every check; returns 1 where one needs a mend."""
    parser = argparse.ArgumentParser(prog="python -m workers doctor", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print a list of {check, ok, found, mend}")
    options = parser.parse_args(argv)
    checks = examine()
    if options.json:
        print(json.dumps([check.model_dump() for check in checks], ensure_ascii=False))
    else:
        for check in checks:
            print(f"{'ok  ' if check.ok else 'MEND'}  {check.check}: {check.found}")
            if check.mend:
                print(f"      {check.mend}")
    return 0 if all(check.ok for check in checks) else 1


def examine() -> tuple[Check, ...]:
    parts: tuple[tuple[str, Callable[[], Check]], ...] = (
        ("torch", _torch),
        ("torchaudio", _torchaudio),
        ("onnxruntime", _onnxruntime),
        ("PyAV and its ffmpeg libraries", _pyav),
    )
    return (
        _python(),
        *(_guarded(name, part) for name, part in parts),
        *_model_files(),
        *_detectors(),
        _disk(store.folder()),
    )


def _guarded(name: str, part: Callable[[], Check]) -> Check:
    """A library that breaks while it is imported, in whatever way, is what the doctor is asked about."""
    try:
        return part()
    except ModuleNotFoundError as error:
        return Check(check=name, ok=False, found=f"{error.name} is not installed", mend=INSTALL)
    except Exception as error:  # noqa: BLE001 - native libraries raise what they like when they don't load
        return Check(
            check=name, ok=False, found=f"does not load: {error}", mend="Install anew: make clean setup."
        )


def _python() -> Check:
    ok = sys.version_info[:2] == (3, 11)
    return Check(
        check="Python",
        ok=ok,
        found=platform.python_version(),
        mend="" if ok else "Install Python 3.11, then: make clean setup PYTHON=/path/to/python3.11.",
    )


def _torch() -> Check:
    import torch

    if torch.cuda.is_available():
        device = torch.cuda.get_device_name(0)
    elif torch.version.cuda is None:
        device = f"CPU, {torch.get_num_threads()} threads"
    else:
        device = f"CPU, {torch.get_num_threads()} threads: no GPU is visible"
    build = f"CUDA {torch.version.cuda}" if torch.version.cuda else "a CPU build"
    return Check(check="torch", ok=True, found=f"{torch.__version__}, {build}, device {device}")


def _torchaudio() -> Check:
    from workers.weights import torchaudio_cpu

    folder = torchaudio_cpu.find()
    if folder is None:
        return Check(check="torchaudio", ok=False, found="not installed", mend=INSTALL)
    wrong = torchaudio_cpu.torch_cuda() is None and any((folder / "lib").glob("*.so"))
    return Check(
        check="torchaudio",
        ok=not wrong,
        found="built for CUDA beside a torch without" if wrong else "fits torch",
        mend="Run: python -m workers.weights.torchaudio_cpu." if wrong else "",
    )


def _onnxruntime() -> Check:
    module = importlib.import_module("onnxruntime")
    providers = ", ".join(module.get_available_providers())
    return Check(check="onnxruntime", ok=True, found=f"{module.__version__}: {providers}")


def _pyav() -> Check:
    module = importlib.import_module("av")
    versions = ", ".join(
        f"{name} {'.'.join(map(str, version))}" for name, version in sorted(module.library_versions.items())
    )
    return Check(check="PyAV and its ffmpeg libraries", ok=True, found=f"{module.__version__}: {versions}")


def _model_files() -> tuple[Check, ...]:
    checks = []
    for state in store.verify_all():
        if state.state == "not_needed":
            continue
        ok = state.state == "verified"
        found = f"{state.state}, {(state.sha256 or 'no digest')[:12]}"
        checks.append(Check(check=f"model file {state.name}", ok=ok, found=found, mend=state.sentence or ""))
    return tuple(checks)


def _detectors() -> Iterator[Check]:
    """Whether each detector loads, and finds what stands in the picture that it must find something in."""
    from workers.redaction.detectors import registry as detectors

    for entry in detectors.REGISTRY:
        if entry.known is None:
            continue
        try:
            detectors.loaded(entry)
        except Quarantined as silent:
            found, mend = silent.code, silent.sentence
        except WeightsUnavailable as missing:
            found, mend = "does not load", str(missing)
        except Exception as error:  # noqa: BLE001 - native libraries raise what they like when they don't load
            found, mend = f"does not load: {type(error).__name__}: {error}", "Install anew: make clean setup."
        else:
            found, mend = "finds what it must", ""
        yield Check(check=f"detector {entry.name}", ok=not mend, found=found, mend=mend)
    yield from _hearing()


def _hearing() -> Iterator[Check]:
    """Whether each part that listens loads, and hears what is said in the recording it is tried on."""
    from workers.redaction.hearing import parts

    for part in parts.PARTS:
        try:
            parts.ask(part, lambda loaded: None)
        except Quarantined as silent:
            yield Check(check=f"detector {part.name}", ok=False, found=silent.code, mend=silent.sentence)
        else:
            yield Check(check=f"detector {part.name}", ok=True, found="hears what it must")


def _disk(folder: Path) -> Check:
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(there).free
    ok = free >= ENOUGH_DISK
    return Check(
        check="disk for model files",
        ok=ok,
        found=f"{free / 1e9:.1f} GB free for {folder}",
        mend="" if ok else "Free some space, or name a folder on a larger disk in OMNIGOV_MODELS_DIR.",
    )
