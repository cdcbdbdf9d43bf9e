"""What differs between versions, and what of it is a warning."""

from __future__ import annotations

from typing import Any

import pytest

from omnigov.contracts import (
    Area,
    Fill,
    FormField,
    FormTemplate,
    Label,
    PolicySpec,
    RedactionProfile,
    ReviewRule,
    Severity,
)
from omnigov.policies.comparison import _fields, differences
from omnigov.policies.words import FIELDS

LABELS = tuple(Label(key=key, phrase=key, name_en=key, name_ja=key) for key in ("cat", "dog"))


def spec(**redaction: Any) -> PolicySpec:
    return PolicySpec(question="What?", labels=LABELS, redaction=RedactionProfile(**redaction))


def drawn(*boxes: tuple[int, int, int, int], name: str = "Card", size: int = 1000) -> FormTemplate:
    fields = tuple(
        FormField(name="f", place=Area(left=left, top=top, right=right, bottom=bottom))
        for left, top, right, bottom in boxes
    )
    return FormTemplate(name=name, width=size, height=size, fields=fields, reference="x")


FORM = drawn((100, 100, 300, 200))


@pytest.mark.parametrize(
    ("before", "after", "weaker"),
    [
        ({"faces": True}, {"faces": False}, True),
        ({"faces": False}, {"faces": True}, False),
        ({"screens": True}, {"screens": False}, True),
        ({"second_look": True}, {"second_look": False}, True),
        ({"entities": ("PERSON", "URL")}, {"entities": ("URL",)}, True),
        ({"entities": ("URL",)}, {"entities": ("URL", "PERSON")}, False),
        ({"languages": ("en", "ja")}, {"languages": ("ja",)}, True),
        ({"face_threshold": 1}, {"face_threshold": 2}, True),
        ({"text_threshold": 2}, {"text_threshold": 1}, False),
        ({"padding": 2}, {"padding": 1}, True),
        ({"padding": 1}, {"padding": 2}, False),
        ({"fill": Fill.SOLID}, {"fill": Fill.BLUR}, True),
        ({"fill": Fill.BLUR}, {"fill": Fill.SOLID}, False),
        ({"templates": (FORM,)}, {}, True),
        ({}, {"templates": (FORM,)}, False),
        ({"templates": (FORM,), "template_required": True}, {"templates": (FORM,)}, True),
        ({"templates": (FORM,)}, {"templates": (drawn((90, 90, 310, 210)),)}, False),
        ({"templates": (FORM,)}, {"templates": (drawn((150, 100, 300, 200)),)}, True),
        ({"templates": (FORM,)}, {"templates": (drawn((50, 50, 151, 101), size=500),)}, False),
        ({"templates": (FORM,)}, {"templates": (drawn((50, 50, 130, 101), size=500),)}, True),
    ],
)
def test_what_hides_less_is_a_warning(before: dict[str, Any], after: dict[str, Any], weaker: bool) -> None:
    (found,) = differences(spec(**before), spec(**after))
    assert found.weaker is weaker
    assert found.before != found.after


def test_the_order_of_kinds_is_no_difference() -> None:
    assert differences(spec(entities=("PERSON", "URL")), spec(entities=("URL", "PERSON"))) == []


def test_warnings_come_first_and_the_rest_is_there_too() -> None:
    before = spec()
    after = before.model_copy(
        update={
            "question": "What now?",
            "labels": (LABELS[0], LABELS[1].model_copy(update={"severity": Severity.HIGH})),
            "review": ReviewRule(below_confidence=700_000),
            "retention_days": 30,
            "redaction": RedactionProfile(seals=False, padding=200_000),
        }
    )
    found = differences(before, after)
    assert [each.weaker for each in found] == [True, False, False, False, False, False]
    said = {each.name: (each.before, each.after) for each in found}
    assert said["The question"] == ("What?", "What now?")
    assert said["A person looks below"] == ("60 %", "70 %")
    assert said["Days that media are kept"] == ("365", "30")
    assert said["Labels"][1].endswith("(dog, high)")


def test_every_field_of_a_policy_has_a_word() -> None:
    names = set(_fields(spec()))
    names |= {f"redaction_{name}" for name in RedactionProfile.model_fields}
    assert names - set(FIELDS) == set()


def test_a_rule_that_came_later_differs_from_having_none() -> None:
    before = spec()
    after = before.model_copy(update={"review": ReviewRule(badly_read=50_000, many_regions=40)})
    for one, other, said in ((before, after, ("–", "5 %")), (after, before, ("5 %", "–"))):
        found = {each.name: (each.before, each.after) for each in differences(one, other)}
        assert found["A person looks from this share of badly read writing"] == said
        assert len(found) == 2
