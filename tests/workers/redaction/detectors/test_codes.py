"""QR codes and barcodes: gone from the copy, however they lie in the picture."""

from __future__ import annotations

import io

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from omnigov.contracts import Limits, RedactionProfile
from tests.workers.redaction.conftest import WITHOUT_PEOPLE, sample
from workers.media.picture import decode
from workers.redaction.kinds.picture import redact

CODES_ONLY = RedactionProfile(faces=False, text=False, seals=False, screens=False)
KINDS = ("QRCode", "DataMatrix", "Aztec", "PDF417", "Code128", "EAN13", "Code39")
LONG = ("PDF417", "Code128", "Code39")


def drawn(kind: str) -> Image.Image:
    made = zxingcpp.create_barcode(
        "4901234567894" if kind == "EAN13" else "YAMADA TARO 0901234", zxingcpp.barcode_format_from_str(kind)
    )
    return Image.fromarray(np.array(zxingcpp.write_barcode_to_image(made, scale=2 if kind in LONG else 4)))


def on_a_label(code: Image.Image, angle: float) -> tuple[bytes, Image.Image]:
    """The code on a white label on a photograph, turned; and where its ink is."""
    page = Image.fromarray(decode(sample("home.jpg"), Limits())).resize((900, 800))
    label = Image.new("L", (code.width + 40, code.height + 40), 255)
    label.paste(code.convert("L"), (20, 20))
    where = label.point(lambda value: 255 if value < 128 else 0)
    turned = label.rotate(angle, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
    ink = where.rotate(angle, expand=True, fillcolor=0, resample=Image.Resampling.NEAREST)
    place = ((900 - turned.width) // 2, (800 - turned.height) // 2)
    page.paste(turned.convert("RGB"), place)
    mask = Image.new("L", page.size, 0)
    mask.paste(ink, place)
    stream = io.BytesIO()
    page.save(stream, "PNG")
    return stream.getvalue(), mask


@pytest.mark.parametrize("angle", [0, 90, 17, 48])
@pytest.mark.parametrize("kind", KINDS)
def test_a_code_is_hidden_whole_and_cannot_be_read_any_more(kind: str, angle: float) -> None:
    original, ink = on_a_label(drawn(kind), angle)
    copy, result = redact(original, CODES_ONLY, Limits())
    seen = decode(copy, Limits())
    assert zxingcpp.read_barcodes(seen) == []
    assert (seen[np.array(ink) > 0].max(axis=1) < 24).mean() > 0.99
    assert {finding.kind for finding in result.findings} == {"CODE"}


def test_a_damaged_qr_code_is_hidden_by_the_second_look() -> None:
    code = np.array(drawn("QRCode").resize((300, 300), Image.Resampling.NEAREST).convert("L"))
    code[110:190, 110:190] = 255  # more than its correction can bring back
    code[200:260, 120:180] = 0
    original, _ = on_a_label(Image.fromarray(code), 0)
    assert zxingcpp.read_barcodes(Image.open(io.BytesIO(original))) == []
    _, result = redact(original, CODES_ONLY, Limits())
    assert [(finding.kind, finding.look) for finding in result.findings] == [("CODE", "second")]


@pytest.mark.parametrize("name", WITHOUT_PEOPLE)
def test_pictures_without_codes_and_seals_stay_as_they_are(name: str) -> None:
    profile = RedactionProfile(faces=False, text=False)
    assert redact(sample(f"{name}.jpg"), profile, Limits())[1].findings == ()
