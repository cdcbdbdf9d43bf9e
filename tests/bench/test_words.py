"""What the held-out words are asked about: held-out pictures alone; means worked out by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench" / "model"))

from words import JOINED, _begun, _means, better_by, means_of, share
from words_sets import MOST, stamps_asked, taxonomies_asked, without_twins

from workers.alignment.captioned import Captioned


def picture(name: str, source: str, **classes: str) -> Captioned:
    return Captioned(f"{source}/{name}", source, f"{source}/{name}", (name,), classes=classes)


def test_held_out_stamps_alone_are_asked_about() -> None:
    pictures = [picture("a", "stamps", kind="animal"), picture("b", "stamps", kind="vehicle")]
    asked = stamps_asked(pictures, {"stamps/b": "held_out", "stamps/a": "left_out"})
    assert [question.name for question in asked][:2] == ["shipped words", "new words"]
    assert {question.rows for question in asked} == {(1,)}
    assert {int(question.truth[0]) for question in asked} == {11}
    by_name = {question.name: question.policy.labels[0] for question in asked}
    assert by_name["new words"].phrase == "wildlife"
    assert {question.name for question in asked if question.spent} == {
        "shipped words", "one word", "other words"
    }  # fmt: skip
    assert by_name["Japanese"].name_en == "動物"
    assert by_name["Japanese, with English names"].name_en == "Animal"


def test_a_taxonomy_is_asked_about_what_one_of_its_labels_is_true_of() -> None:
    birds = [
        picture(f"{i}", "emoji", subgroup="animal-bird", group="Animals & Nature") for i in range(MOST + 9)
    ]
    other = picture("x", "emoji", subgroup="zodiac", group="Nothing")
    sides = {one.name: "held_out" for one in (*birds, other)} | {"emoji/0": "development"}
    asked = {question.name: question for question in taxonomies_asked([*birds, other], sides)}
    nature = asked["emoji: nature"]
    assert len(asked) == 12
    assert len(nature.rows) == MOST
    assert 0 not in nature.rows
    assert len(birds) not in nature.rows
    assert nature.counts["bird"] == MOST


def test_a_stamp_that_looks_like_one_that_was_learned_is_no_clean_one() -> None:
    features = torch.randn(30, 16, generator=torch.Generator().manual_seed(1))
    features[1] = features[0]
    pictures = [picture(str(i), "stamps") for i in range(30)]
    assert without_twins(pictures, features, [0, 2]).tolist() == [False, True]


def test_shares_and_means_are_what_they_say() -> None:
    right, wrong = torch.tensor([True] * 8), torch.tensor([False] * 8)
    assert share(right)["share"] == 1
    assert better_by(right, wrong) == {"mean": 1.0, "interval": [1.0, 1.0]}
    found = _means([{"dual": wrong, JOINED: right}], [0.25])
    assert found[JOINED]["mean"] == 1
    assert found["dual"]["mean"] == pytest.approx(-1 / 3)
    assert found["dual"]["joined better by"] == pytest.approx([4 / 3, 4 / 3])


def test_a_run_goes_on_where_it_was_with_the_same_space_alone(tmp_path: Path) -> None:
    out = tmp_path / "words.json"
    assert _begun(out, {"space": "a"}) == {"space": "a", "stamps": {}, "taxonomies": {}}
    out.write_text('{"space": "a", "stamps": {"new words": {}}, "taxonomies": {}}')
    assert "new words" in _begun(out, {"space": "a"})["stamps"]
    with pytest.raises(SystemExit, match="another space"):
        _begun(out, {"space": "b"})


def test_means_are_over_what_was_asked_so_far() -> None:
    birds = [picture(f"{i}", "emoji", subgroup="animal-bird") for i in range(3)]
    questions = taxonomies_asked(birds, {one.name: "held_out" for one in birds})
    asked = {"emoji: nature": {way: {"each": [1, 1, 0]} for way in ("dual", JOINED)}}
    found = means_of(questions, asked)
    assert list(found) == ["all"]  # three pictures are too few for the other
    assert found["all"]["sets"] == 1
    assert found["all"]["dual"]["mean"] == pytest.approx((2 / 3 - 1 / 7) / (1 - 1 / 7))
