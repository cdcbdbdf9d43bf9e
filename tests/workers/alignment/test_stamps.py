"""Which pictures are read, and who is held out: by group, by seed, every kind its share."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workers.alignment.stamps import Stamp, StampsMissing, groups_of, kind_of, read_stamps, split
from workers.alignment.views import picture_of, plain_view, random_view

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20mm" height="10mm"><rect width="50" height="50"/></svg>'
)


def make(folder: Path, name: str, caption: str = "A thing.\nja.utf8=もの", seed: int | None = None) -> None:
    file = folder / f"{name}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(abs(hash(name)) if seed is None else seed)
    Image.fromarray(random.integers(0, 256, (8, 12, 4), dtype=np.uint8)).save(file)
    file.with_suffix(".txt").write_text(caption, encoding="utf-8")


def stamp(name: str) -> Stamp:
    return Stamp(name, Path(name), "A thing.", kind_of(name), name)


def test_captions_kinds_and_doubles(tmp_path: Path) -> None:
    make(tmp_path, "animals/birds/crow", "A  crow’s “nest”.\nja.utf8=カラス", seed=1)
    make(tmp_path, "animals/birds/raven", seed=1)  # the same bytes
    make(tmp_path, "people/body_parts/eye")  # no kind
    make(tmp_path, "food/pizza", caption="")  # no caption
    (tmp_path / "vehicles").mkdir()
    (tmp_path / "vehicles/bus.svg").write_text(SVG, encoding="utf-8")
    (tmp_path / "vehicles/bus.txt").write_text("A bus.", encoding="utf-8")
    found = read_stamps(tmp_path)
    assert [(s.name, s.kind, s.caption) for s in found] == [
        ("animals/birds/crow", "animal", 'A crow\'s "nest".'),
        ("vehicles/bus", "vehicle", "A bus."),
    ]
    assert picture_of(found[1]).width == 2 * picture_of(found[1]).height


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StampsMissing, match="omnigov data fetch"):
        read_stamps(tmp_path)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("animals/mammals/lion", "animals/mammals/lion-2"),
        ("food/fruit/apple_red", "food/fruit/cartoon/apple"),
        ("plants/flowers/flower1", "plants/flowers/flower10"),
        (
            "symbols/alphabets/english/filled/lowercase/f_filled",
            "symbols/alphabets/english/outlined/uppercase/F_outline",
        ),
        ("town/houses/cartoon/tower_round", "town/houses/cartoon/tower_square"),
    ],
)
def test_variants_of_one_picture_stay_together(first: str, second: str) -> None:
    assert len(groups_of([stamp(first), stamp(second)])) == 1


def test_a_series_is_taken_apart() -> None:
    signs = [stamp(f"symbols/alphabets/asl/asl_{letter}") for letter in "abcdefghijkl"]
    assert len(groups_of(signs)) == 12


def test_the_split_is_the_same_each_time_and_leaves_no_group_in_two() -> None:
    names = [
        f"animals/{word}{i}" for word in ("lion", "cow", "owl", "bat", "eel", "fox", "hen") for i in range(3)
    ]
    names += [
        f"food/{word}" for word in ("fig", "nut", "pie", "jam", "ham", "egg", "oat", "rye", "tea", "pea")
    ]
    stamps = [stamp(name) for name in names]
    parts = split(stamps, 7)
    assert parts == split(stamps, 7)
    assert parts != split(stamps, 8)
    assert len(parts.training) + len(parts.held_out) == len(stamps)
    sides = {s.name: "held out" for s in parts.held_out}
    for members in groups_of(stamps).values():
        assert len({sides.get(member.name, "training") for member in members}) == 1
    taken = Counter(s.kind for s in parts.held_out)
    assert 2 <= taken["animal"] <= 6
    assert taken["food"] == 2


def test_views_are_squares_and_random_ones_repeat_with_their_seed(tmp_path: Path) -> None:
    make(tmp_path, "animals/crow")
    picture = picture_of(read_stamps(tmp_path)[0])
    assert plain_view(picture, 32).shape == (32, 32, 3)
    one, two = (random_view(picture, "animal", 32, np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(one, two)
    views = np.random.default_rng(1)
    assert len({random_view(picture, "animal", 32, views).tobytes() for _ in range(12)}) == 12
