"""Which decisions wait for a person because of how the medium was redacted."""

from __future__ import annotations

import uuid

import pytest

from omnigov.contracts import (
    Area,
    Finding,
    PolicySpec,
    RedactionResult,
    ReviewRule,
    Writing,
    digest_of,
)
from omnigov.decisions.review_rules import review_reasons
from tests.omnigov.conftest import inferred

RUN = uuid.UUID(int=5)
NOTHING_ELSE = {"below_confidence": 0, "sample_rate": 0, "high_severity": False}


def policy(**rule: int) -> PolicySpec:
    labels = [
        {"key": key, "phrase": key, "name_en": key, "name_ja": key} for key in ("animal", "person", "tool")
    ]
    return PolicySpec.model_validate({"question": "What?", "labels": labels, "review": NOTHING_ELSE | rule})


def redacted(*, findings: int = 0, lines: int = 0, badly_read: int = 0) -> RedactionResult:
    finding = Finding(kind="PERSON", place=Area(left=0, top=0, right=9, bottom=9), score=1, detector="text")
    return RedactionResult(
        media_type="image/png",
        width=10,
        height=10,
        digest="0" * 64,
        findings=(finding,) * findings,
        detectors=(),
        revision="0" * 64,
        duration_ms=1,
        writing=Writing(lines=lines, badly_read=badly_read) if lines else None,
    )


@pytest.mark.parametrize(
    ("rule", "result", "reasons"),
    [
        ({"badly_read": 100_000}, redacted(lines=20, badly_read=2), ["badly_read"]),
        ({"badly_read": 100_000}, redacted(lines=21, badly_read=2), []),
        ({"badly_read": 1}, redacted(), []),
        ({"many_regions": 30}, redacted(findings=30), ["many_regions"]),
        ({"many_regions": 30}, redacted(findings=29), []),
        ({"redaction_rate": 1_000_000}, redacted(), ["redaction_sample"]),
        ({}, redacted(findings=999, lines=9, badly_read=9), []),
    ],
)
def test_a_redaction_waits_for_a_person(
    rule: dict[str, int], result: RedactionResult, reasons: list[str]
) -> None:
    assert review_reasons(RUN, policy(**rule), [result], inferred(), measured=True) == reasons


def test_what_was_never_measured_waits_whatever_the_policy_says() -> None:
    assert review_reasons(RUN, policy(), [redacted()], inferred(), measured=False) == ["not_measured"]


def test_about_the_share_that_the_policy_names_is_drawn() -> None:
    drawn = sum(
        bool(
            review_reasons(
                uuid.UUID(int=number), policy(redaction_rate=200_000), [redacted()], inferred(), measured=True
            )
        )
        for number in range(2000)
    )
    assert 320 < drawn < 480


def test_a_rule_from_before_is_written_and_digested_as_it_was() -> None:
    rule = ReviewRule()
    assert set(rule.model_dump()) == {"below_confidence", "sample_rate", "high_severity"}
    assert digest_of(rule) != digest_of(ReviewRule(badly_read=50_000))
    assert "writing" not in redacted().model_dump()
