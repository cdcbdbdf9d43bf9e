"""Sides that were written down, words that stay away, a training that goes on where it stopped."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import torch

from workers.alignment import sides
from workers.alignment.captioned import Captioned
from workers.alignment.contrast import Material, Schooling, _Texts, school
from workers.alignment.joining import fit
from workers.alignment.phrases import Phrases, gather_phrases, held_out_phrases
from workers.alignment.wordnet import Synset, WordNet
from workers.omni.space import TINY_SPACE, Space, new_space

ANIMAL = Synset("1", ("animal", "creature"), "a living thing that moves; not a plant", ())
CAT = Synset("2", ("cat", "true cat"), "a small animal with fur", ("1",))
WORDNET = WordNet({"1": ANIMAL, "2": CAT}, {"animal": ("1",), "creature": ("1",), "cat": ("2",)}, {})


def picture(name: str, *texts: str, source: str = "emoji") -> Captioned:
    return Captioned(name=f"{source}/{name}", source=source, group=f"{source}/{name}", texts=texts)


def material() -> Material:
    torch.manual_seed(1)
    phrases = Phrases(
        ("cat", "dog", "car", "tree"), ((0,), (1,), (2,), (3,)), ((), (), (), ()), ((0, 1), (2, 3))
    )
    features = torch.randn(1, 4, TINY_SPACE.tower_width)
    return Material(features, ("emoji",) * 4, torch.randn(4, TINY_SPACE.language_width), phrases)


def test_the_stamps_that_the_connector_never_saw_are_held_out() -> None:
    written = sides.read_sides()
    found = Counter((name.split("/")[0], side) for name, side in written.items())
    assert found["stamps", sides.HELD_OUT] == 131
    assert found["clip_art", sides.HELD_OUT] > 500
    assert found["emoji", sides.DEVELOPMENT] > 100


def test_what_looks_alike_is_on_one_side_and_twins_of_held_out_stamps_are_left_out() -> None:
    random = torch.Generator().manual_seed(2)
    features = torch.randn(40, 16, generator=random)
    features[1] = features[0]
    features[3] = features[2]
    pictures = [picture(str(i), "x", source="stamps" if i < 2 else "emoji") for i in range(40)]
    written = sides.written_down(pictures, features, {"stamps/0"})
    assert written["stamps/0"] == sides.HELD_OUT
    assert written["stamps/1"] == sides.LEFT_OUT
    assert written.get("emoji/2") == written.get("emoji/3")
    assert {sides.HELD_OUT, sides.DEVELOPMENT} < set(written.values())


def test_words_that_are_asked_with_later_are_trained_with_nowhere() -> None:
    assert "creature" in held_out_phrases()
    found = gather_phrases([picture("cat", "cat", "creature")], WORDNET)
    assert "creature" not in found.all
    assert {"cat", "animal", "a small animal with fur"} <= set(found.all)


def test_a_stamp_is_called_what_it_is_a_kind_of_and_the_kind_that_the_connector_learned() -> None:
    stamp = Captioned("stamps/a", "stamps", "a", ("a cat (asleep)",), classes={"kind": "pet"})
    found = gather_phrases([stamp], WORDNET)
    assert [found.all[number] for number in found.of_pictures[0]] == ["cat", "animal", "pet"]


def test_what_everything_is_is_no_name_of_a_thing() -> None:
    whole = Synset("3", ("whole",), "all of it", ())
    cat = Synset("2", ("cat",), "a small animal with fur", ("3",))
    wordnet = WordNet({"2": cat, "3": whole}, {"cat": ("2",)}, {})
    found = gather_phrases([picture("cat", "cat")], wordnet)
    assert [found.all[number] for number in found.of_pictures[0]] == ["cat"]


def test_a_text_that_many_pictures_have_is_drawn_more_rarely() -> None:
    of_pictures = [(0, 1)] * 99 + [()]
    count = torch.tensor([100.0, 1.0])
    texts = _Texts(of_pictures, count)
    drawn = texts.one_each(torch.zeros(2000, dtype=torch.long), torch.Generator().manual_seed(1))
    assert 0.05 < float((drawn == 0).float().mean()) < 0.13  # one of eleven
    assert texts.rarity[99] == 0  # without a text it is never drawn


def test_the_space_learns_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    whole = new_space(TINY_SPACE)
    losses = school(whole, material(), Schooling(steps=100, batch=8), lambda _: None)
    assert sum(losses[-10:]) < 0.7 * sum(losses[:10])

    def stopped(sentence: str) -> None:
        if sentence.startswith("step 100"):
            raise KeyboardInterrupt

    kept = tmp_path / "checkpoint.pt"
    with pytest.raises(KeyboardInterrupt):
        school(new_space(TINY_SPACE), material(), Schooling(steps=100, batch=8), stopped, kept)
    resumed: Space = new_space(TINY_SPACE)
    again = school(resumed, material(), Schooling(steps=100, batch=8), lambda _: None, kept)
    assert again == pytest.approx(losses)
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_the_weights_follow_what_tells_the_labels_apart() -> None:
    random = torch.Generator().manual_seed(4)
    truth = torch.randint(3, (90,), generator=random)
    tells = torch.nn.functional.one_hot(truth, 3).float() + 0.5 * torch.randn(90, 3, generator=random)
    noise = torch.randn(90, 3, generator=random)
    first, second = fit([noise], [tells], [truth])
    assert second > 5 * first
