from __future__ import annotations

import json
import subprocess
import sys

import pytest

from workers import doctor
from workers.__main__ import VERBS, main
from workers.redaction.core import known_answers
from workers.redaction.detectors import registry as detectors
from workers.redaction.detectors.registry import Entry


def test_it_lists_its_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    out = capsys.readouterr().out
    assert all(verb in out for verb in VERBS)


def test_an_unknown_verb_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dance"]) == 2
    assert "no verb 'dance'" in capsys.readouterr().err


def test_listing_model_files_loads_neither_torch_nor_django() -> None:
    code = (
        "import sys; from workers.__main__ import main; main(['models', 'list', '--json']);"
        "sys.exit(','.join({'torch', 'transformers', 'gguf', 'numpy', 'django'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert answer.stderr.strip() == ""
    rows = json.loads(answer.stdout)
    assert {"name", "role", "licence", "sha256", "size", "sources", "here"} <= rows[0].keys()


def test_the_doctor_says_what_it_found_and_a_mend_for_what_is_amiss(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = doctor.main(["--json"])

    checks = json.loads(capsys.readouterr().out)
    assert all(set(check) == {"check", "ok", "found", "mend"} for check in checks)
    assert all(check["ok"] or check["mend"] for check in checks)
    assert code == (0 if all(check["ok"] for check in checks) else 1)
    names = [check["check"] for check in checks]
    assert {"Python", "torch", "onnxruntime", "model file centerface", "disk for model files"} <= set(names)


def test_the_doctor_lives_through_a_library_that_does_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    checks = {check.check: check for check in doctor.examine()}

    assert not checks["onnxruntime"].ok
    assert checks["onnxruntime"].mend
    assert checks["torch"].ok


def test_the_doctor_tells_a_detector_that_sees_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    implementation = "tests.workers.redaction.core.test_known_answers:Blind"
    blind = Entry("blind", implementation, (), ("first",), lambda _: True, known_answers.face)
    monkeypatch.setattr(detectors, "REGISTRY", (*detectors.REGISTRY, blind))
    monkeypatch.setattr(detectors, "_loaded", dict(detectors._loaded))

    checks = {check.check: check for check in doctor.examine()}

    assert checks["detector codes"].ok
    assert not checks["detector blind"].ok
    assert "make clean setup" in checks["detector blind"].mend
