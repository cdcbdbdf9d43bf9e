"""Detectors look at the sample of a form, and what they find outside of its fields is not kept."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image, ImageDraw

from omnigov.contracts import Area
from omnigov.studio import looks, samples
from omnigov.studio.models import SampleLook
from tests.conftest import Cast
from tests.omnigov.studio.test_samples import FIELD, as_file, fields, form
from tests.workers.redaction.conftest import font
from workers.running.looking import look
from workers.running.process import process

pytestmark = [pytest.mark.long, pytest.mark.services]

LEFT_BEHIND = {
    "My Number": ("個人番号 1234 5678 9018", Area(left=60, top=112, right=640, bottom=162)),
    "address": ("東京都千代田区霞が関一丁目2番3号", Area(left=60, top=470, right=640, bottom=520)),
    "telephone": ("電話 090-1234-5678", Area(left=60, top=600, right=640, bottom=650)),
}


@pytest.fixture(autouse=True)
def stays() -> Iterator[None]:
    yield
    process.leaving.clear()


def scribbled() -> Image.Image:
    """A form with a field, and with what somebody wrote beside it."""
    picture = form("Yamada Hanako")
    draw = ImageDraw.Draw(picture)
    for text, place in LEFT_BEHIND.values():
        draw.text((place.left, place.top + 8), text, fill=0, font=font(28))
    return picture


def ink(reference: str, place: Area) -> int:
    picture = Image.open(io.BytesIO(base64.b64decode(reference))).convert("L")
    return picture.crop((place.left, place.top, place.right, place.bottom)).histogram()[0]


@pytest.mark.timeout(300)
def test_what_stands_outside_of_the_fields_is_found_and_masked(db: None, cast: Cast) -> None:
    people: Any = cast
    sample = samples.taken(as_file(scribbled()))
    asked = looks.look_ask(sample=sample, workspace=people.workspace)
    look()
    asked.refresh_from_db()
    assert (asked.failure_code, bytes(asked.sealed)) == ("", b"")
    drawn = fields(FIELD)
    found = looks.found_outside(SampleLook.objects.get(), drawn)
    before = samples.template(sample, "Card", drawn).reference
    after = samples.template(sample, "Card", drawn, [each.place for each in found]).reference
    for name, (_, place) in LEFT_BEHIND.items():
        assert ink(before, place) > 500
        # The label may stay, and is at the left; nothing of the value does.
        value = place.model_copy(update={"left": place.left + (130 if name != "address" else 0)})
        assert ink(after, value) == 0, name
    title = Area(left=60, top=60, right=500, bottom=100)
    assert ink(after, title) > 500, "the form can be known again"
