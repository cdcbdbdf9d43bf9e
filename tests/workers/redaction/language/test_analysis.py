"""Rows of text through both engines."""

from __future__ import annotations

import socket
import time

import pytest

from omnigov.contracts import RedactionProfile
from workers.redaction.core import sources
from workers.redaction.core.normal import normal
from workers.redaction.language import implausible
from workers.redaction.language.analysis import KINDS, UNREADABLE, Analyser, _trimmed, digest


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser()


def found(analyser: Analyser, text: str, profile: RedactionProfile | None = None) -> dict[str, list[str]]:
    row = normal(text).text
    kinds: dict[str, list[str]] = {}
    for span in analyser.find([row], profile or RedactionProfile())[0]:
        kinds.setdefault(span.kind, []).append(row[span.start : span.end])
    return kinds


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Jane Smith lives in Boston", "PERSON", "Jane Smith"),
        ("MARY SMITH", "PERSON", "MARY SMITH"),
        ("山田太郎は東京に住む", "PERSON", "山田太郎"),
        ("佐藤 花子", "PERSON", "佐藤 花子"),
        ("連絡先は山田太郎 (Taro Yamada) です", "PERSON", "山田太郎"),
        ("連絡先は山田太郎 (Taro Yamada) です", "PERSON", "Taro Yamada"),
        ("カード番号は4111 1111 1111 1111です", "CREDIT_CARD", "4111 1111 1111 1111"),
        ("IBAN DE89 3704 0044 0532 0130 00", "IBAN_CODE", "DE89 3704 0044 0532 0130 00"),
        ("アドレスは192.168.0.12です", "IP_ADDRESS", "192.168.0.12"),
        ("https://example.com/taro を見る", "URL", "https://example.com/taro"),
    ],
)
def test_it_is_found(analyser: Analyser, text: str, kind: str, value: str) -> None:
    assert value in found(analyser, text).get(kind, [])


def test_only_the_kinds_of_the_profile_are_hidden(analyser: Analyser) -> None:
    profile = RedactionProfile(entities=("PHONE_NUMBER",))
    assert set(found(analyser, "Jane Smith, 020 7946 0358", profile)) == {"PHONE_NUMBER"}


def test_a_script_that_no_engine_judges_is_hidden_whole(analyser: Analyser) -> None:
    assert found(analyser, "Иван Петров")[UNREADABLE] == ["Иван Петров"]
    english = RedactionProfile(languages=("en",))
    assert found(analyser, "山田太郎", english)[UNREADABLE] == ["山田太郎"]


def test_every_kind_of_the_standard_profile_is_found_by_somebody() -> None:
    assert set(RedactionProfile().entities) <= KINDS


def test_it_makes_no_connection(analyser: Analyser, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert "EMAIL_ADDRESS" in found(analyser, "mail a.b@mail.example.co.uk or see www.example.co.uk")


def test_the_digest_covers_models_and_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest()
    assert len(before) == 64
    assert digest() == before
    monkeypatch.setattr(sources, "digest", lambda file: "another rule")
    digest.cache_clear()  # it is kept for the process
    assert digest() != before
    digest.cache_clear()


def test_a_day_in_one_field_makes_no_day_of_the_next(analyser: Analyser) -> None:
    assert _trimmed("6 May\tLamp", 0, 10, "DATE_TIME", "en") == [(0, 5), (6, 10)]
    assert implausible.is_nothing("DATE_TIME", "Lamp", frozenset(), "6 May\tLamp", 6)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Take 5 µg of vitamin D daily with food, and come back in six weeks.", []),
        ("Resistor of 4 kΩ in the second drawer.", []),
        ("気温はΔ3℃で、合計は42です。", []),
        ("The parcel of Nguyễn Thị Minh was shipped on time.", ["Nguyễn Thị Minh"]),
        ("Mαria Lopez called about the 4 kΩ part", ["Mαria Lopez"]),
    ],
)
def test_a_sign_of_a_unit_hides_nothing_beside_it(analyser: Analyser, text: str, hidden: list[str]) -> None:
    said = found(analyser, text)
    assert {value for values in said.values() for value in values} == set(hidden)


def test_a_hostile_line_is_no_matter_of_minutes(analyser: Analyser) -> None:
    started = time.monotonic()
    analyser.find(["a." * 500, "a.a.a." * 160, "www.a.a" * 140] * 4, RedactionProfile(), of_one_text=True)
    assert time.monotonic() - started < 10
