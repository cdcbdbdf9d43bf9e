"""`omnigov redact --make-template`, and `--template` with what it made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from omnigov.contracts import FormTemplate
from tests.workers.redaction.conftest import SAMPLES
from tests.workers.redaction.forms.conftest import field_boxes, filled_anew, made, png
from workers.redaction.cli.command import main

FIELDS = [
    {"name": f"field {n}", "kind": "PERSON", "place": box.model_dump()} for n, box in enumerate(field_boxes())
]


def make(folder: Path, fields: object = FIELDS, sample: Path = SAMPLES / "form.png") -> int:
    (folder / "fields.json").write_text(json.dumps(fields), encoding="utf-8")
    return main(
        ["--make-template", str(sample), str(folder / "fields.json"), "--out", str(folder / "t.json")]
    )


def test_a_template_is_made_and_used(tmp_path: Path) -> None:
    assert make(tmp_path) == 0
    template = FormTemplate.model_validate_json((tmp_path / "t.json").read_bytes())
    # The same as the page makes of the same sample.
    assert template.reference == made().reference
    assert template.name == "form"
    (tmp_path / "in.png").write_bytes(png(filled_anew()))
    (tmp_path / "profile.json").write_text(
        '{"faces": false, "text": false, "codes": false, "screens": false}'
    )
    words = ["--profile", str(tmp_path / "profile.json"), "--template", str(tmp_path / "t.json")]
    out = ["--out", str(tmp_path / "out.png"), "--report", str(tmp_path / "report.json")]
    assert main([str(tmp_path / "in.png"), *out, *words]) == 0
    (row,) = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["files"]
    assert {finding["detector"] for finding in row["findings"]} == {"form_template"}
    assert len(row["findings"]) == len(FIELDS)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([], "at least 1"),
        ([{"name": "x", "box": {"left": 0, "top": 0, "right": 5000, "bottom": 9}}], "beyond the form"),
        ([{"name": "x", "box": {"left": 9, "top": 0, "right": 5, "bottom": 9}}], "an area needs a width"),
    ],
)
def test_fields_that_can_not_be_are_told(
    fields: list[object], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(tmp_path, fields) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "t.json").exists()


def test_a_sample_that_is_no_picture_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "sample.png").write_bytes(b"no picture")
    assert make(tmp_path, sample=tmp_path / "sample.png") == 1
    assert "sample.png" in capsys.readouterr().err
    assert make(tmp_path, sample=tmp_path / "missing.png") == 1
