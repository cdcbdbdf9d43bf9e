from __future__ import annotations

import sys
from pathlib import Path

import pytest

from workers.weights import torchaudio_cpu


@pytest.fixture
def torchaudio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A torchaudio that, like the real one beside a CPU torch, can't be imported."""
    package = tmp_path / "site" / "torchaudio"
    (package / "lib").mkdir(parents=True)
    (package / "__init__.py").write_text("raise OSError('libcudart.so.13: cannot open shared object file')")
    for name in ("libtorchaudio.so", "_torchaudio.so", "notes.txt"):
        (package / "lib" / name).write_bytes(b"\x7fELF")
    monkeypatch.syspath_prepend(package.parent)
    monkeypatch.delitem(sys.modules, "torchaudio", raising=False)
    return package


def test_it_finds_torchaudio_without_importing_it(torchaudio: Path) -> None:
    assert torchaudio_cpu.find() == torchaudio
    assert "torchaudio" not in sys.modules


def test_without_cuda_the_extensions_go_and_nothing_else(torchaudio: Path) -> None:
    sentence = torchaudio_cpu.remove_extensions(torchaudio, None)

    assert sorted(path.name for path in torchaudio.rglob("*.*")) == ["__init__.py", "notes.txt"]
    assert "libtorchaudio.so" in sentence
    assert "\n" not in sentence


def test_a_second_time_there_is_nothing_to_do(torchaudio: Path) -> None:
    torchaudio_cpu.remove_extensions(torchaudio, None)

    assert "nothing to do" in torchaudio_cpu.remove_extensions(torchaudio, None)


def test_beside_a_cuda_torch_everything_stays(torchaudio: Path) -> None:
    assert "12.8" in torchaudio_cpu.remove_extensions(torchaudio, "12.8")
    assert len(list((torchaudio / "lib").glob("*.so"))) == 2


def test_without_torchaudio_it_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torchaudio_cpu, "find", lambda: None)

    assert torchaudio_cpu.main() == 0
    assert capsys.readouterr().out == "torchaudio is not installed: nothing to do.\n"
