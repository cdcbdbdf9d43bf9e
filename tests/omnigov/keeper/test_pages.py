"""The page of what the keeper could not do."""

from __future__ import annotations

from django.test import Client

from omnigov.keeper.faults import fault_note
from omnigov.keeper.keeper import jobs
from omnigov.keeper.pages import JOBS as WORDS
from tests.conftest import Cast


def test_it_is_for_stewards(client: Client, cast: Cast) -> None:
    for person in (cast.operator, cast.officer, cast.auditor):
        client.force_login(person)
        assert client.get("/housekeeping/").status_code == 403
    client.force_login(cast.auditor)
    assert "/housekeeping/" not in client.get("/ledger/").content.decode()
    client.force_login(cast.steward)
    assert "/housekeeping/" in client.get("/ledger/").content.decode()
    assert "Everything goes well." in client.get("/housekeeping/").content.decode()


def test_a_fault_is_told_with_its_reason_in_the_reader_s_language(client: Client, cast: Cast) -> None:
    fault_note("retention", "a7c0ffee", "The legal hold could not be read.")
    fault_note("checker", "", "The database did not answer. The file is tried again by itself.")
    client.force_login(cast.steward)
    page = client.get("/housekeeping/").content.decode()
    assert "erasing what was kept for long enough" in page
    assert "a7c0ffee" in page
    assert "The legal hold could not be read." in page
    assert "the whole job" in page
    client.cookies["django_language"] = "ja"
    page = client.get("/housekeeping/").content.decode()
    assert "データベースが応答しませんでした" in page
    assert "記録の検査" in page


def test_each_job_has_words() -> None:
    assert {job.name for job in jobs()} <= set(WORDS)
