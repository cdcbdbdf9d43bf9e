"""What runs on behind a Japanese label: a value, or a sentence about the field."""

from __future__ import annotations

import pytest

from tests.workers.redaction.language.conftest import found_by_rules


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("氏名は山田太郎です。議題は予算です。", "PERSON", "山田太郎"),
        ("氏名やまだたろう", "PERSON", "やまだたろう"),
        ("氏名はやしたろう", "PERSON", "はやしたろう"),
        ("お名前は佐藤 花子となります。", "PERSON", "佐藤 花子"),
        ("マイナンバーは1234 5678 9017です。", "JP_MY_NUMBER", "1234 5678 9017"),
        ("氏名:山田太郎。次の議題に移る。", "PERSON", "山田太郎"),
        ("氏名:大河内 凛太郎、年齢:41、部署:経理", "PERSON", "大河内 凛太郎"),
        ("氏名:山田はな、鈴木はるか", "PERSON", "山田はな、鈴木はるか"),
    ],
)
def test_a_value_is_found_without_the_sentence(text: str, kind: str, value: str) -> None:
    assert found_by_rules(text, kind) == [value]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("氏名欄が空のまま登録できてしまう。", "PERSON"),
        ("お名前をご記入ください。", "PERSON"),
        ("名前順に並べ替える。", "PERSON"),
        ("氏名・住所を確認した。", "PERSON"),
        ("電話番号の形式を確認する処理を直した。", "PHONE_NUMBER"),
        ("電話番号は後日お知らせします。", "PHONE_NUMBER"),
        ("メールアドレスを変更しました。", "EMAIL_ADDRESS"),
        ("生年月日の入力を任意に変えた。", "DATE_TIME"),
    ],
)
def test_a_sentence_about_a_field_says_no_value(text: str, kind: str) -> None:
    assert found_by_rules(text, kind) == []
