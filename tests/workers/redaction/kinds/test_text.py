"""Plain text: placeholders for what is found, at every mention, and nothing lost beside them."""

from __future__ import annotations

import re

import pytest

from omnigov.contracts import Quarantined, RedactionProfile
from tests.workers.redaction.kinds.conftest import shared
from workers.redaction.kinds.text import TextRedactor, seconds_for


def redacted(text: str) -> str:
    return TextRedactor.redact(shared(), text)[0]


def test_both_languages_in_one_line() -> None:
    copy = redacted("受付は佐藤花子様、write to hanako@example.com、または０９０−１２３４−５６７８まで")
    for value in ("佐藤", "花子", "hanako", "０９０", "５６７８"):
        assert value not in copy
    assert copy.startswith("受付は")
    assert "write to" in copy
    assert copy.endswith("まで")


def test_one_find_is_carried_to_every_other_mention() -> None:
    text = "お客様氏名: 鬼頭明里\n\n後日、鬼頭明里が来店。記録は鬼頭明里分のみ。"
    copy, result = TextRedactor(RedactionProfile()).redact(text)
    assert "鬼頭明里" not in copy
    assert copy.count("[PERSON_1]") == 3
    assert {finding.pseudonym for finding in result.findings} == {"PERSON_1"}


def test_a_value_has_one_number_however_it_is_written() -> None:
    redactor = TextRedactor(RedactionProfile())
    first, _ = redactor.redact("Mail to Anna.Bell@example.org now.")
    second, _ = redactor.redact("ＡＮＮＡ．ＢＥＬＬ＠ＥＸＡＭＰＬＥ．ＯＲＧ と carl@example.org")
    assert "[EMAIL_ADDRESS_1]" in first
    assert "[EMAIL_ADDRESS_1]" in second
    assert "[EMAIL_ADDRESS_2]" in second


def test_findings_say_where_and_never_what() -> None:
    text = "Call 090-1234-5678 please."
    _, result = TextRedactor(RedactionProfile()).redact(text)
    (finding,) = result.findings
    assert text[finding.place.start : finding.place.end] == "090-1234-5678"
    assert "1234" not in result.model_dump_json().replace(result.digest, "").replace(result.revision, "")


def test_an_analysis_that_stops_keeps_the_text_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def stops(*_: object, **__: object) -> None:
        raise TimeoutError("the name Eleanor Whitfield took too long")

    redactor = TextRedactor(RedactionProfile())
    monkeypatch.setattr(redactor._analyser, "find", stops)
    with pytest.raises(Quarantined, match="TimeoutError") as caught:
        redactor.redact("Eleanor Whitfield called.")
    assert caught.value.code == "detector_failed"
    assert "Whitfield" not in caught.value.sentence


def test_what_is_found_only_in_the_copy_is_hidden_too(monkeypatch: pytest.MonkeyPatch) -> None:
    find, looks = TextRedactor.find, []

    def once_blind(self: TextRedactor, layout: object, *rest: object) -> object:
        looks.append(1)
        found = find(self, layout, *rest)  # type: ignore[arg-type]
        return [each for each in found if each.kind != "PHONE_NUMBER"] if len(looks) == 1 else found

    monkeypatch.setattr(TextRedactor, "find", once_blind)
    copy, result = TextRedactor(RedactionProfile()).redact("Please call 090-1234-5678 soon.\n")
    assert copy == "Please call [PHONE_NUMBER_1] soon.\n"
    assert [finding.kind for finding in result.findings] == ["PHONE_NUMBER"]


def test_a_line_of_200_000_characters_is_redacted_to_its_end() -> None:
    text = "the goods were sent on time and in full, " * 4_900 + "mail zoe@example.org now"
    copy = redacted(text)
    assert "zoe@" not in copy
    assert copy.endswith("now")
    assert copy.startswith("the goods were sent on time and in full, the goods")


def test_a_value_across_two_pieces_of_a_long_line_is_found() -> None:
    for before in range(960, 1010, 7):
        assert "0901234" not in redacted("あ" * before + " 090-1234-5678 " + "い" * 300).replace("-", "")


def test_half_a_surrogate_pair_does_no_harm() -> None:
    assert "zoe@" not in redacted("\ud83d zoe@example.org \udc00")


def test_letters_that_no_engine_can_judge_are_hidden_with_their_line() -> None:
    copy = TextRedactor(RedactionProfile()).redact("Имя: Иван Петров\nplain words")[0]
    assert copy == "[UNREADABLE_TEXT_1]\nplain words"


def test_the_same_text_has_the_same_findings() -> None:
    text = "お客様氏名: 石橋直樹 (Naoki Ishibashi)\nlives at 14 Larkspur Lane, Brookhaven since 3 May 2001\n"
    first, again = (TextRedactor(RedactionProfile()).redact(text)[1] for _ in range(2))
    assert first.findings
    assert first.findings == again.findings


@pytest.mark.parametrize("between", ["\0", "\ud83d", "\u200b", "\u202e", "あ", "ж", "\x1b[31m", "、"])
def test_whatever_stands_beside_a_value_it_is_hidden(between: str) -> None:
    copy = redacted(f"A{between} zoe@example.org {between}田中様{between}" + between * 3_000)
    assert "zoe@" not in copy
    assert "田中" not in copy


@pytest.mark.long
@pytest.mark.timeout(900)
def test_200_000_signs_of_all_scripts_in_one_line_end_soon() -> None:
    text = "田中Tanaka様1-2-3、A1 Apt 1 たなか はなこ 12 Rue de la Paix\ud800" * 4_100
    copy = redacted(text)
    assert len(text) > 200_000
    assert "田中" not in copy


def test_a_text_that_hangs_is_ended_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    redactor = TextRedactor(RedactionProfile())
    monkeypatch.setattr(redactor, "_spans", lambda *_: re.match(r"(a+)+$", "a" * 60 + "b"))
    with pytest.raises(Quarantined, match=r"took longer than .* Split the text") as caught:
        redactor.redact("Eleanor Whitfield called.", seconds=0.5)
    assert caught.value.code == "text_too_slow"
    assert "Whitfield" not in caught.value.sentence


def test_a_time_limit_changes_nothing_else() -> None:
    text = "お客様氏名: 石橋直樹\nlives at 14 Larkspur Lane, Brookhaven\n石橋さんへ"
    first, again = TextRedactor(RedactionProfile()), TextRedactor(RedactionProfile())
    copy, result = first.redact(text)
    other, limited = again.redact(text, seconds=seconds_for(text))
    assert (other, limited.findings) == (copy, result.findings)


def test_an_error_in_a_time_limit_keeps_the_text_back(monkeypatch: pytest.MonkeyPatch) -> None:
    redactor = TextRedactor(RedactionProfile())
    monkeypatch.setattr(redactor, "layout", lambda *_: 1 / 0)
    with pytest.raises(Quarantined) as caught:
        redactor.redact("Eleanor Whitfield called.", seconds=60)
    assert caught.value.code == "detector_failed"
