"""Documents and texts on their way to the model: checked, redacted, their evidence and values kept."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image
from reportlab.pdfgen import canvas

from omnigov.contracts import RedactionProfile, Span
from omnigov.decisions.models import Run, RunState
from omnigov.decisions.uploads import file_submit
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.intake.services import batch_create
from omnigov.pseudonyms.models import Mention
from tests.conftest import Cast
from tests.omnigov import recorded
from tests.workers.redaction.conftest import pdf
from workers.media import pdf_pages
from workers.running import redacting, showing
from workers.running.orders import order_of

LETTER = "Dear Ms Whitfield,\r\nwrite to e.whitfield@example.org, or call 03-1234-5678.\r\n"
NO_PICTURES = RedactionProfile(faces=False, codes=False, seals=False, screens=False)


def redacted(cast: Cast, content: bytes, encoding: str = "") -> Run:
    batch = batch_create(policy_version=cast.policy_version, name="letters", by=cast.operator)  # type: ignore[arg-type]
    submission = recorded.checked(
        file_submit(batch=batch, name="a", content=content, by=cast.operator, encoding=encoding)
    )
    assert submission.state == "accepted", submission.refusal_sentence
    redacting.redact_one(recorded.claim(recorded.run_of(submission), "redact"))
    return recorded.run_of(submission)


def profile(monkeypatch: pytest.MonkeyPatch, wanted: RedactionProfile) -> None:
    def order(run: Run) -> object:
        made = order_of(run)
        return replace(made, policy=made.policy.model_copy(update={"redaction": wanted}))

    monkeypatch.setattr(redacting, "order_of", order)


def test_a_text_is_redacted_and_waits_for_the_model(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    profile(monkeypatch, NO_PICTURES)
    run = redacted(cast, LETTER.encode("utf-16"))
    result = run.redaction_result
    assert result is not None
    assert (run.state, run.asset.media_type, run.asset.width) == (RunState.INFERRING, "text/plain", 0)
    copy = evidence.content(run.id, Name.REDACTED, digest=result.digest).decode("utf-16")
    assert copy == "Dear [PERSON_1],\r\nwrite to [EMAIL_ADDRESS_1], or call [PHONE_NUMBER_1].\r\n"
    hidden = [finding.place for finding in result.findings if isinstance(finding.place, Span)]
    assert [LETTER[place.start : place.end] for place in hidden] == [
        "Ms Whitfield",
        "e.whitfield@example.org",
        "03-1234-5678",
    ]
    shown = [finding.shown for finding in result.findings if finding.shown]
    assert [copy[place.start : place.end] for place in shown] == [
        "[PERSON_1]",
        "[EMAIL_ADDRESS_1]",
        "[PHONE_NUMBER_1]",
    ]
    assert Mention.objects.filter(run=run).count() == 3
    assert "Whitfield" not in str(run.redaction)


def test_a_text_is_read_in_the_encoding_that_its_uploader_chose(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redaction reads it, and so does the view of the original: spans are marked in its characters."""
    profile(monkeypatch, NO_PICTURES)
    letter = "担当は山田太郎です。"
    run = redacted(cast, letter.encode("euc_jp"), "euc_jp")
    result = run.redaction_result
    assert result is not None
    assert result.text is not None
    assert result.text.encoding == "euc_jp"
    copy = evidence.content(run.id, Name.REDACTED, digest=result.digest).decode("euc_jp")
    assert copy == "担当は[PERSON_1]です。"
    shown = showing._shown(run.asset)
    assert shown is not None
    assert b"".join(shown.content).decode() == letter


def test_a_document_is_redacted_and_waits_for_the_model(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    profile(monkeypatch, NO_PICTURES.model_copy(update={"text": False}))
    run = redacted(cast, pdf(pages=2))
    result = run.redaction_result
    assert result is not None
    assert (run.state, run.asset.media_type) == (RunState.INFERRING, "application/pdf")
    assert (run.asset.width, run.asset.height) == (result.width, result.height)
    assert result.pages == 2
    copy = evidence.content(run.id, Name.REDACTED, digest=result.digest)
    assert copy.startswith(b"%PDF-")
    index, small = evidence.pages(run.id), evidence.content(run.id, Name.THUMBNAIL)
    assert [(page.start, page.end) for page in index.pages] == pdf_pages.ranges(copy)
    for page in index.pages:
        with Image.open(io.BytesIO(copy[page.start : page.end])) as picture:
            assert picture.size == (page.width, page.height)
        with Image.open(io.BytesIO(small[page.thumbnail_start : page.thumbnail_end])) as thumbnail:
            assert (thumbnail.format, max(thumbnail.size)) == ("JPEG", 320)
    kept = {part.name: part.digest for part in evidence.manifest(run.id)}
    assert kept.pop(Name.REDACTED) == result.digest
    assert result.beside == kept  # what lies beside the copy is named by the record of its redaction
    assert set(kept) == {Name.PAGES, Name.THUMBNAIL}


def test_what_can_be_read_on_the_redacted_pages_is_kept_as_their_transcript(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.BytesIO()
    page = canvas.Canvas(stream, pagesize=(400, 300))
    for word in ("sent", "paid for"):
        page.setFont("Helvetica", 16)
        page.drawString(40, 240, f"the goods were {word}")
        page.drawString(40, 180, "Contact: Eleanor Whitfield")
        page.showPage()
    page.save()
    profile(monkeypatch, NO_PICTURES)
    run = redacted(cast, stream.getvalue())
    assert run.redaction_result is not None
    digest = run.redaction_result.kept(Name.TRANSCRIPT)
    assert digest
    transcript = evidence.content(run.id, Name.TRANSCRIPT, digest=digest).decode()
    first, second = transcript.split("\f")
    assert "the goods were sent" in first
    assert "the goods were paid for" in second
    assert "Whitfield" not in transcript
    assert "Eleanor" not in transcript
