"""Changing what a policy hides, page by page."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client

from omnigov.contracts import RedactionProfile
from omnigov.policies.models import PolicyVersion
from omnigov.policies.services import redaction_publish
from omnigov.studio.forms import ProfileForm

EDIT = "/policies/what-is-shown/1/edit/"


def filled(version: PolicyVersion, **changes: Any) -> dict[str, Any]:
    """The form as a browser sends it when nothing but `changes` was touched."""
    form = ProfileForm(before=version.spec.redaction)
    given = {name: form[name].value() for name in form.fields}
    given = {name: field for name, field in (given | changes).items() if field not in (False, None)}
    return {name: "on" if field is True else field for name, field in given.items()}


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


@pytest.mark.parametrize("person", ["operator", "officer", "auditor"])
def test_whoever_is_no_steward_may_not(client: Client, cast: Any, person: str) -> None:
    client.force_login(getattr(cast, person))
    for path in (EDIT, "/policies/what-is-shown/1/templates/new/"):
        assert client.get(path).status_code == 403
        assert client.post(path, {}).status_code == 403
    assert "/edit/" not in text(client.get("/policies/what-is-shown/1/"))
    assert PolicyVersion.objects.filter(policy=cast.policy_version.policy).count() == 1


def test_whoever_is_not_signed_in_is_sent_to_sign_in(client: Client, cast: Any) -> None:
    assert client.get(EDIT).headers["Location"] == f"/sign-in/?next={EDIT}"


def test_another_workspace_s_policy_is_404(client: Client, cast: Any) -> None:
    client.force_login(cast.outsider)
    for path in (EDIT, "/policies/what-is-shown/1/templates/new/", "/policies/nothing/1/edit/"):
        assert client.get(path).status_code == 404


def test_the_form_shows_what_is_hidden_now(client: Client, cast: Any) -> None:
    client.force_login(cast.steward)
    page = text(client.get(EDIT))
    assert '<input type="checkbox" name="faces" id="id_faces" checked>' in page
    assert '<input type="checkbox" name="entities" value="JP_MY_NUMBER" checked>' in page
    for words in ("My Number (Japan)", "Persons and how to reach them", 'value="35"', 'value="10"'):
        assert words in page
    assert page.count('name="entities"') == len(cast.policy_version.spec.redaction.entities)


def test_the_difference_is_shown_before_anything_is_published(client: Client, cast: Any) -> None:
    client.force_login(cast.steward)
    kinds = [kind for kind in cast.policy_version.spec.redaction.entities if kind != "PERSON"]
    sent = filled(cast.policy_version, entities=kinds, padding="12.5", faces=False)
    page = text(client.post(EDIT, {**sent, "step": "look"}))
    assert PolicyVersion.objects.filter(policy=cast.policy_version.policy).count() == 1
    rows = page.split("<tr")
    assert any("Kinds in text" in row and "Name of a person" in row and "hides less" in row for row in rows)
    assert any("Faces" in row and "yes" in row and "hides less" in row for row in rows)
    assert any(
        "Margin" in row and "10 %" in row and "12.5 %" in row and "hides less" not in row for row in rows
    )
    assert 'name="sure"' in page
    assert '<input type="hidden" name="padding" value="12.5">' in page


def test_a_change_is_published_with_its_reason(client: Client, cast: Any) -> None:
    client.force_login(cast.steward)
    sent = filled(cast.policy_version, seals=False, face_threshold="20", fill="blur", weak_fill_known=True)
    answer = client.post(EDIT, {**sent, "step": "publish", "reason": "No seals come.", "sure": "on"})
    assert answer.headers["Location"] == "/policies/what-is-shown/2/"
    made = PolicyVersion.objects.get(policy=cast.policy_version.policy, number=2)
    before = cast.policy_version.spec.redaction
    assert made.spec.redaction == before.model_copy(
        update={"seals": False, "face_threshold": 200_000, "fill": "blur"}
    )
    page = text(client.get("/policies/what-is-shown/2/"))
    for words in ("No seals come.", "What changed after version 1", "Seals (hanko)", "hides less"):
        assert words in page
    assert "What changed after" not in text(client.get("/policies/what-is-shown/1/"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sure": ""}, "Confirm that less is to be hidden than before."),
        ({"reason": " "}, "Write a reason"),
        ({"fill": "mosaic"}, "Confirm that you know how weak this is"),
        ({"entities": ()}, "Choose at least one kind"),
        ({"languages": ()}, "Choose at least one language."),
        ({"languages": ("tlh",)}, "tlh"),
        ({"entities": ("PERSON", "SHOE_SIZE")}, "SHOE_SIZE"),
        ({"face_threshold": "101"}, "100"),
        ({"face_threshold": "NaN"}, "Enter a number."),
        ({"padding": "-1"}, "0"),
        ({"text_threshold": ""}, "required"),
        ({"template_required": "on"}, "There is no form template yet."),
        ({"seals": "on"}, "Nothing differs from this version"),
    ],
)
def test_what_does_not_fit_is_said_and_not_published(
    client: Client, cast: Any, changes: dict[str, Any], words: str
) -> None:
    client.force_login(cast.steward)
    sent = filled(cast.policy_version, seals=False) | {"step": "publish", "reason": "Because.", "sure": "on"}
    answer = client.post(EDIT, sent | changes)
    assert answer.status_code == 422
    assert words in text(answer)
    assert PolicyVersion.objects.filter(policy=cast.policy_version.policy).count() == 1


def test_back_brings_the_form_with_what_was_filled_in(client: Client, cast: Any) -> None:
    client.force_login(cast.steward)
    page = text(client.post(EDIT, {**filled(cast.policy_version, padding="12.5"), "step": "back"}))
    assert 'value="12.5"' in page
    assert "Show what differs" in page


def test_what_somebody_published_meanwhile_is_not_taken_back(client: Client, cast: Any) -> None:
    client.force_login(cast.steward)
    sent = filled(cast.policy_version, seals=False)
    other = cast.policy_version.spec.redaction.model_copy(update={"codes": False})
    redaction_publish(based_on=cast.policy_version, redaction=other, reason="No codes come.", by=cast.steward)
    answer = client.post(EDIT, {**sent, "step": "publish", "reason": "Because.", "sure": "on"})
    assert answer.status_code == 409
    page = text(answer)
    for words in ("Somebody published another version meanwhile.", "No codes come.", "QR codes and barcodes"):
        assert words in page
    assert "/policies/what-is-shown/2/" in page
    assert client.get(EDIT).status_code == 409
    assert PolicyVersion.objects.filter(policy=cast.policy_version.policy).count() == 2
    assert "/policies/what-is-shown/1/edit/" not in text(client.get("/policies/what-is-shown/1/"))


def test_fields_that_the_form_does_not_know_stay(cast: Any) -> None:
    before = cast.policy_version.spec.redaction.model_copy(update={"entities": ("PERSON", "SHOE_SIZE")})
    form = ProfileForm({"faces": "on"}, before=before)
    assert ("SHOE_SIZE", "SHOE_SIZE") in form.fields["entities"].choices  # type: ignore[attr-defined]


def test_every_field_of_a_profile_can_be_filled_in_or_drawn(cast: Any) -> None:
    form = ProfileForm(before=cast.policy_version.spec.redaction)
    assert set(RedactionProfile.model_fields) - set(form.fields) == {"templates"}
