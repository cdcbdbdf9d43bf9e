"""Every form of the entries in a bundle, read by somebody else's library where there is one."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pypdfium2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jsonschema import Draft202012Validator
from PIL import Image
from prov.model import ProvActivity, ProvAgent, ProvDocument, ProvEntity, ProvInvalidation
from pytest_django import Settings

from omnigov.contracts import Area, RedactionEdits, Region
from omnigov.decisions import deep, services
from omnigov.decisions.models import Decision, Run
from omnigov.erasure import journal
from omnigov.erasure.services import asset_erase
from omnigov.exports import report
from omnigov.exports.services import bundle_write
from omnigov.keys import keyring
from omnigov.ledger import bundle, canonical
from omnigov.ledger.export import Exported
from omnigov.ledger.keys import log_signer
from omnigov.ledger.merkle import leaf_hash
from omnigov.ledger.verify import Report, verify_bundle
from omnigov.review.after import disposition_add
from omnigov.review.corrections import redaction_correct
from omnigov.review.known_answers import known_answer_place
from omnigov.review.letters import letter_make
from omnigov.review.regions import Change
from omnigov.review.services import review_add, review_take_back
from tests.conftest import Cast
from tests.omnigov import recorded
from tests.omnigov.ledger.bundles import read_zip

pytestmark = pytest.mark.services

WORDS = "A person called Hanako stands at a gate."
REASON = "It is Hanako's cat."


class House:
    """A workspace with two decisions, of which one was overturned."""

    def __init__(self, cast: Cast) -> None:
        self.cast: Any = cast
        batch = recorded.batch_of(
            self.cast.policy_version,
            self.cast.operator,
            ("Hanako.png", recorded.png("teal", (65, 48))),
            ("b.png", recorded.png("navy", (66, 48))),
        )
        first, second = batch.submissions.order_by("created_at")
        self.decision = recorded.record(
            first, picture=Image.new("RGB", (64, 48)), boxes=[("FACE", (1, 1, 9, 9))], reasons=(WORDS,)
        )
        self.other = recorded.record(
            second,
            picture=Image.new("RGB", (64, 48)),
            attribution_failure="It did not go through.",
            confidence=990_000,
        )
        review_add(
            decision_id=self.decision.id,
            officer=self.cast.officer,
            verdict="overturn",
            label="money",
            reason=REASON,
        )

    def write(self, out: Path, **order: Any) -> Exported:
        return bundle_write(out, workspace=self.cast.workspace.id, **order)


@pytest.fixture
def house(request: pytest.FixtureRequest, settings: Settings) -> House:
    # Six passwords are hashed a test, and nobody signs in with them.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return House(request.getfixturevalue("committed_cast"))


def verified(path: Path) -> Report:
    found = verify_bundle(path, str(log_signer().verifier), deep=True)
    assert found.failed is None, (found.failed.check, found.failed.detail)
    return found


def entries(members: dict[str, bytes]) -> Iterator[tuple[int, dict[str, Any]]]:
    for line in members[bundle.ENTRIES].splitlines():
        found = json.loads(line)
        yield found["index"], found["entry"]


def test_both_profiles_verify_and_redacted_is_without_words(house: House, tmp_path: Path) -> None:
    house.write(tmp_path / "r.zip")
    house.write(tmp_path / "f.zip", profile="full")
    assert "evidence" not in verified(tmp_path / "r.zip").passed
    assert {"evidence", "statements"} <= set(verified(tmp_path / "f.zip").passed)
    redacted, full = read_zip(tmp_path / "r.zip"), read_zip(tmp_path / "f.zip")
    assert bundle.EVIDENCE not in redacted
    written = [text.encode() for text in (WORDS, REASON, house.cast.officer.username)]
    plain = {name: data for name, data in redacted.items() if name != "report.pdf"}
    assert not [name for name, data in plain.items() if any(text in data for text in written)]
    assert all(text in full["report.html"].replace(b"&#x27;", b"'") for text in written)
    assert json.loads(full[bundle.MANIFEST])["profile"] == "full"


def test_evidence_opens_what_entries_commit_to(house: House, tmp_path: Path) -> None:
    house.write(tmp_path / "f.zip", profile="full")
    lines = [json.loads(line) for line in read_zip(tmp_path / "f.zip")[bundle.EVIDENCE].splitlines()]
    opened = [line["opens"] for line in lines]
    assert [set(each) for each in opened] == [
        {"attribution", "findings", "prompt", "reasons", "redacted"},
        {"findings", "prompt", "reasons", "redacted"},
        {"reason"},
    ]
    assert opened[0]["reasons"] == [WORDS]
    assert opened[2]["reason"] == REASON


def test_what_came_after_a_verdict_is_opened_and_an_answer_that_still_waits_is_not(
    house: House, tmp_path: Path
) -> None:
    cast = house.cast
    disposition_add(decision_id=house.decision.id, by=cast.operator, done="sent_on", to="The archive")
    letter = letter_make(
        decision_id=house.decision.id, by=cast.officer, language="ja", contact="office@works.example", days=9
    )
    known = known_answer_place(decision_id=house.other.id, label="plant", by=cast.steward)

    def said(name: str) -> list[dict[str, Any]]:
        house.write(tmp_path / name, profile="full")
        verified(tmp_path / name)
        return [json.loads(line) for line in read_zip(tmp_path / name)[bundle.EVIDENCE].splitlines()]

    *_, sent, written, answer = said("waits.zip")
    assert sent["opens"] == {"to": "The archive"}
    assert written["opens"] == {"letter": letter.content}
    assert "opens" not in answer
    review_add(
        decision_id=house.other.id, officer=cast.officer, verdict="overturn", label="plant", reason="A fern."
    )
    assert said("answered.zip")[-2]["opens"] == {"answer": [str(known.nonce), "plant"]}


def test_a_thorough_explanation_is_opened_and_told(house: House, tmp_path: Path) -> None:
    deep.deep_request(decision=house.decision, by=house.cast.officer)
    claim = deep.deep_claim()
    assert claim is not None
    deep.deep_record(claim, recorded.thorough(house.decision.label))
    house.write(tmp_path / "f.zip", profile="full")
    house.write(tmp_path / "r.zip")
    assert "evidence" in verified(tmp_path / "f.zip").passed
    members, redacted = read_zip(tmp_path / "f.zip"), read_zip(tmp_path / "r.zip")
    lines = [json.loads(line) for line in members[bundle.EVIDENCE].splitlines()]
    (opened,) = [line["opens"] for line in lines if set(line.get("opens", ())) == {"attribution"}]
    assert opened["attribution"]["stability"] == 930_000
    words = "without its 1 strongest part (2.0 % of all parts)"
    assert words in members["report.html"].decode()
    assert words not in redacted["report.html"].decode()
    assert "A thorough explanation was computed too." in redacted["report.html"].decode()


def test_a_correction_is_opened_and_told(house: House, tmp_path: Path) -> None:
    run = house.decision.run
    drawn = RedactionEdits(
        added=tuple(Region(place=Area(left=1, top=1, right=9, bottom=9 + n)) for n in range(900))
    )
    new = redaction_correct(
        run_id=run.id, by=house.cast.officer, change=Change(drawn, added=900), reason=REASON
    )
    recorded.redact(new, Image.new("RGB", (64, 48)), [("BY_HAND", (1, 1, 9, 9))] * 900)
    hold = recorded.claim(Run.objects.get(pk=new.pk), "decide")
    services.inference_record(hold, recorded.inferred(new, "animal"))
    services.decision_record(hold, recorded.attributed("animal"))
    house.write(tmp_path / "f.zip", profile="full")
    house.write(tmp_path / "r.zip")
    assert "evidence" in verified(tmp_path / "f.zip").passed
    members = read_zip(tmp_path / "f.zip")
    lines = [json.loads(line) for line in members[bundle.EVIDENCE].splitlines()]
    (opened,) = [line["opens"] for line in lines if "edits" in line.get("opens", ())]
    assert (opened["reason"], len(opened["edits"]["added"])) == (REASON, 900)
    page = members["report.html"].decode().replace("&#x27;", "'")
    told = f"The run {new.id} was made in place of the run {run.id}."
    assert page.count(told) == 2
    assert house.cast.officer.username in page
    assert REASON.encode() not in read_zip(tmp_path / "r.zip")["report.html"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda line: {**line, "opens": {**line["opens"], "reasons": ["Something else."]}}, "reasons is not"),
        (lambda line: {**line, "key": "00" * 32}, "is not what the entry commits to"),
        (lambda line: {**line, "key": "not hex"}, "not in hex"),
        (lambda line: {**line, "opens": {"label": "animal"}}, "label is not"),
        (lambda line: {**line, "index": 10**9}, "no such entry"),
        (lambda line: {"index": line["index"], "opens": {}}, "not of the form"),
    ],
)
def test_evidence_that_was_changed_is_named(house: House, tmp_path: Path, change: Any, says: str) -> None:
    house.write(tmp_path / "f.zip", profile="full")
    members = read_zip(tmp_path / "f.zip")
    first, *rest = members[bundle.EVIDENCE].splitlines()
    line = canonical.encode(change(json.loads(first)), bundle.EVIDENCE_LIMIT)
    packed = repacked(tmp_path, {**members, bundle.EVIDENCE: b"\n".join([line, *rest, b""])})
    failed = verify_bundle(packed, str(log_signer().verifier)).failed
    assert failed
    assert (failed.check, says in failed.detail) == ("evidence", True), failed.detail


def repacked(folder: Path, members: dict[str, bytes]) -> Path:
    """A bundle with these members, as somebody who holds the log's key could sign it."""
    kept = {name: data for name, data in members.items() if name not in (bundle.MANIFEST, bundle.SIGNATURE)}
    manifest = json.loads(members[bundle.MANIFEST])
    manifest["members"] = [
        {"bytes": len(data), "name": name, "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in kept.items()
    ]
    signed = canonical.encode(manifest, bundle.MANIFEST_LIMIT)
    signature = log_signer().sign(bundle.manifest_note_text(signed)).encode()
    out = folder / "repacked.zip"
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in {**kept, bundle.MANIFEST: signed, bundle.SIGNATURE: signature}.items():
            archive.writestr(name, data)
    return out


def test_what_was_erased_is_not_opened(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "path", lambda: tmp_path / "erasures.ndjson")
    asset_erase(asset_id=house.decision.run.asset_id)
    house.write(tmp_path / "f.zip", profile="full")
    verified(tmp_path / "f.zip")
    members = read_zip(tmp_path / "f.zip")
    lines = [json.loads(line) for line in members[bundle.EVIDENCE].splitlines()]
    assert [line.get("missing") for line in lines] == ["the medium was erased", None, "the medium was erased"]
    assert WORDS.encode() not in members["report.html"]
    assert REASON.encode() not in members["report.html"].replace(b"&#x27;", b"'")


def test_nothing_is_quoted_once_the_keys_are_gone(house: House, tmp_path: Path) -> None:
    """Erasure destroys keys before its rows are committed; an export in between must not quote them."""
    asset = house.decision.run.asset_id
    file = keyring()._file(asset)
    kept = file.read_bytes()
    keyring().asset_destroy(asset)
    try:
        house.write(tmp_path / "f.zip", profile="full")
    finally:
        file.write_bytes(kept)
    members = read_zip(tmp_path / "f.zip")
    assert WORDS.encode() not in members["report.html"]
    assert REASON.encode() not in members["report.html"].replace(b"&#x27;", b"'")
    assert WORDS.encode() not in members[bundle.EVIDENCE]


# --- in-toto and DSSE ----------------------------------------------------------------------------------


def test_statements_are_in_toto_s_and_envelopes_are_signed(house: House, tmp_path: Path) -> None:
    house.write(tmp_path / "r.zip")
    members = read_zip(tmp_path / "r.zip")
    statements = members[bundle.STATEMENTS].splitlines()
    assert len(statements) == 3
    for line in statements:
        statement = json.loads(line)
        assert statement["_type"] == "https://in-toto.io/Statement/v1"
        assert statement["predicateType"].endswith(("/decision/v3", "/review/v2"))
    (line,) = members[bundle.ATTESTATIONS].splitlines()
    envelope = json.loads(line)
    payload = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"].encode()
    # The pre-authentication encoding as the DSSE protocol writes it down.
    signed = b" ".join([b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload])
    key = Ed25519PublicKey.from_public_bytes(log_signer().verifier.public_key)
    key.verify(base64.b64decode(envelope["signatures"][0]["sig"]), signed)
    listed = [each["digest"]["sha256"] for each in json.loads(payload)["subject"]]
    assert listed == [hashlib.sha256(each).hexdigest() for each in statements]


def test_many_statements_take_several_envelopes(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "STATEMENTS_A_BATCH", 2)
    house.write(tmp_path / "r.zip")
    assert len(read_zip(tmp_path / "r.zip")[bundle.ATTESTATIONS].splitlines()) == 2
    verified(tmp_path / "r.zip")


@pytest.mark.parametrize("change", ["statement", "drop", "envelope", "signature", "swap"])
def test_a_statement_that_was_changed_is_found(house: House, tmp_path: Path, change: str) -> None:
    house.write(tmp_path / "r.zip")
    members = read_zip(tmp_path / "r.zip")
    statements = members[bundle.STATEMENTS].splitlines(keepends=True)
    if change == "statement":
        statements[0] = statements[0].replace(b'"label":"animal"', b'"label":"plant"')
    elif change == "drop":
        statements.pop()
    elif change == "swap":
        statements[:2] = statements[1::-1]
    else:
        envelope = json.loads(members[bundle.ATTESTATIONS])
        if change == "signature":
            envelope["signatures"][0]["sig"] = base64.b64encode(bytes(64)).decode()
        else:
            envelope["payload"] = base64.b64encode(b"{}").decode()
        members[bundle.ATTESTATIONS] = canonical.encode(envelope, 10**7) + b"\n"
    members[bundle.STATEMENTS] = b"".join(statements)
    packed, key = repacked(tmp_path, members), str(log_signer().verifier)
    failed = verify_bundle(packed, key, deep=True).failed
    assert failed
    assert failed.check == "statements"


# --- PROV, Parquet, schemas, report --------------------------------------------------------------------


def test_prov_is_read_by_the_prov_library(house: House, tmp_path: Path) -> None:
    house.write(tmp_path / "r.zip")
    text = read_zip(tmp_path / "r.zip")["prov.jsonld"].decode()
    document = ProvDocument.deserialize(content=text, format="jsonld")
    people = [each for each in document.get_records(ProvAgent) if "Person" in str(each.attributes)]
    assert [str(each.identifier) for each in people] == [f"id:{house.cast.officer.id}"]
    activities = {str(each.identifier) for each in document.get_records(ProvActivity)}
    assert {f"id:{house.decision.run_id}", f"id:{house.other.run_id}"} < activities
    decisions = [each for each in document.get_records(ProvEntity) if "omnigov:label" in str(each)]
    assert len(decisions) == 2
    # Written by the library and read again it is the same document.
    again = document.serialize(format="jsonld")
    assert ProvDocument.deserialize(content=again, format="jsonld") == document


def test_a_verdict_that_was_taken_back_is_marked_in_every_form(house: House, tmp_path: Path) -> None:
    given = review_add(
        decision_id=house.other.id,
        officer=house.cast.officer,
        verdict="overturn",
        label="tool",
        reason="No: a tool.",
    )
    review_take_back(review_id=given.id, officer=house.cast.officer)
    house.write(tmp_path / "r.zip")
    verified(tmp_path / "r.zip")
    members = read_zip(tmp_path / "r.zip")
    rows = pq.read_table(io.BytesIO(members["entries.parquet"])).to_pylist()
    marked = {row["id"]: row["taken_back"] for row in rows if row["kind"] == "review"}
    assert (marked.pop(str(given.entry)), list(marked.values())) == (True, [False])
    assert {row["taken_back"] for row in rows if row["kind"] != "review"} == {None}
    assert [row["outcome"] for row in rows if row["subject"] == str(house.other.run_id)][-1] == "animal"
    document = ProvDocument.deserialize(content=members["prov.jsonld"].decode(), format="jsonld")
    (undone,) = document.get_records(ProvInvalidation)
    assert str(undone.args[0]) == f"id:{given.entry}"
    stated = [json.loads(line)["predicate"] for line in members[bundle.STATEMENTS].splitlines()]
    taken = next(each for each in stated if each["kind"] == "verdict_taken_back")
    by_id = {str(entry["id"]): leaf_hash(canonical.encode(entry)).hex() for _, entry in entries(members)}
    assert taken["record"]["review"] == by_id[str(given.entry)]


def test_prov_of_nothing_is_a_document(house: House, tmp_path: Path) -> None:
    house.write(tmp_path / "r.zip", kinds=["key_made"])
    text = read_zip(tmp_path / "r.zip")["prov.jsonld"].decode()
    assert not ProvDocument.deserialize(content=text, format="jsonld").get_records()


def test_the_table_says_what_the_entries_say(house: House, tmp_path: Path) -> None:
    house.write(tmp_path / "r.zip")
    members = read_zip(tmp_path / "r.zip")
    rows = pq.read_table(io.BytesIO(members["entries.parquet"])).to_pylist()
    for row, (index, entry) in zip(rows, entries(members), strict=True):
        assert (row["index"], row["id"], row["kind"]) == (index, entry["id"], entry["kind"])
        assert row["at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ") == entry["at"]
        assert json.loads(row["record"]) == entry["record"]
        assert row["leaf_hash"] == leaf_hash(canonical.encode(entry))


def test_the_outcome_is_in_the_table_and_the_report_beside_the_model_s_answer(
    house: House, tmp_path: Path
) -> None:
    house.write(tmp_path / "r.zip")
    members = read_zip(tmp_path / "r.zip")
    rows = pq.read_table(io.BytesIO(members["entries.parquet"])).to_pylist()
    said = [(row["kind"], row["outcome"]) for row in rows if row["kind"] in {"decision", "review"}]
    assert sorted(said) == [("decision", "animal"), ("decision", "animal"), ("review", "money")]
    html = members["report.html"].decode()
    assert "is “Money”. The model had answered “Animal”." in html
    assert re.search(r"entry \d+: record\.verdict, record\.right_label", html)
    assert "No page of the product was served for this verdict." in html


def test_of_an_old_verdict_the_report_says_only_what_it_can_mean() -> None:
    record = {"shown": ["redacted_copy", "heat_map"]}
    told, fields = report._told_of_page({"schema": 1, "record": record})
    assert told.startswith("Pages of decisions had in them then: the redacted copy, the heat map.")
    assert "is not on the record" in told
    assert fields == "record.shown"


def test_each_kind_has_its_schema_and_the_mapping_its_sheets(house: House, tmp_path: Path) -> None:
    house.write(tmp_path / "r.zip")
    members = read_zip(tmp_path / "r.zip")
    for _, entry in entries(members):
        schema = json.loads(members[f"schemas/{entry['kind']}-{entry['schema']}.json"])
        assert set(entry["record"]) <= set(schema.get("properties", {}))
    for line in members[bundle.STATEMENTS].splitlines():
        statement = json.loads(line)
        kind, version = statement["predicateType"].split("/")[-2:]
        schema = json.loads(members[f"schemas/predicate-{kind}-{version[1:]}.json"])
        assert schema["$id"] == statement["predicateType"]
        Draft202012Validator(schema).validate(statement["predicate"])
    assert b"evidence, not a" in members["mapping.en.md"]
    assert "判定では".encode() in members["mapping.ja.md"]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_report_says_each_thing_with_where_to_check_it(
    house: House, tmp_path: Path, language: str
) -> None:
    house.write(tmp_path / "f.zip", profile="full", language=language)
    members = read_zip(tmp_path / "f.zip")
    html = members["report.html"].decode()
    assert f'lang="{language}"' in html
    spec = house.decision.run.policy_version.spec
    for key in ("animal", "money"):
        label = spec.label(key)
        assert (label.name_ja if language == "ja" else label.name_en) in html
    for field in ("record.findings_count", "record.verdict", "record.policy", "record.attribution_missing"):
        assert field in html
    pdf = pypdfium2.PdfDocument(members["report.pdf"])
    text = "".join(page.get_textpage().get_text_range() for page in pdf)
    assert WORDS in text.replace("\r\n", " ").replace("  ", " ")
    assert ("判定報告書" if language == "ja" else "Decision report") in text


def test_a_report_of_too_many_is_not_made(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "MOST", 1)
    house.write(tmp_path / "r.zip")
    assert not [name for name in read_zip(tmp_path / "r.zip") if name.startswith("report.")]
    verified(tmp_path / "r.zip")


def test_the_report_shows_only_this_workspace(house: House, tmp_path: Path) -> None:
    house.write(tmp_path / "r.zip", subjects={house.other.run_id})
    html = read_zip(tmp_path / "r.zip")["report.html"].decode()
    assert html.count("<section>") == 1
    assert Decision.objects.count() >= 2
