"""Numbers and addresses in running text, Japanese and English; every one is invented or a test number."""

from __future__ import annotations

import pytest

from tests.workers.redaction.language.conftest import found_by_rules as found
from workers.redaction.core.normal import normal
from workers.redaction.language import identifiers

NUMBERS = [
    ("JP_MY_NUMBER", "123456789018"),
    ("JP_MY_NUMBER", "1234-5678-9018"),
    ("JP_CORPORATE_NUMBER", "4011001098993"),
    ("JP_CORPORATE_NUMBER", "T4011001098993"),
    ("JP_CORPORATE_NUMBER", "4-0110-0109-8993"),
    ("JP_DRIVING_LICENCE", "459803358720"),
    ("JP_PASSPORT", "TZ1234567"),
    ("JP_RESIDENCE_CARD", "AB12345678CD"),
    ("JP_HEALTH_INSURANCE", "33120015"),
    ("JP_PENSION_NUMBER", "1234-567890"),
    ("JP_POSTAL_CODE", "〒100-0001"),
    ("CREDIT_CARD", "4111 1111 1111 1111"),
    ("CREDIT_CARD", "378282246310005"),
    ("IBAN_CODE", "GB82 WEST 1234 5698 7654 32"),
    ("US_SSN", "123-45-6789"),
    ("PHONE_NUMBER", "09012345678"),
    ("PHONE_NUMBER", "03-1234-5678"),
    ("PHONE_NUMBER", "(03)1234-5678"),
    ("PHONE_NUMBER", "+81-90-1234-5678"),
    ("PHONE_NUMBER", "0120-123-456"),
    ("EMAIL_ADDRESS", "taro.yamada+x@example.co.jp"),
    ("DATE_TIME", "昭和五十年三月三日"),
    ("DATE_TIME", "S50.3.3"),
    ("DATE_TIME", "平成元年1月8日"),
    ("DATE_TIME", "一九八五年四月一日"),
]


@pytest.mark.parametrize("sentence", ["{}", "私の番号は{}です", "【{}】", "わたしの{}を、", "see {}, please"])
@pytest.mark.parametrize(("kind", "number"), NUMBERS)
def test_a_number_is_found_whatever_stands_beside_it(kind: str, number: str, sentence: str) -> None:
    assert any(normal(number).text in hit for hit in found(sentence.format(number), kind))


@pytest.mark.parametrize(("kind", "number"), NUMBERS)
def test_a_number_is_found_in_full_width(kind: str, number: str) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in number)
    assert any(normal(number).text in hit for hit in found(f"番号は{wide}です", kind))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("JP_BANK_ACCOUNT", "普通預金 1234567"),
        ("JP_BANK_ACCOUNT", "口座番号は1234567です"),
        ("JP_BANK_ACCOUNT", "記号12340番号12345671"),
        ("JP_HEALTH_INSURANCE", "記号 1234 番号 567"),
        ("JP_HEALTH_INSURANCE", "記号・東京12 番号:345678 (枝番)01"),
    ],
)
def test_an_account_is_told_by_the_words_about_it(kind: str, text: str) -> None:
    assert found(text, kind)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("JP_MY_NUMBER", "123456789017"),
        ("JP_CORPORATE_NUMBER", "5011001098993"),
        ("JP_DRIVING_LICENCE", "459803358730"),
        ("JP_DRIVING_LICENCE", "999803358720"),
        ("JP_HEALTH_INSURANCE", "33120016"),
        ("JP_HEALTH_INSURANCE", "20240115"),
        ("CREDIT_CARD", "4111 1111 1111 1112"),
        ("IBAN_CODE", "GB83 WEST 1234 5698 7654 32"),
        ("US_SSN", "666-45-6789"),
        ("JP_PASSPORT", "ABC1234567"),
        ("JP_RESIDENCE_CARD", "AB12345678CDE"),
    ],
)
def test_a_wrong_check_digit_or_shape_is_not_taken(kind: str, number: str) -> None:
    assert found(f"番号は{number}です", kind) == []


def test_groups_of_four_are_no_telephone() -> None:
    assert found("番号は1234 5678 9017です", "PHONE_NUMBER") == []
    assert found("番号は4111-1111-1111-1112です", "PHONE_NUMBER") == []


def test_behind_its_label_a_number_with_a_slip_is_hidden() -> None:
    assert found("マイナンバー:1234 5678 9017", "JP_MY_NUMBER") == ["1234 5678 9017"]
    assert found("免許証番号\t第459803358730号", "JP_DRIVING_LICENCE") == ["第459803358730号"]
    assert found("Passport No.: AB 12345", "JP_PASSPORT") == ["AB 12345"]


def test_each_rule_has_a_score_that_the_standard_profile_takes() -> None:
    assert all(0.35 <= rule.score <= 1 for rule in identifiers.RULES)
