"""Documents and texts as they come in the wild and worse: see `tests.bad_files`, which hands them on."""

from __future__ import annotations

import io

from PIL import Image

CSV_ROW = b"1041,Eleanor Whitfield,03-4711-0815\n"


def pdf(*objects: bytes, pages: str = "/Count 1/Kids[3 0 R]", catalogue: str = "") -> bytes:
    """A PDF of these objects, the first of which is number 3: 1 and 2 are the catalogue and its pages."""
    bodies = [
        f"<</Type/Catalog/Pages 2 0 R{catalogue}>>".encode(),
        f"<</Type/Pages{pages}>>".encode(),
        *objects,
    ]
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, table)
    return bytes(out)


def stream(content: bytes, entries: str = "") -> bytes:
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (entries.encode(), len(content), content)


WORDS = stream(b"BT /F 14 Tf 30 60 Td (the goods were sent) Tj ET")
FONT = "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>/Contents 4 0 R"


def page(more: str = "", *, box: str = "0 0 200 150") -> bytes:
    return f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]{FONT}{more}>>".encode()


def tiff(*pages: Image.Image) -> bytes:
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    return out.getvalue()


REFUSED_DOCUMENTS = {
    "10000-pages.pdf": pdf(page(), WORDS, pages=f"/Count 10000/Kids[{'3 0 R ' * 10_000}]"),
    "no-page.pdf": pdf(pages="/Count 0/Kids[]"),
    "cut.pdf": pdf(page(), WORDS)[:200],
}

WHOLE_DOCUMENTS = {
    "no-size.pdf": pdf(page(box="0 0 0 0"), WORDS),  # is taken to be a letter
    "turned.pdf": pdf(page("/Rotate 90"), WORDS),
    "cropped.pdf": pdf(page("/CropBox[20 20 160 120]"), WORDS),
    "scripted.pdf": pdf(page(), WORDS, catalogue="/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"),
    "attached.pdf": pdf(
        page(),
        WORDS,
        stream(b"hidden", "/Type/EmbeddedFile"),
        catalogue="/Names<</EmbeddedFiles<</Names[(a.txt)<</Type/Filespec/F(a.txt)/EF<</F 5 0 R>>>>]>>>>",
    ),
    "annotated.pdf": pdf(
        page("/Annots[<</Type/Annot/Subtype/Text/Rect[9 9 30 30]/Contents(a note)>>]"), WORDS
    ),
    "form.pdf": pdf(
        page("/Annots[5 0 R]"),
        WORDS,
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(paid)/Rect[20 90 180 110]/DA(/Helv 12 Tf 0 g)>>",
        catalogue="/AcroForm<</Fields[5 0 R]/NeedAppearances true/DR<</Font<</Helv<</Type/Font/Subtype/Type1"
        "/BaseFont/Helvetica>>>>>>>>",
    ),
    "layers.pdf": pdf(
        page("/Properties<</L 5 0 R>>"),
        WORDS,
        b"<</Type/OCG/Name(layer)>>",
        catalogue="/OCProperties<</OCGs[5 0 R]/D<</OFF[5 0 R]>>>>",
    ),
    "page-of-each-kind.tiff": tiff(
        Image.new("1", (60, 40), 1),
        Image.new("L", (50, 70), 200),
        Image.new("CMYK", (40, 40)),
        Image.new("I;16", (30, 30), 40_000),
    ),
}

REFUSED_TEXTS = {
    "a-million-rows.csv": b"id,name,phone\n" + CSV_ROW * 1_000_000,
    "half-a-pair.txt": b"\xff\xfe" + "half \ud83d of a pair".encode("utf-16-le", "surrogatepass"),
    "two-encodings.txt": "担当は山田です。\n".encode() + "担当は山田です。\n".encode("utf-16-le"),
}

WHOLE_TEXTS = {
    "right-to-left.txt": "\u202eاجتماع يوم الأحد\u202c and the goods were sent\n".encode(),
    "marks.txt": "\u200f\u200e\u2066the goods\u2069 were\u00ad sent\ufe0f\n".encode(),
    "escaped-half-pair.json": b'{"note": "half \\ud83d of a pair"}',
    "only-lines.txt": b"\r\n" * 3000,
    "one-sign.txt": b"x",
}
