"""What was read goes beside the findings, and stays in memory."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from omnigov.contracts import Area, Detector, Finding, Limits, ReadValues
from tests.bad_files import saved
from tests.workers.redaction.conftest import TEXT_ONLY
from workers.redaction.core.picture import Picture
from workers.redaction.core.values import FolderPseudonyms, same
from workers.redaction.detectors import registry as detectors
from workers.redaction.detectors.registry import Entry
from workers.redaction.kinds.picture import redact

MAIL = "wanda.ostrow@example.org"


def finding(page: int = 0, kind: str = "PERSON") -> Finding:
    return Finding(kind=kind, place=Area(part=page, left=1, top=2, right=30, bottom=9), score=9, detector="t")


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("PERSON", "Wanda  Ostrow", "ＷＡＮＤＡ ostrow"),
        ("PHONE_NUMBER", "(03) 1234-5678", "０３−１２３４−５６７８"),
        ("JP_POSTAL_CODE", "〒100-0001", "1000001"),
        ("PERSON", "ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダタロウ"),
        ("PERSON", "Dr. Wanda Ostrow,", "wanda ostrow"),
        ("PERSON", "山田太郎 様", "山田太郎"),
    ],
)
def test_one_value_in_two_spellings_is_the_same(kind: str, one: str, other: str) -> None:
    assert same(kind, one) == same(kind, other)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("DATE_TIME", "2001-1-11", "2001-11-1"),
        ("IP_ADDRESS", "1.23.4.5", "12.3.4.5"),
        ("PERSON", "Wanda", "Wando"),
        ("PERSON", "-", "--"),
        ("PERSON", "Mrazek", "azek"),
        ("PERSON", "先生", "氏"),
    ],
)
def test_two_values_are_not_the_same(kind: str, one: str, other: str) -> None:
    assert same(kind, one) != same(kind, other)


def test_numbers_are_of_a_kind_and_stable() -> None:
    pseudonyms = FolderPseudonyms()
    names = [pseudonyms.of("PERSON", "Ann"), pseudonyms.of("PERSON", "Bo"), pseudonyms.of("PERSON", "ANN")]
    assert [*names, pseudonyms.of("URL", "Ann")] == ["PERSON_1", "PERSON_2", "PERSON_1", "URL_1"]


def test_values_say_nothing_of_themselves() -> None:
    values = ReadValues()
    values.note(finding(), MAIL, MAIL)
    for each in (values, *values.of([finding()])):
        assert MAIL not in f"{each!r} {each}"
        with pytest.raises(TypeError, match="memory"):
            pickle.dumps(each)
        with pytest.raises(TypeError):
            json.dumps(each)
        assert not hasattr(each, "model_dump")
        assert not hasattr(each, "__dict__")


def test_equal_findings_keep_their_values_in_order_from_page_to_page() -> None:
    document = ReadValues()
    for page, names in enumerate((["Ann", "Bo"], ["Cy"])):
        values = ReadValues()
        for name in names:
            values.note(finding(), name, name)
        for _ in names:
            document.take(values, finding(), finding(page))
    found = document.of([finding(0), finding(1), finding(0), finding(0), finding(2)])
    assert [value and value.value for value in found] == ["Ann", "Cy", "Bo", None, None]


class _Reader:
    """Reads one value in the first look, and another one in each second look until it is hidden."""

    def describe(self) -> Detector:
        return Detector(name="reader", version="1", digest="0" * 64)

    def find(self, picture: Picture) -> list[Finding]:
        first = picture.look == "first"
        top = 10 if first else 60
        if not first and picture.hidden is not None and picture.hidden.any(axis=1).sum() > 40:
            return []
        found = Finding(
            kind="PERSON", place=picture.area(5, top, 60, top + 30), score=500_000, detector="reader"
        )
        picture.read.note(found, "Ann" if first else "Bo", "ann" if first else "bo")
        return [found]


def test_what_either_look_read_comes_with_its_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Entry("reader", "nowhere:None", (), ("first", "second"), lambda _: True)
    monkeypatch.setattr(detectors, "REGISTRY", (entry,))
    monkeypatch.setattr(detectors, "_loaded", {"reader": _Reader()})
    read = ReadValues()
    original = saved(Image.fromarray(np.full((200, 100, 3), 255, np.uint8)), "PNG")
    _, result = redact(original, TEXT_ONLY, Limits(), read=read)
    values = dict(zip([each.look for each in result.findings], read.of(result.findings), strict=True))
    assert {look: value and value.same for look, value in values.items()} == {"first": "ann", "second": "bo"}


@pytest.mark.long
def test_of_a_real_picture_each_text_finding_has_its_value_and_the_result_has_none() -> None:
    picture = Image.new("RGB", (900, 260), "white")
    font = ImageFont.truetype("DejaVuSans.ttf", 34)
    ImageDraw.Draw(picture).text((30, 40), f"Mail: {MAIL}", fill="black", font=font)
    ImageDraw.Draw(picture).text((30, 150), "Age: 47, a baker", fill="black", font=font)
    read = ReadValues()
    _, result = redact(saved(picture, "PNG"), TEXT_ONLY, Limits(), read=read)
    values: list[Any] = [
        value
        for value, each in zip(read.of(result.findings), result.findings, strict=True)
        if each.kind == "EMAIL_ADDRESS"
    ]
    assert values
    assert {value.same for value in values} == {MAIL}
    assert "ostrow" not in result.model_dump_json()
    assert "ostrow" in read.seen
    assert "ostrow" not in read.left
    assert "baker" in read.left
