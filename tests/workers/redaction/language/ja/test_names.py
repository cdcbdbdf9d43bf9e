"""Names in Japanese text: what lists, signs and the words beside say. Every person is invented."""

from __future__ import annotations

import pytest

from tests.workers.redaction.language.conftest import found
from workers.redaction.language.analysis import Analyser
from workers.redaction.language.ja.names import Lists


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("昨日、石橋直樹は会社を休んだ。", "石橋直樹"),
        ("書いたのは宇佐美彩音だ", "宇佐美彩音"),
        ("窓口で石橋に会った", "石橋"),
        ("会計は 石橋 彩音 まで", "石橋 彩音"),
        ("千葉課長に渡す", "千葉"),
        ("受付でいしばしなおきと名乗った", "いしばしなおき"),
        ("名義はイシバシナオキです", "イシバシナオキ"),
        ("7\t石橋直樹\t2階", "石橋直樹"),
        ("氏 名 石橋 直樹", "石橋 直樹"),
        ("Please ask 石橋直樹 about it.", "石橋直樹"),
        ("担当はNaoki Ishibashiです", "Naoki Ishibashi"),
        ("宛先: NAOKI ISHIBASHI", "NAOKI ISHIBASHI"),
    ],
)
def test_it_is_found_whole(text: str, name: str) -> None:
    assert name in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "前田建設工業の工場を見学する。",
        "松江城の堀をめぐる舟に乗った。",
        "まだ何もありません。書かないでください。",
        "起きたことを、そのとき書きます。",
        "保管温度は十五度以下です。",
        "ファイルをサーバーに送る",
    ],
)
def test_what_is_nobody_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_name_of_no_list_is_told_by_its_signs() -> None:
    names = frozenset({"石橋", "直樹", "いしばし", "なおき", "イシバシ", "ナオキ"})
    strangers = Analyser(Lists(without=names))
    assert "石橋" not in Lists(without=names).families
    assert "石橋直樹" in found("昨日、石橋直樹は会社を休んだ。", strangers)
    assert found("受付でいしばしなおきと名乗った", strangers)[0].startswith("いしばしなおき")
    assert found("会議資料は来週配布します", strangers) == []
