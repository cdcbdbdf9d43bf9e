"""What a Japanese label says of the words that run on behind it without a gap: 氏名山田太郎, 住所は…です.

In prose the same words begin a sentence about a field (住所変更の手続き, 氏名欄が空です), which has no value.
"""

from __future__ import annotations

import regex

_NUMBERS = frozenset({"PHONE_NUMBER", "JP_POSTAL_CODE", "JP_MY_NUMBER", "DATE_TIME", "JP_DRIVING_LICENCE"})
# … は VALUE です, to the end of the clause.
_IS = regex.compile(
    r"は、? ?(?<value>[^。、]{1,80}?)"
    r"(?:です|でした|でございます|となります|になります|である|だ(?![\p{Hiragana}])|[。、]|$)"
)
# What stands in no value, and stands in sentences.
_GRAMMAR = regex.compile(
    r"[をはが](?=[\p{Han}\p{Hiragana}])|ません|ます|ない|てい|くださ|する|した|して|され|こと|ため|とおり|のみ|だけ|まだ"
    r"|未定|不明|非公開|別紙|同上|以下|任意|必須|不要|省略|空欄|記入|入力|後日|次第|下記|上記|確認|変更|登録"
)
# What a label goes on with where it is a part of a longer word, or of a sentence.
_GOES_ON = regex.compile(
    r"[がをのにへともで・、,と]|や(?=\p{Han})|から|まで|より|など|等|欄|変更|確認|登録|一覧|入力|記入|必須|任意|不要|なし|あり|届"
    r"|表示|形式|検索|部分|項目|情報|データ|フォーム|以外|削除|追加|修正|取得|管理|順|付|空間|解決|衝突|非公開|不明|別"
)
_KANA_NAME = regex.compile(r"[\p{Hiragana}ー]{3,6} ?[\p{Hiragana}ー]{0,6}")


def value_of(text: str, kind: str) -> tuple[int, str]:
    """Where the value begins in what runs on behind the label, and itself; empty where none is said."""
    said = _IS.match(text)
    if said and not _KANA_NAME.fullmatch(text):
        value = said["value"]
        wrong = _GRAMMAR.search(value) or (kind in _NUMBERS and not any(sign.isdigit() for sign in value))
        return (0, "") if wrong else (said.start("value"), value)
    if _GOES_ON.match(text) and not (
        kind == "PERSON" and _KANA_NAME.fullmatch(text) and not _GRAMMAR.search(text)
    ):
        return 0, ""
    return 0, first_sentence(text)


# Behind a comma what the next clause, or the next field, is about.
_NEXT_CLAUSE = regex.compile(
    r"、 ?(?=(?:ご?年齢|性別|職業|部署|所属|役職|備考|件名|議題|用件|担当|日時|会場|受付|詳細"
    r"|(?:お?電話|携帯)(?:番号)?|ご?連絡先|ご?住所|氏名|お名前|生年月日"
    r"|メール(?:アドレス)?|(?i:FAX|TEL|email)) ?[:はが])"
)


def first_sentence(text: str) -> str:
    """The text up to the full stop that more stands behind, or to a comma and the next label."""
    first, _, rest = text.partition("。")
    value = first if rest.strip() else text
    more = _NEXT_CLAUSE.search(value)
    return value[: more.start()] if more else value
