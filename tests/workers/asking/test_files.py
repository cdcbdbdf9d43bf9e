"""Policies from files, folders of examples, and heads that are kept: what is refused says what to mend."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from omnigov.contracts import Head
from omnigov.policies.services import explained_publish
from tests.conftest import Cast
from tests.workers.alignment.test_adapting import BASE, POLICY, coloured, policy_of, silent
from workers.alignment.adapting import adapt
from workers.asking.folder import FolderUnusable, files_in
from workers.asking.kept import KeptFeatures, examples_key, keep, newest, state_folder
from workers.asking.policy_file import PolicyUnusable, policy_from
from workers.evaluation.page import write_page
from workers.omni.config import TINY
from workers.omni.features import Features
from workers.omni.model import new_model


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OMNIGOV_VAR", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture(scope="module")
def adapted() -> tuple[bytes, Head]:
    return adapt(coloured(8, 1), POLICY, silent, model=new_model(TINY), version=BASE)


def test_a_policy_comes_from_a_file_or_by_name(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text(POLICY.model_dump_json())
    assert policy_from(str(file)) == POLICY
    file.write_text(json.dumps({"policy": "colours", "spec": POLICY.model_dump(mode="json")}))
    assert policy_from(str(file)) == POLICY
    assert policy_from("what-is-shown") == policy_from("what_is_shown")


def labelled(*keys: str) -> str:
    labels = [{"key": key, "phrase": key, "name_en": key, "name_ja": key} for key in keys]
    return json.dumps({"question": "?", "labels": labels})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{", "can't be read as JSON"),
        ('{"question": "?"}', "labels"),
        ('{"question": "?", "labels": NaN}', "labels"),
        (labelled("a"), "at least 2 are needed"),
        (labelled(*(f"a{number}" for number in range(200))), "at most 32, not 200"),
        ("[1, 2]", "one JSON object"),
        (labelled("a", "a"), "same key"),
        (labelled("a", "b").replace('"phrase": "b"', '"phrase": " A "'), "tell them apart"),
    ],
)
def test_a_policy_that_can_t_be_asked_is_refused_in_words(tmp_path: Path, body: str, said: str) -> None:
    file = tmp_path / "policy.json"
    file.write_text(body)
    with pytest.raises(PolicyUnusable, match=said):
        policy_from(str(file))


def test_a_policy_that_is_nowhere_says_where_it_could_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    with pytest.raises(PolicyUnusable, match="omnigov policy show"):
        policy_from("no-such-policy")


def test_a_policy_of_a_workspace_is_found_by_its_name(
    committed_cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    where, version = committed_cast.workspace.slug, committed_cast.policy_version
    mine = explained_publish(based_on=version, deep_share=1000, reason="Some.", by=committed_cast.steward)
    slug = mine.policy.slug
    assert policy_from(slug, where) == mine.spec
    assert f"version 2 of the workspace {where}" in capsys.readouterr().err
    assert policy_from(slug).deep_share == 0
    assert "the text that comes with OmniGov" in capsys.readouterr().err
    with pytest.raises(PolicyUnusable, match="no-such-policy"):
        policy_from("no-such-policy", where)


def test_a_folder_is_one_folder_a_label_and_groups_stay_groups(tmp_path: Path) -> None:
    for name in ("red/1.png", "red/car/2.png", "red/car/3.png", "green/4.png", ".hidden/5.png", "red/.6.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = {file.name: (label, group) for file, label, group in files_in(tmp_path, POLICY)}
    assert found == {
        "1.png": ("red", ""),
        "2.png": ("red", "red/car"),
        "3.png": ("red", "red/car"),
        "4.png": ("green", ""),
    }


def test_a_folder_that_is_no_label_s_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderUnusable, match="no examples"):
        list(files_in(tmp_path, POLICY))
    (tmp_path / "Red").mkdir()
    with pytest.raises(FolderUnusable, match="named red, green, blue"):
        list(files_in(tmp_path, POLICY))
    with pytest.raises(FolderUnusable, match="There is no folder"):
        list(files_in(tmp_path / "nowhere", POLICY))


def test_the_newest_head_of_this_very_policy_is_used(state: Path, adapted: tuple[bytes, Head]) -> None:
    assert newest(POLICY) is None
    place = keep(POLICY, *adapted)
    found = newest(POLICY)
    assert found is not None
    assert found[0] == adapted[0]
    assert found[1] == adapted[1]
    assert newest(policy_of(["red", "green", "blue"], "Another?")) is None
    place.write_bytes(adapted[0][:-1] + bytes([adapted[0][-1] ^ 1]))
    with pytest.raises(ValueError, match="was changed"):
        newest(POLICY)


def test_numbers_are_kept_as_they_were() -> None:
    assert examples_key() == examples_key() != bytes(32)
    assert (state_folder() / "examples.key").stat().st_mode & 0o077 == 0
    kept = KeptFeatures("a")
    assert "m" not in kept
    kept["m"] = Features("m", {"pooled": np.arange(4, dtype=np.float16), "asked": np.ones(2, np.float32)})
    assert "m" in KeptFeatures("a")
    assert "m" not in KeptFeatures("b")
    assert KeptFeatures("a")["m"].blocks["pooled"].tolist() == [0, 1, 2, 3]
    assert list(kept) == ["m"]


def test_a_page_says_what_was_measured_and_holds_no_script(
    tmp_path: Path, adapted: tuple[bytes, Head]
) -> None:
    policy = POLICY.model_copy(update={"question": "<script>alert(1)</script>"})
    write_page(tmp_path / "out", policy, adapted[1].measured, adapted[1])
    names = {file.name for file in (tmp_path / "out").iterdir()}
    drawn = {"risk.svg", "calibration.svg", "confusion.svg", "learning.svg"}
    assert names == {"index.html", "evaluation.json", "head.json", *drawn}
    page = (tmp_path / "out" / "index.html").read_text()
    assert "<script" not in page
    assert "linear probe" in page
