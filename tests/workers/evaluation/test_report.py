"""Accuracy, its interval, and what it is set beside; and the shipped connector measured again."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import torch

from omnigov.contracts import Label, PolicySpec
from workers import weights
from workers.alignment.report import make_report, table, wilson_interval
from workers.alignment.stamps import Split, Stamp
from workers.alignment.training import Measured
from workers.evaluation import command


def stamps(*kinds: str) -> tuple[Stamp, ...]:
    return tuple(Stamp(f"{kind}{i}", Path(kind), "", kind, "") for i, kind in enumerate(kinds))


def test_wilson_interval_is_newcombes() -> None:
    """Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3."""
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_wilson_interval_stays_between_nothing_and_all() -> None:
    for of in range(1, 2000):
        assert 0 <= wilson_interval(0, of)[0] < 1e-12
        assert 1 - 1e-12 < wilson_interval(of, of)[1] <= 1


def test_a_report_is_set_beside_chance_and_the_most_common_kind() -> None:
    words = ("animal", "food", "sign")
    policy = PolicySpec(
        question="What?", labels=tuple(Label(key=w, phrase=w, name_en=w, name_ja=w) for w in words)
    )
    parts = Split(
        stamps("sign", "sign", "food", "animal"), stamps("animal", "animal", "animal", "food", "sign")
    )
    measured = Measured(1.5, 0.5, (0, 0, 1, 1, 0), torch.zeros(5, 3))
    report = make_report(policy, parts, measured)
    assert (report.right, report.accuracy) == (3, 0.6)
    assert report.balanced_accuracy == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert report.chance == pytest.approx(1 / 3)
    assert (report.most_common, report.most_common_accuracy) == ("sign", 0.2)
    assert report.confusions == {"animal -> food": 1, "sign -> animal": 1}
    assert "60.0% (3/5" in table(report)


def test_missing_data_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from workers.alignment.command import save_connector
    from workers.omni.config import TINY
    from workers.omni.model import new_model

    file = tmp_path / "tiny.safetensors"
    save_connector(new_model(TINY), file)
    assert command.main(["--stage", "image_text", "--data", str(tmp_path), "--connector", str(file)]) == 1
    assert "omnigov data fetch" in capsys.readouterr().err


@pytest.mark.long
def test_the_model_card_says_what_evaluate_measures(capsys: pytest.CaptureFixture[str]) -> None:
    code = command.main(["--stage", "image_text", "--json"])
    shown = capsys.readouterr()
    if code:
        pytest.skip(shown.err.strip())
    report = json.loads(shown.out)
    card = weights.path("connector-image-text").with_suffix(".md").read_text(encoding="utf-8")
    found = re.search(r"label accuracy \| [\d.]+% \((\d+)/(\d+)", card)
    assert found is not None
    # The file holds float16, and processors differ in their last bits: one picture may fall the other way.
    assert abs(int(found[1]) - report["right"]) <= 1
    assert int(found[2]) == report["held_out_pictures"]
    assert report["accuracy_interval"][0] > 2 * report["most_common_accuracy"]
