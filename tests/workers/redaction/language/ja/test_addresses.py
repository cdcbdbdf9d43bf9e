"""Japanese addresses up to their end, and not beyond; places are real, what stands at them is invented."""

from __future__ import annotations

import time

import pytest

from tests.workers.redaction.language.conftest import found_by_rules
from workers.redaction.core.spans import TIMEOUT
from workers.redaction.language.ja import addresses


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("住所は東京都渋谷区道玄坂2丁目10番7号です。議題は予算です。", "東京都渋谷区道玄坂2丁目10番7号"),
        ("大阪市北区梅田1-2-3に移転しました。資料は共有します。", "大阪市北区梅田1-2-3"),
        ("京都市中京区烏丸通御池下る虎屋町566-1にお送りください。", "京都市中京区烏丸通御池下る虎屋町566-1"),
        ("京都市下京区四条通寺町東入二丁目御旅町34へ向かった。", "京都市下京区四条通寺町東入二丁目御旅町34"),
        ("京都市中京区寺町通三条上るの店で待つ。", "京都市中京区寺町通三条上る"),
        ("京都市上京区今出川通烏丸東入ル玄武町601番地の本社", "京都市上京区今出川通烏丸東入ル玄武町601番地"),
        ("札幌市中央区北1条西5丁目に集合。資料は共有。", "札幌市中央区北1条西5丁目"),
        ("札幌市北区北24条西5-1で会議。", "札幌市北区北24条西5-1"),
        ("北海道旭川市4条通10丁目左8号に届けた。", "北海道旭川市4条通10丁目左8号"),
        ("帯広市西2条南9丁目1番地です。", "帯広市西2条南9丁目1番地"),
        (
            "さいたま市大宮区桜木町1-7-5ソニックシティビル10階に来てください。",
            "さいたま市大宮区桜木町1-7-5ソニックシティビル10階",
        ),
        ("横浜市西区みなとみらい2-2-1見本タワー12Fへ発送。", "横浜市西区みなとみらい2-2-1見本タワー12F"),
        ("つくば市吾妻1-1-1 ひまわり荘201に住む", "つくば市吾妻1-1-1 ひまわり荘201"),
        (
            "東京都架空区見本町1-2-3 コーポさくら101号室、電話は後で。",
            "東京都架空区見本町1-2-3 コーポさくら101号室",
        ),
        ("千代田区霞が関1丁目2番地の庁舎。", "千代田区霞が関1丁目2番地"),
        ("東京都渋谷区にある会社で、予算は3-2です。", "東京都渋谷区"),
        ("名古屋市中区栄3丁目のビルで会議を開き、費用は3万円とした。", "名古屋市中区栄3丁目"),
        ("岩手県盛岡市第4地割12番地3", "岩手県盛岡市第4地割12番地3"),
        ("東京都千代田区丸の内一丁目9番2号 見本受付", "東京都千代田区丸の内一丁目9番2号 見本受付"),
        ("住所東京都架空区見本町", "東京都架空区見本町"),
    ],
)
def test_it_is_found_up_to_its_end(text: str, address: str) -> None:
    hidden = found_by_rules(text, "JP_ADDRESS")
    assert [hit.removeprefix("住所") for hit in hidden] == [address]


@pytest.mark.parametrize(
    "text",
    [
        "横浜市は3-2で勝った。",
        "区分2-1の単価を見直す。",
        "市場1-2号の値は変わらない。",
        "町工場3号機の点検が終わった。",
        "第3区画の軸受は遅れています。",
        "住所変更の手続きは総務部で受け付けます。",
        "住所は未定です。",
        "住所欄の入力例を追加した。",
        "12番の配線を直した。",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert found_by_rules(text, "JP_ADDRESS") == []


@pytest.mark.parametrize(
    "unit", ["市", "京都市", "号", "1号", "東京都", "の", "上る", "一市", "ビル", "市 ", "北1条西"]
)
def test_a_hostile_line_ends_soon(unit: str) -> None:
    started = time.monotonic()
    list(addresses.find(unit * (2_000 // len(unit))))
    assert time.monotonic() - started < 2 * TIMEOUT
