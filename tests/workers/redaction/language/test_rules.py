"""Rules for what Presidio does not know; every number and name here is invented."""

from __future__ import annotations

import time

import pytest

from tests.workers.redaction.language.conftest import found_by_rules as found
from workers.redaction.core.spans import TIMEOUT
from workers.redaction.language import rules


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Name: Taro Yamada", "PERSON", "Taro Yamada"),
        ("NAME:\tTARO YAMADA", "PERSON", "TARO YAMADA"),
        ("Full name (in capitals)\tTaro Yamada", "PERSON", "Taro Yamada"),
        ("1. Patient's name: Taro Yamada", "PERSON", "Taro Yamada"),
        ("Dear Ms. Jane Roe, thank you", "PERSON", "Jane Roe"),
        ("氏名\t山田太郎\t年齢\t34", "PERSON", "山田太郎"),
        ("氏名山田太郎", "PERSON", "山田太郎"),
        ("お名前(漢字):佐藤 花子", "PERSON", "佐藤 花子"),
        ("フリガナ ヤマダ タロウ", "PERSON", "ヤマダ タロウ"),
        ("ﾌﾘｶﾞﾅ\tﾔﾏﾀﾞ ﾀﾛｳ", "PERSON", "ヤマダ タロウ"),
        ("担当の鈴木さんへ", "PERSON", "鈴木"),
        ("鈴木一郎様", "PERSON", "鈴木一郎"),
        ("電話番号 090-0000-1234", "PHONE_NUMBER", "090-0000-1234"),
        ("電話０９０－００００－１２３４へ", "PHONE_NUMBER", "090-0000-1234"),
        ("でんわは03(0000)1234です", "PHONE_NUMBER", "03(0000)1234"),
        ("TEL +81 90 0000 1234", "PHONE_NUMBER", "+81 90 0000 1234"),
        ("call (555) 010-4477 now", "PHONE_NUMBER", "(555) 010-4477"),
        ("call 020 7946 0358 before", "PHONE_NUMBER", "020 7946 0358"),
        ("メールはtaro@example.jpまで", "EMAIL_ADDRESS", "taro@example.jp"),
        ("taro @ example . co.jp", "EMAIL_ADDRESS", "taro @ example . co.jp"),
        ("〒999-0001", "JP_POSTAL_CODE", "〒999-0001"),
        ("住所:東京都架空区見本町1-2-3", "JP_ADDRESS", "東京都架空区見本町1-2-3"),
        ("見本県架空市本町三丁目4番", "JP_ADDRESS", "見本県架空市本町三丁目4番"),
        ("Address: 1 Long Road", "LOCATION", "1 Long Road"),
        ("生年月日 昭和60年4月1日", "DATE_TIME", "昭和60年4月1日"),
        ("Date of birth: 1 April 1985", "DATE_TIME", "1 April 1985"),
        ("2001年12月3日", "DATE_TIME", "2001年12月3日"),
    ],
)
def test_it_is_found_whole(text: str, kind: str, value: str) -> None:
    assert value in found(text, kind)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("the name of the rose", "PERSON"),
        ("お客様へ", "PERSON"),
        ("皆さん、こんにちは", "PERSON"),
        ("本人確認書類", "PERSON"),
        ("氏名\t年齢\t住所", "PERSON"),
        ("Order 12345", "PHONE_NUMBER"),
        ("合計 12,345円", "PHONE_NUMBER"),
        ("価格は1980円", "PHONE_NUMBER"),
        ("第12条3項", "JP_ADDRESS"),
        ("a @ b", "EMAIL_ADDRESS"),
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str, kind: str) -> None:
    assert found(text, kind) == []


def test_two_fields_in_one_line_do_not_run_into_each_other() -> None:
    text = "Name: Jane Roe  Phone: (555) 010-4477"
    assert found(text, "PERSON") == ["Jane Roe"]
    assert found(text, "PHONE_NUMBER") == ["(555) 010-4477"]


def test_lone_labels_are_told_from_labels_with_a_value() -> None:
    def labels(text: str) -> list[str]:
        return [text[span.start : span.end] for span in rules.lone_labels(text)]

    assert labels("Name\tPhone\tE-mail") == ["Name", "Phone", "E-mail"]
    assert labels("氏名") == ["氏名"]
    assert labels("Name: Jane Roe") == []


def test_my_number_is_told_by_its_check_digit() -> None:
    # 1234 5678 9018 is the example that the Ministry's own papers use.
    assert found("番号 1234 5678 9018", "JP_MY_NUMBER") == ["1234 5678 9018"]
    assert found("番号１２３４５６７８９０１８です", "JP_MY_NUMBER") == ["123456789018"]
    assert found("番号 1234 5678 9017", "JP_MY_NUMBER") == []


@pytest.mark.parametrize("unit", ["1", "1-", "a@", "山田", "Name: ", "A ", "(", "〒1", "市", "0-0-"])
def test_a_hostile_line_ends_soon(unit: str) -> None:
    started = time.monotonic()
    rules.find(unit * (2_000 // len(unit)))
    assert time.monotonic() - started < TIMEOUT


@pytest.mark.parametrize(
    "text", ["お名前\t性別 女", "Patient name:\tSex: F", "申請者：\t所属：営業第二課", "フリガナ\t年齢 46 歳"]
)
def test_a_label_whose_value_is_masked_does_not_take_the_next_fields(text: str) -> None:
    assert found(text, "PERSON") == []
    assert found("お名前\t森 女", "PERSON") == ["森 女"]


@pytest.mark.parametrize(
    "text", ["Write to anna@example.com. Then", "Mail: anna@example.com.", "E-mail: anna@example.com."]
)
def test_the_full_stop_behind_an_address_is_not_its_own(text: str) -> None:
    assert set(found(text, "EMAIL_ADDRESS")) == {"anna@example.com"}
