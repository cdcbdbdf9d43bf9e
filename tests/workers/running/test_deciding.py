"""A redacted document and a text go to `recorded`, with what the model saw and what the label rests on."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import pytest
from PIL import Image

from omnigov.contracts import (
    Area,
    AttributionResult,
    Label,
    PageIndex,
    PagePicture,
    Place,
    PolicySpec,
    RedactionProfile,
    RedactionResult,
    Span,
    TextCopy,
    digest_of,
)
from omnigov.decisions import services
from omnigov.decisions.models import Decision, Run, RunState
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.keys import keyring
from omnigov.ledger.models import LedgerEntry
from omnigov.policies.models import PolicyVersion
from omnigov.policies.services import policy_publish
from tests.conftest import Cast
from tests.omnigov import recorded
from tests.workers.redaction.conftest import pdf
from workers.media import pdf_pages
from workers.media.pdf import PicturePdf
from workers.running.deciding import decide
from workers.running.orders import part_of
from workers.running.redacting import redact

pytestmark = [pytest.mark.services, pytest.mark.long]

TEXT = "Chat with ■■■\n> Where is my parcel? 荷物が届きません。\n"
TRANSCRIPT = "Order of ■■■\n2 apples\fPage 2: a cat"


def pages() -> bytes:
    out = io.BytesIO()
    with PicturePdf(out) as written:
        for colour in ("tan", "teal", "white"):
            page = io.BytesIO()
            Image.new("RGB", (500, 700), colour).save(page, "JPEG")
            written.add(page.getvalue(), 500, 700, 100)
    return out.getvalue()


def redacted(run: Run, media_type: str, copy: bytes, transcript: str = "", **more: Any) -> None:
    """The run as the redaction of this copy leaves it."""
    held = recorded.claim(run, "redact")
    parts = [part_of(held, run, Name.REDACTED, media_type, [copy])]
    if media_type == "application/pdf":
        lying = pdf_pages.ranges(copy)
        index = PageIndex(
            pages=tuple(
                PagePicture(width=500, height=700, start=start, end=end, thumbnail_start=0, thumbnail_end=0)
                for start, end in lying
            )
        )
        parts.append(part_of(held, run, Name.PAGES, "application/json", [index.model_dump_json().encode()]))
    if transcript:
        parts.append(part_of(held, run, Name.TRANSCRIPT, "text/plain; charset=utf-8", [transcript.encode()]))
    result = RedactionResult(
        media_type=media_type,
        digest=hashlib.sha256(copy).hexdigest(),
        findings=(),
        detectors=(),
        revision="0" * 64,
        duration_ms=1,
        **more,
    )
    services.redaction_record(held, result, parts=parts)
    run.refresh_from_db()


@pytest.fixture
def version(committed_cast: Cast) -> PolicyVersion:
    """A policy that asks little: what is measured is not how well."""
    people: Any = committed_cast
    labels = tuple(Label(key=key, phrase=key, name_en=key, name_ja=key) for key in ("parcel", "fruit"))
    spec = PolicySpec(
        question="What is it about?",
        labels=labels,
        redaction=RedactionProfile(faces=False, codes=False, seals=False, screens=False, languages=("en",)),
        reasons_max_tokens=4,
        attribution_steps=2,
    )
    return policy_publish(
        workspace=people.workspace,
        slug="about",
        name_en="About",
        name_ja="何か",
        spec=spec,
        by=people.steward,
    )


def test_documents_and_texts_are_decided_on_explained_and_recorded(
    committed_cast: Cast, version: PolicyVersion
) -> None:
    people: Any = committed_cast
    files = [(f"{colour}.png", recorded.png(colour)) for colour in ("tan", "plum", "teal")]
    batch = recorded.batch_of(version, people.operator, *files)
    picture, document, text = (
        recorded.run_of(submission) for submission in batch.submissions.order_by("created_at")
    )
    copy = TEXT.encode("cp932")
    redacted(text, "text/plain; charset=utf-8", copy, text=TextCopy(encoding="cp932", characters=len(TEXT)))
    redacted(document, "application/pdf", pages(), TRANSCRIPT, pages=3, width=500, height=700)
    redacted(picture, "image/png", recorded.png("plum"), width=640, height=480)
    decide([recorded.claim(run, "decide") for run in (picture, document, text)])
    seen, explained = recorded_as(document)
    assert seen == (
        Area(part=0, left=0, top=0, right=500, bottom=700),
        Area(part=1, left=0, top=0, right=500, bottom=700),
        Span(start=0, end=len(TRANSCRIPT)),
    )
    assert tuple(segment.place for segment in explained.segments) == seen
    heat_maps = evidence.content(document.id, Name.HEAT_MAP, digest=explained.heat_map)
    assert explained.segments[1].heat_map is not None
    assert len(heat_maps) == explained.segments[1].heat_map[1]
    seen, explained = recorded_as(text)
    assert seen == (Span(start=0, end=len(TEXT)),)
    assert (explained.heat_map, explained.picture_share) == ("", 0)
    assert explained.text_share > 0
    assert not [part for part in evidence.manifest(text.id) if part.name == Name.HEAT_MAP]
    seen, explained = recorded_as(picture)
    assert (seen, explained.segments) == ((), ())


def test_a_pdf_and_a_letter_go_all_the_way(committed_cast: Cast, version: PolicyVersion) -> None:
    people: Any = committed_cast
    letter = "Dear Ms Whitfield,\r\nthe parcel came. Write to e.whitfield@example.org.\r\n"
    batch = recorded.batch_of(
        version, people.operator, ("letter", letter.encode("utf-16")), ("order", pdf(pages=3))
    )
    runs = [recorded.run_of(submission) for submission in batch.submissions.order_by("created_at")]
    redact([recorded.claim(run, "redact") for run in runs])
    for run in runs:
        run.refresh_from_db()
        assert run.state == RunState.INFERRING, run.failure_sentence
    decide([recorded.claim(run, "decide") for run in runs])
    (span,), explained = recorded_as(runs[0])
    copy = evidence.content(runs[0].id, Name.REDACTED).decode("utf-16")
    assert "Whitfield" not in copy
    assert span == Span(start=0, end=len(copy))
    (text,) = explained.segments
    assert (
        "".join(
            copy[each.place.start : each.place.end] for each in text.spans if isinstance(each.place, Span)
        )
        == copy
    )
    seen, explained = recorded_as(runs[1])
    assert [place.part for place in seen if isinstance(place, Area)] == [0, 1], "as many as the policy shows"
    transcript = evidence.content(runs[1].id, Name.TRANSCRIPT).decode()
    assert "Page 1" in transcript
    assert seen[-1] == Span(start=0, end=len(transcript))
    assert [segment.place for segment in explained.segments] == list(seen)


def recorded_as(run: Run) -> tuple[tuple[Place, ...], AttributionResult]:
    """What the model was given and what the label rests on; the decision's entry names both results."""
    run.refresh_from_db()
    assert run.state == RunState.RECORDED, run.failure_sentence
    decision = Decision.objects.get(run=run)
    explained, inference = decision.attribution.record, run.inference_result
    assert explained is not None, decision.attribution.failure_sentence
    assert inference is not None
    record = json.loads(bytes(LedgerEntry.objects.get(id=decision.entry).body))["record"]
    commit = keyring().asset(run.asset_id).commit
    assert record["attribution"] == commit(digest_of(explained).encode())
    assert record["attribution_method"] == explained.method
    assert record["prompt"] == commit(inference.prompt_digest.encode())
    return inference.seen, explained
