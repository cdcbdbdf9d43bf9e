"""Pseudonyms are stable in a case, sealed, and gone with their medium."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from omnigov.contracts import ReadValues
from omnigov.decisions import entries
from omnigov.decisions.models import Decision, Run
from omnigov.decisions.uploads import file_submit
from omnigov.erasure import journal
from omnigov.erasure import services as erasure
from omnigov.erasure.replaying import replay
from omnigov.intake.models import Batch, MediaAsset
from omnigov.keeper.retention import retain
from omnigov.keys import KeyUnavailable, keyring
from omnigov.ledger.models import LedgerEntry
from omnigov.pseudonyms import services
from omnigov.pseudonyms.models import Case, Mention, Pseudonym
from omnigov.pseudonyms.queries import case_rows, names_of, pseudonyms_of
from omnigov.pseudonyms.seal import SealBroken, opened
from omnigov.pseudonyms.services import (
    NotShown,
    case_keys_destroy,
    medium_forget,
    value_ask,
    value_of,
    values_seal,
)
from tests.conftest import Cast
from tests.omnigov import recorded
from tests.omnigov.erasure.test_erasure import tables
from tests.omnigov.pseudonyms import named

pytestmark = pytest.mark.services

NAME, OTHER = "Hanako Tanaka", "Wanda Ostrowska"


@pytest.fixture(autouse=True)
def journal_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "erasures.ndjson"
    monkeypatch.setattr(journal, "path", lambda: file)
    return file


@pytest.fixture
def batch(cast: Cast) -> Batch:
    people: Any = cast
    files = [(f"{colour}.png", recorded.png(colour)) for colour in ("red", "green", "blue")]
    return recorded.batch_of(people.policy_version, people.operator, *files)


@pytest.fixture
def runs(batch: Batch) -> list[Run]:
    found = list(Run.objects.filter(submission__batch=batch))
    named.redact(found[0], ("PERSON", NAME), ("FACE", ""), ("PERSON", OTHER))
    named.redact(found[1], ("PERSON", "HANAKO  tanaka"), ("LOCATION", NAME))
    named.redact(found[2], ("PERSON", OTHER))
    return found


def mention(run: Run, finding: int = 0) -> Mention:
    return Mention.objects.select_related("pseudonym", "run__submission").get(run=run, finding=finding)


# --- giving --------------------------------------------------------------------------------------------


def test_a_value_has_one_number_in_all_files_of_its_batch(batch: Batch, runs: list[Run]) -> None:
    assert [names_of(run) for run in runs] == [
        {0: "PERSON_1", 2: "PERSON_2"},
        {0: "PERSON_1", 1: "LOCATION_1"},
        {0: "PERSON_2"},
    ]
    rows = {str(row.pseudonym): row for row in case_rows(list(pseudonyms_of(batch)))}
    assert {name: row.files for name, row in rows.items()} == {"PERSON_1": 2, "PERSON_2": 2, "LOCATION_1": 1}
    assert [run.submission.name for run in rows["PERSON_2"].runs] == ["red.png", "blue.png"]


def test_another_batch_is_another_case(cast: Cast, runs: list[Run]) -> None:
    people: Any = cast
    other = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png("pink")))
    run = recorded.run_of(other.submissions.get())
    named.redact(run, ("PERSON", OTHER))
    assert names_of(run) == {0: "PERSON_1"}
    assert len({bytes(each.digest) for each in Pseudonym.objects.filter(mentions__finding=2)}) == 1
    assert bytes(mention(run).pseudonym.digest) != bytes(mention(runs[0], 2).pseudonym.digest)


def test_a_redaction_that_is_recorded_again_replaces_what_was_sealed(runs: list[Run]) -> None:
    run = runs[0]
    result: Any = Run.objects.get(pk=run.pk).redaction_result
    read = ReadValues()
    read.note(result.findings[2], OTHER, "wandaostrowska")
    assert values_seal(run_id=run.id, findings=result.findings, read=read) == 1
    assert names_of(run) == {2: "PERSON_2"}
    values_seal(run_id=runs[2].id, findings=(), read=ReadValues())
    assert names_of(runs[2]) == {}
    values_seal(run_id=run.id, findings=(), read=ReadValues())
    assert not Pseudonym.objects.filter(case=run.submission.batch_id, number=2).exists()


def test_of_what_was_read_nothing_is_written_in_the_clear(runs: list[Run]) -> None:
    rows = b"".join(tables().values())
    for value in (NAME, OTHER, "HANAKO", "hanakotanaka"):
        for tell in (value.encode(), value.encode().hex().encode(), base64.b64encode(value.encode())):
            assert tell not in rows
        plain = hashlib.sha256(value.encode()).hexdigest().encode()
        assert plain not in rows
    lengths = {len(bytes(each.sealed)) for each in Mention.objects.filter(run__in=runs)}
    assert len(lengths) == 1, "the length of a name tells about the name"


def test_what_is_not_recorded_is_not_sealed_either(cast: Cast, batch: Batch) -> None:
    run = Run.objects.filter(submission__batch=batch).earliest("created_at")
    with transaction.atomic():
        named.redact(run, ("PERSON", NAME))
        transaction.set_rollback(True)
    assert not Mention.objects.filter(run=run).exists()
    run.refresh_from_db()
    assert run.redaction is None


def test_the_database_refuses_two_numbers_for_a_value_and_two_values_for_a_number(runs: list[Run]) -> None:
    one = mention(runs[0]).pseudonym
    for digest, number in ((one.digest, 99), (b"x" * 32, one.number)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Pseudonym.objects.create(case=one.case, kind=one.kind, number=number, digest=digest)


def test_the_findings_commitment_is_what_it_was(runs: list[Run]) -> None:
    """A decision's entry commits to the findings as they are without pseudonyms."""
    decision = named.decide(runs[0])
    record = json.loads(bytes(LedgerEntry.objects.get(id=decision.entry).body))["record"]
    result: Any = Run.objects.get(pk=runs[0].pk).redaction_result
    keys = keyring().asset(runs[0].asset_id)
    assert record["findings"] == entries.commit(
        keys, [each.model_dump(mode="json") for each in result.findings]
    )
    assert "PERSON_1" not in json.dumps(record)


# --- at the same time ----------------------------------------------------------------------------------


def test_workers_at_the_same_time_give_one_number_to_one_value(committed_cast: Cast) -> None:
    """Eight connections at once, each with values that others have too and one of its own."""
    people: Any = committed_cast
    files = [(f"{place}.png", recorded.png("gray", (100 + place, 90))) for place in range(8)]
    batch = recorded.batch_of(people.policy_version, people.operator, *files)
    runs = list(Run.objects.filter(submission__batch=batch))
    shared = [f"Person {letter}" for letter in "abcdef"]
    together, failures = threading.Barrier(len(runs)), list[BaseException]()

    def work(place: int) -> None:
        try:
            values = [*shared[place % 3 :], f"Only {place}"]
            together.wait(30)
            named.redact(runs[place], *(("PERSON", value) for value in values))
        except BaseException as error:  # noqa: BLE001 - told by the test's thread
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(runs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    numbers: dict[str, set[int]] = {}
    for each in Mention.objects.filter(run__in=runs).select_related("pseudonym", "run"):
        numbers.setdefault(value_of(each), set()).add(each.pseudonym.number)
    assert len(numbers) == len(shared) + len(runs)
    assert all(len(given) == 1 for given in numbers.values()), "one value, one number"
    assert sorted(number for given in numbers.values() for number in given) == list(range(1, 15))


# --- showing -------------------------------------------------------------------------------------------


def test_a_value_is_shown_after_it_is_on_the_record(cast: Cast, runs: list[Run]) -> None:
    people: Any = cast
    found = mention(runs[1])
    value_ask(mention=found, reason="The court asks who it is.", seconds=300, by=people.officer)
    entry = json.loads(bytes(LedgerEntry.objects.get(kind="reidentified", subject=runs[1].asset_id).body))
    asset = MediaAsset.objects.get(pk=runs[1].asset_id)
    assert entry["record"] == {
        "asset": asset.commitment,
        "batch": str(runs[1].submission.batch_id),
        "pseudonym": "PERSON_1",
        "reason": keyring().asset(asset.id).commit(b"The court asks who it is."),
        "role": "officer",
        "seconds": 300,
        "viewer": str(people.officer.id),
    }
    assert value_of(found) == "HANAKO  tanaka"
    with pytest.raises(NotShown, match="reason"):
        value_ask(mention=found, reason=" x ", seconds=300, by=people.officer)
    assert LedgerEntry.objects.filter(kind="reidentified", subject=asset.id).count() == 1


def test_a_seal_opens_in_its_own_place_alone(runs: list[Run]) -> None:
    one, other = mention(runs[0]), mention(runs[0], 2)
    place = {"asset": runs[0].asset_id, "run": runs[0].id, "finding": 0}
    assert opened(one.sealed, **place) == NAME
    changed = bytes(one.sealed)[:-1] + bytes([bytes(one.sealed)[-1] ^ 1])
    for content in (other.sealed, changed, b"", mention(runs[1]).sealed):
        with pytest.raises(SealBroken):
            opened(content, **place)
    with pytest.raises(SealBroken):
        opened(one.sealed, asset=runs[0].asset_id, run=runs[1].id, finding=0)


# --- forgetting ----------------------------------------------------------------------------------------


def digests_of(runs: list[Run]) -> dict[str, bytes]:
    """The keyed digest of each name, as it stands in the tables' text."""
    secret = keyring().case(runs[0].submission.batch_id)
    return {
        name: hmac.digest(secret, b"PERSON\0" + "".join(name.split()).casefold().encode(), "sha256")
        .hex()
        .encode()
        for name in (NAME, OTHER)
    }


def test_an_erased_medium_leaves_neither_values_nor_digests_that_no_other_needs(runs: list[Run]) -> None:
    digests = digests_of(runs)
    before = b"".join(tables().values())
    assert all(digest in before for digest in digests.values()), "the search would find what is there"
    sealed = {run.pk: mention(run) for run in runs}
    erasure.asset_erase(asset_id=runs[1].asset_id)
    assert names_of(runs[1]) == {}
    with pytest.raises(KeyUnavailable):
        value_of(sealed[runs[1].pk])
    left = {str(each) for each in Pseudonym.objects.filter(case=runs[0].submission.batch_id)}
    assert left == {"PERSON_1", "PERSON_2"}, "LOCATION_1 was in that medium alone"
    erasure.asset_erase(asset_id=runs[0].asset_id)
    after = b"".join(tables().values())
    assert digests[NAME] not in after
    assert digests[OTHER] in after
    assert names_of(runs[2]) == {0: "PERSON_2"}
    assert keyring().has_case(runs[0].submission.batch_id)
    assert value_of(sealed[runs[2].pk]) == OTHER


def test_the_last_medium_takes_the_case_s_key_along(runs: list[Run], batch: Batch) -> None:
    digests = digests_of(runs)
    for run in runs:
        assert keyring().has_case(batch.id)
        erasure.asset_erase(asset_id=run.asset_id)
    assert not keyring().has_case(batch.id)
    assert not Case.objects.filter(batch=batch).exists()
    rows = b"".join(tables().values())
    assert not any(digest in rows for digest in digests.values())
    folder = keyring()._case_file(batch.id).parent
    assert not [file for file in folder.iterdir() if file.name == batch.id.hex]


def test_an_erasure_reads_one_other_medium_of_the_case_and_not_all(runs: list[Run], batch: Batch) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert case_keys_destroy(asset_id=runs[0].asset_id) == set()
    (whether_one_is_left,) = (each["sql"] for each in asked if "erased_at" in each["sql"])
    assert "LIMIT 1" in whether_one_is_left
    assert keyring().has_case(batch.id)


def test_a_number_is_not_given_again(runs: list[Run], batch: Batch) -> None:
    for run in (runs[0], runs[2]):
        erasure.asset_erase(asset_id=run.asset_id)
    file_submit(batch=batch, name="new.png", content=recorded.png("gold"), by=batch.created_by)
    new = Run.objects.filter(submission__batch=batch).latest("created_at")
    named.redact(new, ("PERSON", "Someone New"), ("PERSON", NAME))
    assert names_of(new) == {0: "PERSON_3", 1: "PERSON_1"}


def test_retention_forgets_too(runs: list[Run], batch: Batch) -> None:
    for run in runs:
        named.decide(run)
    Decision.objects.filter(run__in=runs).update(review_state="not_needed")
    later = datetime.now(UTC) + timedelta(days=4000)
    MediaAsset.objects.filter(pk__in=[run.asset_id for run in runs]).update(created_at="2020-01-01T00:00:00Z")
    assert retain(threading.Event(), later) >= 3
    assert not keyring().has_case(batch.id)
    assert not Mention.objects.filter(run__in=runs).exists()


@pytest.mark.parametrize("where", ["medium_forget", "case_keys_destroy", "_unused"])
def test_a_crash_in_between_is_taken_up_again(
    runs: list[Run], batch: Batch, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    for run in runs[1:]:
        erasure.asset_erase(asset_id=run.asset_id)

    def crash(*_: object, **__: object) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr(services, where, crash)
        with pytest.raises(OSError, match="the disk is gone"), transaction.atomic():
            erasure.asset_erase(asset_id=runs[0].asset_id)
    assert Mention.objects.filter(run=runs[0]).exists()
    with pytest.raises(KeyUnavailable):
        value_of(mention(runs[0]))
    assert replay() == 1
    assert not Mention.objects.filter(run=runs[0]).exists()
    assert not keyring().has_case(batch.id)


def test_a_case_key_that_is_played_back_is_destroyed_again(runs: list[Run], batch: Batch) -> None:
    file = keyring()._case_file(batch.id)
    kept = file.read_bytes()
    for run in runs:
        erasure.asset_erase(asset_id=run.asset_id)
    file.write_bytes(kept)
    replay()
    assert not keyring().has_case(batch.id)


def test_a_medium_of_two_batches_is_forgotten_in_both(cast: Cast, runs: list[Run], batch: Batch) -> None:
    people: Any = cast
    other = recorded.batch_of(people.policy_version, people.operator, ("again.png", recorded.png("red")))
    run = recorded.run_of(other.submissions.get())
    assert run.asset_id == runs[0].asset_id
    named.redact(run, ("PERSON", NAME))
    medium_forget(asset_id=run.asset_id)
    assert not keyring().has_case(other.id)
    assert keyring().has_case(batch.id)
    assert not Mention.objects.filter(run__asset=run.asset_id).exists()


@pytest.fixture
def two_left(committed_cast: Cast) -> list[Run]:
    people: Any = committed_cast
    files = [(f"{place}.png", recorded.png("navy", (130 + place, 95))) for place in range(2)]
    batch = recorded.batch_of(people.policy_version, people.operator, *files)
    runs = list(Run.objects.filter(submission__batch=batch))
    for run in runs:
        named.redact(run, ("PERSON", NAME))
    return runs


def test_two_last_media_erased_at_the_same_time_end_the_case(two_left: list[Run]) -> None:
    together, failures = threading.Barrier(2), list[BaseException]()

    def work(run: Run) -> None:
        try:
            together.wait(30)
            erasure.asset_erase(asset_id=run.asset_id)
        except BaseException as error:  # noqa: BLE001 - told by the test's thread
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(run,)) for run in two_left]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    batch = two_left[0].submission.batch_id
    assert not keyring().has_case(batch)
    assert not Case.objects.filter(batch=batch).exists()
