"""The command line, whole and with the real model: a folder in, one JSON object out, a head that is used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.workers.alignment.test_adapting import policy_of

pytestmark = pytest.mark.long

COLOURS = {"reddish": (200, 60, 60), "greenish": (60, 180, 60)}


def omnigov(*words: str | Path, state: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "omnigov.cli", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMNIGOV_VAR": str(state), "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"},
    )


def folder_of(folder: Path, per_label: int, seed: int) -> Path:
    random = np.random.default_rng(seed)
    for label, colour in COLOURS.items():
        (folder / label).mkdir(parents=True)
        for number in range(per_label):
            pixels = np.asarray(colour) + random.normal(0, 25, (96, 96, 3))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / label / f"{number}.png")
    return folder


def test_adapt_evaluate_and_ask_need_files_alone(tmp_path: Path) -> None:
    policy, state = tmp_path / "policy.json", tmp_path / "state"
    policy.write_text(policy_of(list(COLOURS)).model_dump_json())
    shown, kept_back = folder_of(tmp_path / "shown", 6, 1), folder_of(tmp_path / "kept", 3, 2)

    before = omnigov("evaluate", "--policy", policy, "--examples", kept_back, "--json", state=state)
    adapted = omnigov("adapt", "--policy", policy, "--examples", shown, "--json", state=state)
    after = omnigov("evaluate", "--policy", policy, "--examples", kept_back, "--json", state=state)
    asked = omnigov("ask", kept_back / "reddish" / "0.png", "--policy", policy, "--json", state=state)

    for answer in (before, adapted, after, asked):
        assert answer.returncode == 0, answer.stderr
    wanted = {"n", "accuracy", "interval", "ece", "coverage", "risk", "baselines"}
    for answer in (before, adapted, after):
        said = json.loads(answer.stdout)
        assert wanted <= said.keys()
        assert all(0 <= said[name] <= 1 for name in ("accuracy", "ece", "coverage", "risk"))
        assert said["interval"][0] <= said["accuracy"] <= said["interval"][1]
    assert json.loads(before.stdout)["head"] is None
    assert json.loads(after.stdout)["head"] == json.loads(adapted.stdout)["head"]
    assert json.loads(after.stdout)["accuracy"] == 1
    found = json.loads(asked.stdout)["answers"][0]
    assert found["label"] == "reddish"
    assert found["confidence_kind"] == "calibrated"
    assert found["explanation"]["sentences"]


def test_what_can_t_be_done_is_a_sentence_and_no_trace(tmp_path: Path) -> None:
    answer = omnigov(
        "adapt", "--policy", "nowhere", "--examples", tmp_path, "--json", state=tmp_path / "state"
    )
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr.startswith("omnigov adapt: There is no file nowhere")
    assert "Traceback" not in answer.stderr
