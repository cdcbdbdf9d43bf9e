"""The stand-alone verifier is made from the product's own files, and finds what they find."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from omnigov.ledger import bundle, standalone, verify
from omnigov.ledger.standalone import PARTS, StandaloneError, source
from tests.omnigov.ledger.bundles import FORGER, KEY, Draft, log, read_zip, write_zip

FOLDER = Path(verify.__file__).parent


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("standalone") / standalone.NAME
    path.write_text(source(), encoding="utf-8")
    return path


def test_it_holds_every_line_of_the_files_in_order() -> None:
    joined = source()
    at = 0
    for part in PARTS:
        lines = (FOLDER / f"{part}.py").read_text(encoding="utf-8").splitlines()
        # Up to the first constant or definition, a file has its docstring and its imports.
        body = "\n".join(lines[_end_of_imports(lines) :]).strip()
        at = joined.index(body, at)


def _end_of_imports(lines: list[str]) -> int:
    return max(number for number, line in enumerate(lines) if line.startswith(("import ", "from "))) + 1


def test_it_imports_nothing_of_the_house() -> None:
    assert "omnigov.ledger" not in "".join(line for line in source().splitlines() if "import" in line)
    assert "django" not in source().lower()


def run(program: Path, *arguments: str) -> tuple[int, str]:
    # -I: neither the current folder nor the environment's paths are looked at.
    done = subprocess.run(
        [sys.executable, "-I", str(program), *arguments], capture_output=True, text=True, cwd=program.parent
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def loaded(program: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("omnigov_verify", program)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their own module up by its name.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_it_finds_what_the_product_finds(
    program: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    joined = loaded(program)
    honest = Draft(log(9), [1, 5])
    members = read_zip(honest.pack(tmp_path / "honest.zip"))
    Draft(log(9)).pack(tmp_path / "whole.zip")
    Draft(log(9), signer=FORGER).pack(tmp_path / "forged.zip")
    write_zip(
        tmp_path / "changed.zip",
        {**members, bundle.ENTRIES: members[bundle.ENTRIES].replace(b"animal", b"person")},
    )
    write_zip(tmp_path / "added.zip", {**members, "extra.txt": b""})
    lines = [honest.lines[0], honest.lines[1].replace(b"animal", b"person")]
    honest.retell(lines).pack(tmp_path / "insider.zip")
    seen = set()
    for path in sorted(tmp_path.glob("*.zip")):
        for arguments in ([str(path), "--key", KEY, "--json"], [str(path), "--json"], [str(path)]):
            code = verify.main(arguments)
            expected = capsys.readouterr().out
            assert (joined.main(arguments), capsys.readouterr().out) == (code, expected)
            if "--key" in arguments:
                failed = json.loads(expected)["failed"]
                seen.add(failed and failed["check"])
                assert run(program, *arguments) == (code, expected)
    assert seen == {None, "signature", "members", "inclusion"}


def _copies(tmp_path: Path) -> Path:
    for part in PARTS:
        shutil.copy(FOLDER / f"{part}.py", tmp_path)
    return tmp_path


def test_a_name_bound_in_two_files_is_refused(tmp_path: Path) -> None:
    with (_copies(tmp_path) / "verify.py").open("a") as file:
        file.write("\nNOTE_LIMIT = 1\n")
    with pytest.raises(StandaloneError, match=r"NOTE_LIMIT is bound in checkpoint\.py and in verify\.py"):
        source(tmp_path)


@pytest.mark.parametrize(
    "line", ["from omnigov.ledger.merkle import root as top", "from omnigov.ledger.models import LedgerEntry"]
)
def test_an_import_that_can_t_fall_away_is_refused(tmp_path: Path, line: str) -> None:
    with (_copies(tmp_path) / "verify.py").open("a") as file:
        file.write(f"\n{line}\n")
    with pytest.raises(StandaloneError, match="imports between the files are plain"):
        source(tmp_path)
