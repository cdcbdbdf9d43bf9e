"""Samples: drawn by a seed, kept with a sheet, drawn again from an export, forgotten with the medium."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image
from pytest_django import Settings

from omnigov.audits.models import Sample, SampleItem
from omnigov.audits.queries import drawn_before, rate_below
from omnigov.audits.services import NotSampled, Population, findings_forget, sample_draw, sheet_keep
from omnigov.decisions.models import Decision
from omnigov.exports.services import bundle_write
from omnigov.ledger import canonical, queries, sequencer
from omnigov.ledger.keys import log_signer
from omnigov.ledger.models import LedgerEntry
from omnigov.ledger.sampling import sample_rank, sheet_digest
from omnigov.ledger.verify import verify_bundle
from tests.omnigov import recorded
from tests.omnigov.beside import beside

pytestmark = pytest.mark.services
SECRET = "Anna is to be seen in the mirror."


@pytest.fixture
def people(request: pytest.FixtureRequest, settings: Settings) -> Any:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return request.getfixturevalue("committed_cast")


@pytest.fixture
def decisions(people: Any) -> list[Decision]:
    """Five decisions in two batches, with their places in the log."""
    found = []
    for name, colours in (("One", ("red", "blue", "teal")), ("Two", ("black", "olive"))):
        files = [(f"{colour}.png", recorded.png(colour)) for colour in colours]
        batch = recorded.batch_of(people.policy_version, people.operator, *files, name=name)
        found += [
            recorded.record(submission, picture=Image.new("RGB", (64, 48)), label="money")
            for submission in batch.submissions.all()
        ]
    sequencer.integrate()
    return found


def drawn(people: Any, size: int = 2, seed: str = "1f", **narrowed: Any) -> Sample:
    population = Population(kind="decision", **narrowed)
    return sample_draw(
        workspace=people.workspace, by=people.auditor, population=population, size=size, seed=seed
    )


def entries_of(sample: Sample) -> list[str]:
    return [str(each) for each in sample.items.order_by("number").values_list("entry", flat=True)]


def test_the_order_is_what_is_documented() -> None:
    id_ = "0b0fa6a4-4c0c-4b0e-9d2b-0a4f0c9d3c11"
    assert sample_rank("1f", id_) == hashlib.sha256(f"1f\n{id_}".encode()).digest()


def test_a_sample_is_those_that_come_first_by_the_seed(people: Any, decisions: list[Decision]) -> None:
    sample = drawn(people)
    ids = [str(each.entry) for each in decisions]
    assert entries_of(sample) == sorted(ids, key=lambda id_: sample_rank("1f", id_))[:2]
    assert sample.population == 5
    assert entries_of(drawn(people)) == entries_of(sample)
    assert drawn_before(sample) == 0
    assert drawn_before(drawn(people, seed="2")) == 2
    assert drawn_before(drawn(people, batch=decisions[0].run.submission.batch)) == 0
    root = drawn(people, seed="")
    assert len(root.seed) == 64
    assert not root.seed_chosen
    body = canonical.decode(bytes(LedgerEntry.objects.get(id=sample.entry).body))["record"]
    assert (
        body["drawn"]
        == hashlib.sha256("".join(f"{each}\n" for each in entries_of(sample)).encode()).hexdigest()
    )


def test_it_is_drawn_from_what_was_asked_for_alone(people: Any, decisions: list[Decision]) -> None:
    batch = decisions[-1].run.submission.batch
    assert set(entries_of(drawn(people, size=9, batch=batch))) == {str(each.entry) for each in decisions[3:]}
    assert drawn(people, size=9, policy=people.policy_version.policy).population == 5
    with pytest.raises(NotSampled, match="nothing to draw from"):
        drawn(people, until=decisions[0].created_at.replace(year=2001))
    for size in (0, 1001):
        with pytest.raises(NotSampled, match="1 to 1000"):
            drawn(people, size=size)


def test_a_sheet_is_kept_on_the_record_and_overwrites_nobody_s(
    people: Any, decisions: list[Decision]
) -> None:
    sample = drawn(people)
    sheet_keep(sample=sample, version=0, lines={1: ("finding", SECRET), 2: ("fine", "")}, by=people.auditor)
    entry = LedgerEntry.objects.filter(subject=sample.id, kind="sample_sheet").get()
    record = canonical.decode(bytes(entry.body))["record"]
    assert (record["size"], record["fine"], record["findings"]) == (2, 1, 1)
    assert record["sheet"] == sheet_digest(
        sample.items.order_by("number").values_list("commitment", flat=True)
    )
    assert SECRET.encode() not in bytes(entry.body)
    for version, lines, why in (
        (0, {1: ("fine", "")}, "meanwhile"),
        (1, {1: ("finding", "")}, "in words"),
        (1, {2: ("fine", "")}, "Nothing differs"),
        (1, {2: ("odd", "")}, "Choose what you found"),
        (1, {2: ("fine", "x" * 2001)}, "2000 characters"),
        (1, {99: ("fine", "")}, "Nothing differs"),
    ):
        with pytest.raises(NotSampled, match=why):
            sheet_keep(sample=sample, version=version, lines=lines, by=people.auditor)
    assert LedgerEntry.objects.filter(subject=sample.id, kind="sample_sheet").count() == 1


def test_what_was_found_goes_with_the_medium_and_the_sheet_still_holds(
    people: Any, decisions: list[Decision], tmp_path: Path
) -> None:
    sample = drawn(people)
    sheet_keep(sample=sample, version=0, lines={1: ("finding", SECRET), 2: ("fine", "")}, by=people.auditor)
    first = sample.items.get(number=1)
    findings_forget([first.subject])
    first.refresh_from_db()
    assert (first.finding, bytes(first.key), first.forgotten) == ("", b"", True)
    with pytest.raises(NotSampled):
        sheet_keep(sample=sample, version=1, lines={1: ("finding", "Again.")}, by=people.auditor)
    out = tmp_path / "bundle.zip"
    bundle_write(out, workspace=people.workspace.id, profile="full")
    assert verify_bundle(out, str(log_signer().verifier)).ok
    assert SECRET not in zipfile.ZipFile(out).read("samples.csv").decode()


def test_a_finding_is_not_written_over_an_erasure_that_goes_on(people: Any) -> None:
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png("navy")))
    recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label="money")
    sequencer.integrate()
    sample = drawn(people, size=1)
    sample = sheet_keep(sample=sample, version=0, lines={1: ("finding", SECRET)}, by=people.auditor)
    subject = sample.items.get().subject

    def rewritten() -> None:
        with pytest.raises(NotSampled, match="Nothing differs"):
            sheet_keep(
                sample=sample, version=1, lines={1: ("finding", f"{SECRET} Again.")}, by=people.auditor
            )

    beside(lambda: findings_forget([subject]), rewritten)
    item = sample.items.get()
    assert (item.finding, bytes(item.key), item.forgotten) == ("", b"", True)


def test_whoever_has_an_export_draws_it_again(people: Any, decisions: list[Decision], tmp_path: Path) -> None:
    batch = decisions[0].run.submission.batch
    samples = [drawn(people), drawn(people, batch=batch), drawn(people, policy=people.policy_version.policy)]
    sheet_keep(sample=samples[0], version=0, lines={1: ("finding", "=" + SECRET)}, by=people.auditor)
    full, redacted, part = (tmp_path / f"{name}.zip" for name in ("full", "redacted", "part"))
    bundle_write(full, workspace=people.workspace.id, profile="full")
    bundle_write(redacted, workspace=people.workspace.id)
    bundle_write(part, workspace=people.workspace.id, kinds=["sample_drawn"])
    key = str(log_signer().verifier)
    for bundle, again in ((full, True), (redacted, True), (part, False)):
        report = verify_bundle(bundle, key, deep=True)
        assert report.ok, report.failed
        assert (report.samples_drawn_again, "samples" in report.passed) == (again, True)
    table = zipfile.ZipFile(full).read("samples.csv").decode().splitlines()
    assert table[0] == "sample,number,entry,subject,mark,finding,commitment"
    assert len(table) == 1 + sum(each.size for each in samples)
    assert any(f",finding,'={SECRET}," in row for row in table)  # no spreadsheet takes it for a formula
    assert SECRET not in zipfile.ZipFile(redacted).read("samples.csv").decode()
    lines = [json.loads(each) for each in zipfile.ZipFile(part).read("samples.ndjson").splitlines()]
    assert [line["sheet"] for line in lines] == [None] * 3
    # By the stand-alone file too, in a process of its own.
    program = tmp_path / "omnigov_verify.py"
    program.write_bytes(zipfile.ZipFile(full).read("omnigov_verify.py"))
    command = [sys.executable, "-I", str(program), str(full), "--key", key]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("what", ["size", "seed", "other entries", "a finding"])
def test_a_sample_that_was_not_drawn_as_it_says_is_found(
    people: Any, decisions: list[Decision], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    honest = queries.drawn

    def sought_out(*given: Any, **named: Any) -> Any:
        count, entries = honest(*given, **named)
        if what == "seed":  # another one puts them in another order
            return count, entries[::-1]
        if what == "other entries":
            _, every = honest(*given, **(named | {"most": 9}))
            return count, every[-2:]
        return (count + 1 if what == "size" else count), entries

    monkeypatch.setattr(queries, "drawn", sought_out)
    sample = drawn(people)
    sheet_keep(sample=sample, version=0, lines={1: ("finding", SECRET)}, by=people.auditor)
    if what == "a finding":
        SampleItem.objects.filter(sample=sample, number=1).update(finding="Nothing much.")
    out = tmp_path / "bundle.zip"
    bundle_write(out, workspace=people.workspace.id, profile="full")
    failed = verify_bundle(out, str(log_signer().verifier)).failed
    assert failed is not None
    assert failed.check == "samples"


def test_what_a_sample_without_findings_rules_out() -> None:
    assert rate_below(59) == pytest.approx(0.0495, abs=0.0005)  # as tables of attribute sampling have it
    assert rate_below(1) == pytest.approx(0.95)


def test_the_pages(client: Client, people: Any, decisions: list[Decision]) -> None:
    client.force_login(people.auditor)
    assert "No sample was drawn yet" in client.get("/ledger/samples/").content.decode()
    refused = client.post("/ledger/samples/", {"kind": "decision", "size": "2", "seed": "Anna"})
    assert refused.status_code == 422
    assert "digits 0 to 9" in refused.content.decode()
    answer = client.post("/ledger/samples/", {"kind": "decision", "size": "2", "seed": "1f"})
    sample = Sample.objects.get(workspace=people.workspace)
    assert answer["Location"] == f"/ledger/samples/{sample.id}/"
    page = client.get(f"/ledger/samples/{sample.id}/").content.decode()
    assert "The model decided: Money." in page
    assert "77.6 % of the population" in page
    kept = {"version": "0", "mark-1": "finding", "finding-1": "<b>odd", "mark-2": ""}
    assert client.post(f"/ledger/samples/{sample.id}/?after=0", kept).status_code == 302
    again = client.post(f"/ledger/samples/{sample.id}/?after=0", {**kept, "finding-1": "My words stay."})
    assert again.status_code == 422
    assert "meanwhile" in again.content.decode()
    assert "My words stay." in again.content.decode()
    assert "&lt;b&gt;odd" in client.get(f"/ledger/samples/{sample.id}/").content.decode()
    client.force_login(people.outsider)
    assert client.get(f"/ledger/samples/{sample.id}/").status_code == 404
    client.force_login(people.officer)
    assert client.get(f"/ledger/samples/{sample.id}/").status_code == 403
