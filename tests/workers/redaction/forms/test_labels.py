"""What a form calls its fields is known again, slips of OCR and all; what people are called is not."""

from __future__ import annotations

import pytest

from workers.redaction.forms import labels as form_labels
from workers.redaction.forms.labels import NEUTRAL, leading, whole


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("氏名", "PERSON"),
        ("氏　名", "PERSON"),
        ("民名", "PERSON"),
        ("来園者のお名前", "PERSON"),
        ("フリカナ", "PERSON"),
        ("力ナ", "PERSON"),
        ("電詰番号", "PHONE_NUMBER"),
        ("生年川H", "DATE_TIME"),
        ("生年月日（西暦）", "DATE_TIME"),
        ("ご住听", "JP_ADDRESS"),
        ("Name:", "PERSON"),
        ("Patlent name:", "PERSON"),
        ("Daie of birth", "DATE_TIME"),
        ("Ernail address", "EMAIL_ADDRESS"),
        ("Street address:", "LOCATION"),
        ("連帯保証人", "PERSON"),
        ("借用者", "PERSON"),
        ("園長", "PERSON"),
        ("ご紹介者", "PERSON"),
        ("Approver name:", "PERSON"),
        ("Assigned to:", "PERSON"),
        ("Owner of vehicle", "PERSON"),
        ("会社名", NEUTRAL),
        ("Packing Slip", NEUTRAL),
        ("品名", NEUTRAL),
        ("Company", NEUTRAL),
        ("Date", NEUTRAL),
    ],
)
def test_a_label_is_known(text: str, kind: str) -> None:
    found = whole(text)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "西園寺 薫",
        "Gavin Roberts",
        "千代田区",
        "Kettle",
        "件数は三つ",
        "2001年4月1日",
        "",
        "・",
        "Nate",
        "Tudor",  # no tutor with a slip
        "Grace Card",
        "鈴木建設",
        "Name of client: Scott Curtis",
    ],
)
def test_what_is_no_label_is_none(text: str) -> None:
    assert whole(text) is None


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("申請者：西園寺 薫", "PERSON", "西園寺 薫"),
        ("氏名 西園寺", "PERSON", "西園寺"),
        ("民名西園寺薫", "PERSON", "西園寺薫"),
        ("Date of birth: 1 May 1980", "DATE_TIME", "1 May 1980"),
        ("生年川H昭和36年", "DATE_TIME", "昭和36年"),
        ("Name of client: Scott Curtis", "PERSON", "Scott Curtis"),
        ("記号21700023", "JP_HEALTH_INSURANCE", "21700023"),
    ],
)
def test_a_label_before_its_value_is_known(text: str, kind: str, value: str) -> None:
    found = leading(text)
    assert found is not None
    assert (found.kind, text[found.end :].strip()) == (kind, value)


def test_without_a_colon_only_a_japanese_label_that_was_read_right_ends_at_a_space() -> None:
    assert leading("生年月日 昭和36年") is not None
    assert leading("生年目日: 昭和36年") is not None
    for text in ("生年目日 昭和36年", "Name Scott Curtis", "The name of the client stands below"):
        assert leading(text) is None


def test_a_label_with_a_slip_is_none_where_it_has_to_be_sure() -> None:
    assert whole("電語番号") is not None
    assert whole("電語番号", sure=True) is None
    assert whole("電話番号", sure=True) == whole("電話番号")


def test_an_addressee_is_a_block() -> None:
    for text in ("お届け先", "ご依頼主", "Ship to:", "Shlp to:"):
        found = whole(text)
        assert found is not None
        assert found.block


def test_an_honorific_alone_in_its_box() -> None:
    assert all(form_labels.is_honorific(text) for text in ("様", "檬", "殿", "(様)"))
    assert not any(form_labels.is_honorific(text) for text in ("模様", "王様", "A"))


def test_a_firm_is_asked_for_only_where_the_label_says_so() -> None:
    asked = {text: whole(text) for text in ("Company", "所属", "Date", "Customer contact", "Compny")}
    assert {text for text, label in asked.items() if label and label.firm} == {"Company", "所属"}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("村1翔太様", 4),
        ("山田 太郎 樣", 5),
        ("（有）小林 殿", 5),
        ("皆様", 0),
        ("新規のお客様", 0),
        ("機器仕様", 0),
    ],
)
def test_whoever_is_called_sama_at_a_lines_end_is_somebody_however_read(text: str, count: int) -> None:
    assert form_labels.honoured(text) == count
