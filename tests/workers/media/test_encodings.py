"""The encoding of a text: told for sure and read, or refused with a sentence."""

from __future__ import annotations

import pytest

from omnigov.contracts import Refused
from workers.media.encodings import named, told

SENTENCE = "担当者は山田太郎です。連絡先は大阪市北区梅田１－２－３、佐藤花子様までお願いいたします。\n"
RUSSIAN = "Здравствуйте, меня зовут Иван Петров, договор отправлен вчера.\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp932", "euc_jp", "iso2022_jp"]
)
def test_what_is_sure_is_read(encoding: str) -> None:
    content = SENTENCE.replace("－", "の").encode(encoding)
    assert content.decode(told(content)) == SENTENCE.replace("－", "の")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SENTENCE, "utf-16-le"),
        (SENTENCE, "utf-16-be"),
        ("山田太郎", "utf-16-le"),  # and no byte of zero
        ("Call Jane Ashworth", "utf-32-le"),
        ("佐藤花子様", "euc_jp"),  # the same bytes are hanzi
        ("Hélène Lefèvre a téléphoné", "latin-1"),
        ("The tenant’s letter to Zoë", "cp1252"),
        ("您好，我是张伟，昨天寄出的合同请查收，谢谢。", "gbk"),
        ("您好，我是陳志明，昨天寄出的合約請查收，謝謝。", "big5"),
        (RUSSIAN, "koi8_r"),
        (RUSSIAN, "cp1251"),
        ("담당자 박지은, 회의는 서울 본사에서 합니다.", "euc_kr"),
        ("담당자 박지은", "iso2022_kr"),
        ("山田太郎", "utf-7"),
        ("王小明", "hz"),
    ],
)
def test_what_is_not_sure_is_refused_with_a_sentence(text: str, encoding: str) -> None:
    with pytest.raises(Refused) as caught:
        told(text.encode(encoding))
    assert "UTF-8" in caught.value.sentence


def test_lines_in_another_encoding_than_the_rest_are_refused() -> None:
    mixed = SENTENCE.replace("－", "の").encode("cp932") * 30 + "Hélène Lefèvre\n".encode("latin-1")
    with pytest.raises(Refused, match="Some lines"):
        told(mixed)


@pytest.mark.parametrize("text", ["5 µg", "Zoë Brontë", "naïve café – 3 €", "Иван Петров", "±0.5 °C", "Ω"])
def test_signs_of_other_languages_are_utf_8(text: str) -> None:
    assert told(text.encode()) == "utf-8"


@pytest.mark.parametrize("text", ["田中", "氏名,ﾌﾘｶﾞﾅ\n髙橋,ﾀｶﾊｼ\n", "担当は山田です"])
def test_short_japanese_of_windows_is_read(text: str) -> None:
    assert told(text.encode("cp932")) == "cp932"


def test_a_person_names_the_encoding() -> None:
    for text, encoding in ((RUSSIAN, "koi8_r"), ("Hélène Lefèvre", "latin_1"), (SENTENCE, "utf-16-le")):
        assert named(text.encode(encoding), encoding) == encoding
    assert named("佐藤花子様".encode("euc_jp"), "EUC-JP") == "euc_jp"
    assert named(b"plain", "cp932") == "cp932"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (SENTENCE.encode(), "latin_1"),
        (SENTENCE.encode(), "cp932"),
        ("山田太郎です。".encode("cp932"), "latin_1"),
        ("您好，我是张伟，昨天寄出".encode("gbk"), "cp932"),
        (b"plain", "rot13"),
        (b"plain", "utf-7"),
        (b"plain", "no such"),
        ("Иван".encode("koi8_r"), "ascii"),
    ],
)
def test_a_name_that_the_bytes_speak_against_is_refused(content: bytes, encoding: str) -> None:
    with pytest.raises(Refused):
        named(content, encoding)
