"""`omnigov policy`: a policy in words, as JSON, and as a profile for redaction alone."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from omnigov.commands import policy
from omnigov.contracts import PolicySpec, RedactionProfile
from omnigov.policies.services import redaction_publish
from tests.omnigov.policies.test_comparison import FORM


@pytest.fixture
def workspace(cast: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two versions: the second hides no seals, and knows a form."""
    monkeypatch.setattr(policy, "installation", contextlib.nullcontext)
    profile = cast.policy_version.spec.redaction.model_copy(update={"seals": False, "templates": (FORM,)})
    redaction_publish(based_on=cast.policy_version, redaction=profile, reason="No seals.", by=cast.steward)
    return str(cast.workspace.slug)


def test_a_policy_is_shown_in_words(workspace: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert policy.main(["show", "what-is-shown", "--workspace", workspace]) == 0
    shown = capsys.readouterr().out
    for words in (
        "version 2",
        "faces, text, codes, screens; by solid",
        "Card, fields: 1",
        "No seals.",
        "measured:     not measured",
    ):
        assert words in shown
    assert policy.main(["show", "what-is-shown", "--workspace", workspace, "--version", "1"]) == 0
    shown = capsys.readouterr().out
    assert "seals" in shown
    assert "87 % of 30 examples right, 95 % interval 70 % to 95 %, confidence calibrated" in shown


def test_a_policy_is_shown_whole(workspace: str, cast: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert policy.main(["show", "what-is-shown", "--workspace", workspace, "--version", "1", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert PolicySpec.model_validate(shown["spec"]) == cast.policy_version.spec
    assert (shown["version"], shown["digest"]) == (1, cast.policy_version.digest)
    assert (shown["measured"]["n"], shown["measured"]["interval"]) == (30, [0.703, 0.947])


def test_the_profile_is_what_the_policy_hides(
    workspace: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "profile.json"
    assert policy.main(["profile", "what-is-shown", "--workspace", workspace, "--out", str(out)]) == 0
    profile = RedactionProfile.model_validate_json(out.read_bytes())
    assert (profile.seals, profile.templates) == (False, (FORM,))
    assert policy.main(["profile", "what-is-shown", "--workspace", workspace]) == 0
    assert RedactionProfile.model_validate_json(capsys.readouterr().out) == profile
    where = str(tmp_path / "nowhere" / "p.json")
    assert policy.main(["profile", "what-is-shown", "--workspace", workspace, "--out", where]) == 1
    assert "can't be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "more", "sentence"),
    [
        (
            "none",
            [],
            "There is no policy named 'none'. The policies here are: voice-report, what-is-shown, "
            "what-is-this-document, what-state-is-the-product-in.",
        ),
        ("what-is-shown", ["--version", "9"], "what-is-shown has no version 9; the newest is 2."),
        ("what-is-shown", ["--workspace", "nowhere"], "There is no workspace nowhere."),
    ],
)
def test_what_is_not_there_is_said(
    workspace: str, capsys: pytest.CaptureFixture[str], name: str, more: list[str], sentence: str
) -> None:
    assert policy.main(["show", name, "--workspace", workspace, *more]) == 1
    assert capsys.readouterr().err.strip() == sentence
