"""Form templates, page by page: the sample, the fields, what is kept, the version."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from omnigov.contracts import Area, Finding, FormTemplate, Quarantined
from omnigov.policies.models import PolicyVersion
from omnigov.policies.services import redaction_publish
from omnigov.security import DRAWING_POLICY
from omnigov.studio import looks, samples, template_views
from omnigov.studio.models import SampleLook
from tests.omnigov import recorded
from tests.omnigov.studio.test_samples import CARD, FIELD, as_file, form

NEW = "/policies/what-is-shown/1/templates/new/"
FORM = "application/x-www-form-urlencoded"
DRAW = "/policies/what-is-shown/1/templates/draw/"


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What a worker finds on a sample; it looks as soon as it is asked."""
    on_it: list[Finding] = []

    def ask(**given: Any) -> SampleLook:
        look = looks.look_ask(**given)
        looks.look_make(lambda _: on_it)
        look.refresh_from_db()
        return look

    monkeypatch.setattr(template_views, "look_ask", ask)
    return on_it


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def field_of(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def region(box: Any = FIELD, label: str = "Name", kind: str = "PERSON", **more: Any) -> dict[str, Any]:
    drawn = {"id": "n1", "place": box if isinstance(box, dict) else box.model_dump(), "kind": kind}
    return {**drawn, "label": label, "origin": "drawn", "removed": False, **more}


def drawing(*regions: dict[str, Any], **more: Any) -> dict[str, Any]:
    sample = base64.b64encode(as_file(form("Yamada Hanako", "4111 1111"))).decode()
    return {"name": "Library card", "sample": sample, "regions": json.dumps(regions or [region()]), **more}


def published(cast: Any) -> list[PolicyVersion]:
    return list(PolicyVersion.objects.filter(policy=cast.policy_version.policy).order_by("number"))


def add(client: Client, cast: Any, *regions: dict[str, Any], name: str = "Library card") -> FormTemplate:
    number = len(published(cast))
    sent = drawing(*regions, name=name, step="publish", reason="Cards come now.", looked="on")
    answer = client.post(f"/policies/what-is-shown/{number}/templates/draw/", sent)
    assert answer.headers["Location"] == f"/policies/what-is-shown/{number + 1}/"
    return published(cast)[-1].spec.redaction.templates[-1]


def test_a_star_after_a_field_s_name_says_that_it_has_to_be_filled_in(client: Client, cast: Any) -> None:
    client.force_login(cast.steward)
    kept = add(client, cast, region(label="Name *"), region(CARD, "Card"))
    assert [(field.name, field.required) for field in kept.fields] == [("Name", True), ("Card", False)]
    redrawn = text(client.get("/policies/what-is-shown/2/templates/0/draw/"))
    assert "Name *" in redrawn
    assert "has to be filled in" in text(client.get("/policies/what-is-shown/2/"))


def test_a_picture_is_chosen_drawn_on_looked_at_and_published(client: Client, cast: Any) -> None:
    client.force_login(cast.steward)
    assert "Or a redacted copy" not in text(client.get(NEW))
    picture = SimpleUploadedFile("yamada.png", as_file(form("Yamada Hanako")), "image/png")
    answer = client.post(NEW, {"picture": picture})
    assert answer.headers["Content-Security-Policy"] == DRAWING_POLICY
    page = text(answer)
    assert "yamada.png" not in page
    sample = field_of(page, "sample")
    assert f'<img src="data:image/png;base64,{sample}"' in page
    given = {
        "name": "Library card",
        "sample": sample,
        "regions": json.dumps([region(), region(CARD, "Card")]),
    }
    answer = client.post(DRAW, {**given, "step": "look"})
    assert answer.headers["Content-Security-Policy"] == DRAWING_POLICY
    looked_at = text(answer)
    assert len(published(cast)) == 1
    for words in ("Library card (2 fields)", "What is kept of the form", "Look closely", 'name="looked"'):
        assert words in looked_at
    assert field_of(looked_at, "sample") == sample
    kept = re.search(r'src="data:image/png;base64,([^"]+)"', looked_at)
    answer = client.post(DRAW, {**given, "step": "publish", "reason": "Cards come now.", "looked": "on"})
    assert answer.headers["Location"] == "/policies/what-is-shown/2/"
    (template,) = published(cast)[1].spec.redaction.templates
    assert kept
    assert template.reference == kept[1]
    assert [(field.name, field.kind) for field in template.fields] == [("Name", "PERSON"), ("Card", "PERSON")]


def test_what_stood_in_the_fields_reaches_neither_policy_nor_log(
    client: Client, cast: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client.force_login(cast.steward)
    template = add(client, cast, region(), region(CARD, "Card"))
    picture = Image.open(io.BytesIO(base64.b64decode(template.reference)))
    for box in (FIELD, CARD):
        assert picture.crop((box.left, box.top, box.right, box.bottom)).getextrema() == (255, 255)
    sample = drawing()["sample"]
    assert sample[100:160] not in json.dumps(published(cast)[1].body)
    assert sample[100:160] not in caplog.text


def test_a_redacted_copy_comes_with_its_fields(client: Client, cast: Any) -> None:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("card.png", recorded.png()))
    boxes = [("PERSON", (FIELD.left, FIELD.top, FIELD.right, FIELD.bottom)), ("FACE", (700, 20, 800, 120))]
    recorded.record(batch.submissions.get(), picture=form().resize((2000, 1400)), boxes=boxes)
    run = recorded.run_of(batch.submissions.get())
    client.force_login(cast.steward)
    page = text(client.get(NEW))
    assert f'name="run" value="{run.pk}"' in page
    page = text(client.post(NEW, {"run": str(run.pk)}))
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.S)
    assert found
    regions = json.loads(found[1])
    assert [(each["kind"], each["label"]) for each in regions] == [
        ("PERSON", "Name of a person 1"),
        ("FACE", "Face 2"),
    ]
    scale = 1600 / 2000
    assert regions[0]["place"]["left"] == FIELD.left * scale
    shown = Image.open(io.BytesIO(base64.b64decode(field_of(page, "sample"))))
    inside = [
        round(side * scale) for side in (FIELD.left + 4, FIELD.top + 4, FIELD.right - 4, FIELD.bottom - 4)
    ]
    assert shown.crop(tuple(inside)).getextrema()[0] > 200


def test_another_workspace_s_copy_is_no_sample(client: Client, cast: Any) -> None:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("card.png", recorded.png()))
    recorded.record(batch.submissions.get(), picture=form())
    run = recorded.run_of(batch.submissions.get())
    from omnigov.policies.services import builtin_publish

    builtin_publish(workspace=cast.elsewhere)
    client.force_login(cast.outsider)
    assert str(run.pk) not in text(client.get(NEW))
    assert client.post(NEW, {"run": str(run.pk)}).status_code == 422


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.png", b"no picture", "drawn on a PNG or JPEG picture"),
        ("a.png", as_file(form(), "GIF"), "drawn on a PNG or JPEG picture"),
        ("a.png", as_file(form())[:900], "damaged and can"),
        ("a.png", as_file(form()) + bytes(10_000_000), "a sample has up to 10 MB"),
        ("a.png", as_file(Image.new("1", (6000, 5000))), "million pixels"),
        ("a.png", as_file(Image.new("1", (12_001, 100))), "a side may have up to"),
    ],
)
def test_what_is_no_sample_is_said(client: Client, cast: Any, name: str, content: bytes, words: str) -> None:
    client.force_login(cast.steward)
    answer = client.post(NEW, {"picture": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422
    assert words in text(answer)
    nothing = client.post(NEW, {})
    assert (nothing.status_code, "Choose one" in text(nothing)) == (422, True)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"regions": "[]"}, "Draw at least one field."),
        ({"regions": json.dumps([region(removed=True)])}, "Draw at least one field."),
        ({"regions": "{"}, "can't be read"),
        ({"regions": "[" * 100_000}, "can't be read"),
        ({"regions": '[{"place": 1}]'}, "can't be read"),
        (
            {"regions": json.dumps([region({"part": 1, "left": 5, "top": 5, "right": 9, "bottom": 9})])},
            "can't be read",
        ),
        ({"regions": json.dumps([region({"left": 5, "top": 5, "right": 5, "bottom": 9})])}, "can't be read"),
        ({"regions": json.dumps([region({"left": -1, "top": 5, "right": 5, "bottom": 9})])}, "can't be read"),
        (
            {"regions": json.dumps([region({"left": 1, "top": 5, "right": 5.5, "bottom": 9})])},
            "can't be read",
        ),
        (
            {"regions": json.dumps([region({"left": 1, "top": 5, "right": 1001, "bottom": 9})])},
            "beyond the form",
        ),
        (
            {"regions": json.dumps([region({"left": 1, "top": 5, "right": 10**30, "bottom": 9})])},
            "can't be read",
        ),
        ({"regions": json.dumps([region()] * 201)}, "up to 200 fields"),
        ({"regions": json.dumps([region(label="\u0000\u202e ")])}, "Give each field a name."),
        ({"regions": json.dumps([region(label="x" * 61)])}, "up to 60 characters"),
        ({"regions": json.dumps([region(kind="SHOE_SIZE")])}, "not known here"),
        ({"name": ""}, "required"),
        ({"name": "\u200b"}, "Give the form a name."),
        ({"sample": ""}, "required"),
        ({"sample": "AAAA"}, "Choose the sample again"),
        ({"sample": base64.b64encode(as_file(form(), "JPEG")).decode()}, "Choose the sample again."),
        (
            {"regions": json.dumps([region({"left": 0, "top": 0, "right": 1000, "bottom": 700})])},
            "Hardly any print",
        ),
        ({"looked": ""}, "Look at what is kept of the form"),
        ({"reason": ""}, "Write a reason"),
    ],
)
def test_what_does_not_fit_is_said_and_not_published(
    client: Client, cast: Any, more: dict[str, Any], words: str
) -> None:
    client.force_login(cast.steward)
    answer = client.post(DRAW, drawing(step="publish", reason="Because.", looked="on") | more)
    assert answer.status_code == 422
    assert words in text(answer)
    assert len(published(cast)) == 1


def test_a_name_is_one_line_without_signs_that_turn_it(client: Client, cast: Any) -> None:
    client.force_login(cast.steward)
    template = add(client, cast, region(label="氏名\u3000\u202eName\n"), name=" 申請書\u0007 A ")
    assert (template.name, template.fields[0].name) == ("申請書 A", "氏名 Name")


def test_the_noisiest_sample_comes_back_with_its_form(client: Client, cast: Any) -> None:
    client.force_login(cast.steward)
    noise = Image.effect_noise((2000, 2000), 90)
    noise.paste(form(), (0, 0))
    page = text(client.post(NEW, {"picture": SimpleUploadedFile("a.png", as_file(noise))}))
    given = {"name": "Noise", "sample": field_of(page, "sample"), "regions": json.dumps([region()])}
    assert len(given["sample"]) > 2_000_000
    answer = client.post(DRAW, urlencode({**given, "step": "look"}), content_type=FORM)
    assert answer.status_code == 200
    answer = client.post(
        DRAW, urlencode({**given, "step": "publish", "reason": "x", "looked": "on"}), content_type=FORM
    )
    assert answer.headers["Location"] == "/policies/what-is-shown/2/"


def test_two_forms_have_two_names(client: Client, cast: Any) -> None:
    client.force_login(cast.steward)
    add(client, cast)
    answer = client.post("/policies/what-is-shown/2/templates/draw/", drawing(step="look"))
    assert (answer.status_code, "Another form template has this name" in text(answer)) == (422, True)


def test_a_template_is_drawn_anew(client: Client, cast: Any) -> None:
    client.force_login(cast.steward)
    first = add(client, cast)
    path = "/policies/what-is-shown/2/templates/0/draw/"
    page = text(client.get(path))
    assert 'value="Library card"' in page
    assert '"label": "Name"' in page
    sent = {"name": "Card", "sample": field_of(page, "sample"), "regions": json.dumps([region(CARD, "Card")])}
    assert "hides less" in text(client.post(path, {**sent, "name": "Library card", "step": "look"}))
    answer = client.post(path, {**sent, "step": "publish", "reason": "x", "looked": "on", "sure": "on"})
    assert answer.headers["Location"] == "/policies/what-is-shown/3/"
    (template,) = published(cast)[2].spec.redaction.templates
    assert (template.name, template.fields[0].name) == ("Card", "Card")
    assert template != first
    assert client.get("/policies/what-is-shown/3/templates/1/draw/").status_code == 404


def test_back_brings_the_drawing(client: Client, cast: Any) -> None:
    client.force_login(cast.steward)
    page = text(client.post(DRAW, drawing(region(label="Who"), step="back")))
    assert "Draw the fields" in page
    assert '"label": "Who"' in page


def test_a_template_is_removed_with_what_rests_on_it(client: Client, cast: Any) -> None:
    client.force_login(cast.steward)
    add(client, cast)
    version = published(cast)[1]
    required = version.spec.redaction.model_copy(update={"template_required": True})
    redaction_publish(based_on=version, redaction=required, reason="Only cards.", by=cast.steward)
    path = "/policies/what-is-shown/3/templates/0/remove/"
    page = text(client.get(path))
    for words in ("Library card (1 field)", "no longer", "Only known forms"):
        assert words in page
    assert client.post(path, {"step": "publish", "reason": "x"}).status_code == 422
    client.post(path, {"step": "publish", "reason": "x", "sure": "on"})
    redaction = published(cast)[3].spec.redaction
    assert (redaction.templates, redaction.template_required) == ((), False)


def test_every_member_sees_what_is_kept_and_nobody_else_does(client: Client, cast: Any) -> None:
    client.force_login(cast.steward)
    template = add(client, cast)
    path = "/policies/what-is-shown/2/templates/0/reference.png"
    client.force_login(cast.auditor)
    page = text(client.get("/policies/what-is-shown/2/"))
    assert path in page
    assert "Draw anew" not in page
    answer = client.get(path)
    assert answer.content == base64.b64decode(template.reference)
    assert answer.headers["Content-Type"] == "image/png"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get("/policies/what-is-shown/2/templates/1/reference.png").status_code == 404
    assert client.get("/policies/what-is-shown/1/templates/0/reference.png").status_code == 404
    for change in ("draw", "remove"):
        assert client.get(f"/policies/what-is-shown/2/templates/0/{change}/").status_code == 403
    client.force_login(cast.outsider)
    for last in ("reference.png", "draw/", "remove/"):
        assert client.get(f"/policies/what-is-shown/2/templates/0/{last}").status_code == 404


def test_a_drawing_on_an_older_version_is_not_published(client: Client, cast: Any) -> None:
    client.force_login(cast.steward)
    add(client, cast)
    answer = client.post(DRAW, drawing(name="Other", step="publish", reason="x", looked="on"))
    assert answer.status_code == 409
    assert "Somebody published another version meanwhile." in text(answer)
    assert client.get(NEW).status_code == 409
    assert len(published(cast)) == 2


OFFICE = Area(left=60, top=20, right=560, bottom=90)
"""Of the sample: its title, which detectors take for something."""


def ink(reference: str, place: Area) -> bool:
    picture = Image.open(io.BytesIO(base64.b64decode(reference))).convert("L")
    return picture.crop((place.left, place.top, place.right, place.bottom)).getextrema()[0] == 0


def on_it(kind: str, place: Area) -> Finding:
    return Finding(kind=kind, place=place, score=900_000, detector="ocr+presidio")


def test_what_detectors_find_outside_of_the_fields_is_masked_before_it_is_kept(
    client: Client, cast: Any, found: list[Finding]
) -> None:
    client.force_login(cast.steward)
    assert ink(add(client, cast, name="Without").reference, OFFICE)
    found += [on_it("PHONE_NUMBER", OFFICE), on_it("PERSON", FIELD)]
    SampleLook.objects.all().delete()
    page = text(client.post(DRAW.replace("/1/", "/2/"), drawing(step="look")))
    assert "Found outside of the fields, and masked" in page
    assert page.count('name="own"') == 1, "what lies in a field is hidden there already"
    assert not ink(add(client, cast, name="With").reference, OFFICE)


def test_the_form_s_own_print_is_kept_with_a_reason_once_it_was_shown(
    client: Client, cast: Any, found: list[Finding]
) -> None:
    found.append(on_it("PHONE_NUMBER", OFFICE))
    client.force_login(cast.steward)
    mark = field_of(text(client.post(DRAW, drawing(step="look"))), "own")
    asked = {"own": mark, "reason": "Cards come now.", "looked": "on"}
    answer = client.post(DRAW, drawing(step="publish", **asked))
    assert answer.status_code == 422, "it asks why"
    asked["own_reason"] = "The library's own telephone."
    shown = text(client.post(DRAW, drawing(step="publish", **asked)))
    assert len(published(cast)) == 1, "what would be kept was not shown yet"
    kept = re.search(r'src="data:image/png;base64,([^"]+)" alt="[^"]*Library card', shown)
    assert field_of(shown, "marked") == mark
    client.post(DRAW, drawing(step="publish", marked=mark, **asked))
    version = published(cast)[1]
    (template,) = version.spec.redaction.templates
    assert ink(template.reference, OFFICE)
    assert kept is None or kept[1] == template.reference
    assert "PHONE_NUMBER" in version.reason
    assert "The library's own telephone." in version.reason


def test_nothing_is_kept_before_detectors_have_looked(
    client: Client, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template_views, "look_ask", looks.look_ask)
    client.force_login(cast.steward)
    sent = drawing(step="publish", reason="Cards come now.", looked="on")
    answer = client.post(DRAW, sent)
    assert "The detectors look at the sample" in text(answer)
    assert 'hx-trigger="load delay:2s"' in text(answer)
    assert len(published(cast)) == 1

    def fail(_: bytes) -> list[Finding]:
        raise Quarantined("still_found", "Personal data was still found.")

    assert looks.look_make(fail)
    answer = client.post(DRAW, sent)
    assert answer.status_code == 422
    assert "Personal data was still found." in text(answer)
    assert len(published(cast)) == 1


def test_the_sample_lies_sealed_and_goes_when_it_was_looked_at(cast: Any) -> None:
    sample = samples.taken(as_file(form("Yamada Hanako")))
    look = looks.look_ask(sample=sample, workspace=cast.workspace)
    assert sample.png[100:160] not in bytes(look.sealed)
    assert looks.look_ask(sample=sample, workspace=cast.workspace) == look
    assert looks.look_ask(sample=sample, workspace=cast.elsewhere) != look
    seen: list[bytes] = []

    def find(png: bytes) -> list[Finding]:
        seen.append(png)
        return []

    assert looks.look_make(find)
    assert seen == [sample.png]
    look.refresh_from_db()
    assert bytes(look.sealed) == b""
    SampleLook.objects.update(until="2020-01-01T00:00:00Z")
    for each in looks.looks_over():
        looks.look_end(look_id=each)
    assert not SampleLook.objects.filter(pk=look.pk).exists()
    assert not looks.look_make(find)


def test_a_sample_that_ends_its_worker_is_tried_twice(cast: Any) -> None:
    look = looks.look_ask(sample=samples.taken(as_file(form())), workspace=cast.workspace)
    for _ in range(looks.MOST_TRIES):
        assert looks._begun() == look.pk
    assert looks._begun() is None
    look.refresh_from_db()
    assert look.failure_code == "not_looked_at"
    assert bytes(look.sealed) == b""
