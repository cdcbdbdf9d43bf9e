"""Ordinary tables keep what they said before, whoever changed them."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test import Client
from pghistory.models import Event
from PIL import Image

from omnigov.decisions.models import Decision
from tests.conftest import Cast
from tests.omnigov import recorded

HISTORY = sorted(
    each._meta.db_table for each in apps.get_models() if issubclass(each, Event) and each._meta.managed
)


def test_a_change_behind_the_product_s_back_is_there(cast: Cast) -> None:
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png("teal")))
    decision = recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE decisions_decision SET label = 'plant' WHERE id = %s", [decision.pk])
    history: Any = apps.get_model("decisions", "DecisionEvent")
    rows = history.objects.filter(pgh_obj=decision.pk).order_by("pgh_id").values_list("pgh_label", "label")
    assert list(rows) == [("insert", "animal"), ("update", "plant")]
    assert Decision.objects.get(pk=decision.pk).label == "plant"


@pytest.mark.parametrize("table", ["decisions_review", "decisions_correction"])
def test_a_table_that_moved_to_another_app_keeps_one_trigger_an_event(cast: Cast, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE 'pgtrigger_%%'",
            [table],
        )
        assert cursor.fetchone() == (3,)


def test_who_asked_for_a_change_is_there(client: Client, cast: Cast) -> None:
    people: Any = cast
    client.force_login(people.officer)
    client.post("/language/", {"language": "ja", "next": "/"})
    history: Any = apps.get_model("accounts", "UserEvent")
    newest = history.objects.filter(pgh_obj=people.officer.pk).latest("pgh_id")
    assert (newest.pgh_label, newest.language) == ("update", "ja")
    assert newest.pgh_context.metadata["user"] == str(people.officer.pk)


@pytest.mark.parametrize("table", HISTORY)
def test_history_is_only_added_to(cast: Cast, table: str) -> None:
    for statement in (f"UPDATE \"{table}\" SET pgh_label = 'x'", f'DELETE FROM "{table}"'):  # noqa: S608
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize("table", HISTORY)
def test_the_owner_is_refused_too(cast: Cast, table: str) -> None:
    """By a trigger, which the weaker role's missing rights come before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled <> 'D' "
            "AND tgname LIKE 'pgtrigger_append_only%%'",
            [table],
        )
        assert cursor.fetchone() == (1,)


def test_no_secret_and_no_content_is_in_it() -> None:
    fields = {
        (each._meta.db_table, field.name)
        for each in apps.get_models()
        if issubclass(each, Event)
        for field in each._meta.get_fields()
    }
    names = {name for _, name in fields}
    assert not names & {
        "password",
        "wrapped_key",
        "reason",
        "reference",
        "name_of_file",
        "redaction",
        "inference",
    }
