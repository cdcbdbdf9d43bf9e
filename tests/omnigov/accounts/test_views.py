"""Signing in and out, the language, and the first page of each role."""

from __future__ import annotations

import pytest
from django.test import Client

from omnigov.accounts.models import User
from tests.conftest import Cast

BEGINNINGS = {"operator": "/upload/", "officer": "/review/", "auditor": "/ledger/", "steward": "/review/"}


@pytest.mark.parametrize(("role", "path"), BEGINNINGS.items())
def test_each_role_begins_on_its_own_page(client: Client, cast: Cast, role: str, path: str) -> None:
    client.force_login(getattr(cast, role))
    answer = client.get("/")
    assert answer.headers["Location"] == path
    assert client.get(path).status_code == 200


def test_whoever_is_not_signed_in_is_sent_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/review/").headers["Location"] == "/sign-in/?next=/review/"


def test_signing_in_leads_to_where_one_wanted_to_go(client: Client, cast: Cast) -> None:
    form = {"username": cast.officer.username, "password": "a good password", "next": "/policies/"}  # type: ignore[attr-defined]
    assert client.post("/sign-in/", form).headers["Location"] == "/policies/"


def test_signing_in_does_not_lead_to_another_site(client: Client, cast: Cast) -> None:
    form = {"username": cast.officer.username, "password": "a good password", "next": "https://evil.example/"}  # type: ignore[attr-defined]
    assert client.post("/sign-in/", form).headers["Location"] == "/"


def test_a_wrong_password_does_not_say_whether_the_name_is_known(client: Client, cast: Cast) -> None:
    known = client.post("/sign-in/", {"username": cast.officer.username, "password": "wrong"})  # type: ignore[attr-defined]
    unknown = client.post("/sign-in/", {"username": "nobody", "password": "wrong"})
    sentence = "The name or the password is not right."
    assert sentence in known.content.decode()
    assert sentence in unknown.content.decode()


def test_signing_out_takes_a_post_and_ends_the_session(client: Client, cast: Cast) -> None:
    client.force_login(cast.officer)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert client.get("/review/").status_code == 302


def test_the_language_is_remembered_with_the_person(client: Client, cast: Cast) -> None:
    client.force_login(cast.officer)
    client.post("/language/", {"language": "ja", "next": "/review/"})
    assert '<html lang="ja">' in client.get("/review/").content.decode()
    assert User.objects.get(pk=cast.officer.pk).language == "ja"  # type: ignore[attr-defined]
    other = Client()
    other.post("/sign-in/", {"username": cast.officer.username, "password": "a good password"})  # type: ignore[attr-defined]
    assert '<html lang="ja">' in other.get("/review/").content.decode()


def test_an_unknown_language_changes_nothing(client: Client, cast: Cast) -> None:
    client.force_login(cast.officer)
    client.post("/language/", {"language": "xx", "next": "/review/"})
    assert User.objects.get(pk=cast.officer.pk).language == "en"  # type: ignore[attr-defined]


def test_a_person_without_a_workspace_is_told_so(client: Client, db: None) -> None:
    client.force_login(User.objects.create_user(username="newcomer", password="a good password"))
    answer = client.get("/")
    assert answer.status_code == 403
    assert "You belong to no workspace yet" in answer.content.decode()


def test_a_page_that_is_not_there_has_a_plain_sentence(client: Client, db: None) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_a_form_without_its_token_has_a_plain_sentence(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.officer)
    answer = client.post("/sign-out/")
    assert answer.status_code == 403
    assert "This form is too old" in answer.content.decode()


def test_a_fault_of_ours_shows_no_trace(client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the inner workings")

    monkeypatch.setattr("omnigov.policies.queries.current_versions", broken)
    client.force_login(cast.officer)
    client.raise_request_exception = False
    answer = client.get("/policies/")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.content.decode()
    assert "inner workings" not in answer.content.decode()
