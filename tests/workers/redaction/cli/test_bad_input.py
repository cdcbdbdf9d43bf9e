"""`omnigov redact` on what people send by mistake or with intent: redacted or not, and then with a sentence.

The command's own function is called, so that what a person reads is what is looked at. Sockets are off.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from reportlab.pdfgen import canvas
from tqdm import tqdm

from omnigov.contracts import Limits, RedactionProfile
from tests.bad_files import REFUSED_BY_DECODER, bad_files, picture, png_of_one_colour, saved
from tests.workers.redaction.cli.conftest import FACES, NOTHING
from tests.workers.redaction.conftest import SECRET, pdf, sample, tiff
from workers.media.picture import decode
from workers.redaction.cli import command
from workers.redaction.cli.command import main
from workers.redaction.kinds import picture as pictures
from workers.redaction.kinds.text import TextRedactor

pytestmark = [
    pytest.mark.usefixtures("socket_disabled"),
    pytest.mark.filterwarnings("ignore:.*EXIF.*:UserWarning", "ignore:Truncated File Read:UserWarning"),
]


class Told:
    """What the command said and left behind."""

    def __init__(self, code: int, out: Path, report: Path, said: str, complained: str) -> None:
        self.code, self.out, self.said, self.complained = code, out, said, complained
        self.rows: list[dict[str, Any]] = json.loads(report.read_text())["files"] if report.exists() else []

    @property
    def copies(self) -> list[str]:
        return (
            sorted(path.name for path in self.out.rglob("*") if path.is_file()) if self.out.exists() else []
        )


@pytest.fixture
def tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Puts files into a folder and redacts it."""

    def run(files: dict[str, bytes], profile: dict[str, Any] = FACES) -> Told:
        folder, out, report = tmp_path / "in", tmp_path / "out", tmp_path / "report.json"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        (tmp_path / "profile.json").write_text(json.dumps(profile))
        arguments = [str(folder), "--out", str(out), "--report", str(report)]
        code = main([*arguments, "--profile", str(tmp_path / "profile.json")])
        captured = capsys.readouterr()
        return Told(code, out, report, captured.out, captured.err)

    return run


def many_pages(count: int) -> bytes:
    stream = io.BytesIO()
    page = canvas.Canvas(stream, pagesize=(100, 100))
    for _ in range(count):
        page.showPage()
    page.save()
    return stream.getvalue()


REFUSED = {
    "truncated.jpg": (sample("cat.jpg")[:9000], "damaged"),
    "truncated.pdf": (pdf()[:900], "damaged"),
    "wide.png": (png_of_one_colour(30_000, 2), "too_many_pixels"),
    "phone.heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 200, "unsupported"),
    "drawing.svg": (b'<svg xmlns="x"><script>alert(1)</script></svg>', "unsupported"),
    "empty.png": (b"", "empty"),
    "empty.pdf": (b"", "empty"),
    "moving.gif": (
        saved(picture("P"), "GIF", save_all=True, append_images=[picture("P").rotate(9)], duration=80),
        "too_many_frames",
    ),
    "locked.pdf": (pdf(password="a secret"), "encrypted"),
    "book.pdf": (many_pages(10_000), "too_many_pages"),
    "noise.txt": (np.random.default_rng(1).bytes(3000), "not_media"),
    "half.txt": (b"\xff\xfe" + "half \ud83d of a pair".encode("utf-16-le", "surrogatepass"), "not_text"),
}  # fmt: skip


def test_what_can_t_be_taken_is_refused_with_a_sentence_and_leaves_no_copy(tell: Any) -> None:
    told = tell({name: content for name, (content, _) in REFUSED.items()})
    assert told.code == 1
    assert told.copies == []
    rows = {Path(row["file"]).name: row for row in told.rows}
    assert {name: row["code"] for name, row in rows.items()} == {
        name: code for name, (_, code) in REFUSED.items()
    }
    assert all(row["state"] == "refused" and row["sentence"].endswith(".") for row in rows.values())
    assert all(f"{name}: {row['sentence']}" in told.complained for name, row in rows.items())
    assert "Traceback" not in told.complained


def test_of_every_bad_file_of_the_house_there_is_a_copy_or_a_sentence(tell: Any) -> None:
    files = {f"{number:03}-bad": file for number, file in enumerate(bad_files()) if len(file.name) < 60}
    told = tell({name: file.content for name, file in files.items()}, NOTHING)
    rows = {Path(row["file"]).name: row for row in told.rows}
    assert rows.keys() == files.keys()
    for name, file in files.items():
        row = rows[name]
        if row["state"] == "redacted":
            # What is two files at once gives a copy of the picture alone; a TIFF of several pages a PDF.
            copy = Path(row["out"]).read_bytes()
            assert file.kind == "text" or copy.startswith(b"%PDF-") or decode(copy, Limits()).size
        else:
            assert row["state"] == "refused"
            assert row["sentence"].endswith(".")
            assert file.expected == "refused" or file.name in REFUSED_BY_DECODER, file.name
    assert "Traceback" not in told.complained


def test_odd_but_whole_pictures_are_redacted(tell: Any) -> None:
    face = Image.fromarray(decode(sample("astronaut.jpg"), Limits()))
    sixteen = Image.fromarray(np.asarray(face.convert("L")).astype(np.uint16) * 257)
    told = tell(
        {
            "one-pixel.png": saved(picture(width=1, height=1), "PNG"),
            "inks.jpg": saved(face.convert("CMYK"), "JPEG"),
            "sixteen.png": saved(sixteen, "PNG"),
        }
    )
    assert told.code == 0
    kinds = {Path(row["file"]).name: {found["kind"] for found in row["findings"]} for row in told.rows}
    assert kinds == {"one-pixel.png": set(), "inks.jpg": {"FACE"}, "sixteen.png": {"FACE"}}
    assert told.copies == ["inks.jpg", "one-pixel.png", "sixteen.png"]
    for row in told.rows:
        pixels = decode(Path(row["out"]).read_bytes(), Limits())
        for found in row["findings"]:
            box = found["place"]
            inside = pixels[box["top"] : box["bottom"], box["left"] : box["right"]]
            assert np.median(inside) < 10


def test_a_pdf_with_a_script_comes_out_without_it(tell: Any) -> None:
    told = tell({"script.pdf": pdf(script=True), "scan.tiff": tiff(picture(), picture())}, NOTHING)
    assert told.code == 0
    assert told.copies == ["scan.pdf", "script.pdf"]
    copy = (told.out / "script.pdf").read_bytes()
    assert b"JavaScript" in pdf(script=True)
    for trace in (b"JavaScript", b"/JS", b"OpenAction", SECRET.encode()):
        assert trace not in copy


def test_a_name_that_is_no_text_is_told_and_reported(tell: Any, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, content in ((b"caf\xe9.jpg", sample("cat.jpg")), (b"caf\xe9.png", b"")):
        (tmp_path / "in" / Path(str(name, "utf-8", "surrogateescape"))).write_bytes(content)
    told = tell({}, NOTHING)
    assert "1 of 2 redacted" in told.said
    assert "\\udce9.png: " in told.complained
    assert len(told.rows) == 2


def test_half_a_surrogate_pair_ends_nothing() -> None:
    copy, result = TextRedactor(RedactionProfile()).redact("Mail \ud83d anna.field@example.com \udc00 now")
    assert "example.com" not in copy
    assert [finding.kind for finding in result.findings][:1] == ["EMAIL_ADDRESS"]
    copy.encode()


@pytest.mark.long
@pytest.mark.timeout(900)
def test_200_000_characters_on_one_line_are_redacted(tell: Any) -> None:
    filler = "The parts were checked and nothing was wrong. "
    line = filler * 2200 + "Write to anna.field@example.com soon. " + filler * 2200
    assert len(line) > 200_000
    told = tell({"line.txt": line.encode()}, {"languages": ["en"], "entities": ["EMAIL_ADDRESS"]})
    assert told.code == 0
    copy = (told.out / "line.txt").read_text()
    assert copy.count("[EMAIL_ADDRESS_1]") == 1
    assert copy.replace("[EMAIL_ADDRESS_1]", "anna.field@example.com") == line


def test_a_folder_in_place_of_a_file_and_an_out_that_can_t_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, profile = tmp_path / "cat.jpg", tmp_path / "profile.json"
    source.write_bytes(sample("cat.jpg"))
    profile.write_text(json.dumps(NOTHING))
    folder = tmp_path / "a folder.jpg"
    folder.mkdir()
    use = ["--profile", str(profile)]
    assert main([str(folder), "--out", str(tmp_path / "out.jpg"), *use]) == 1
    assert "There is no file in" in capsys.readouterr().err
    assert main([str(source), "--out", "/proc/nowhere/copy.jpg", *use]) == 1
    assert "can't be read or written" in capsys.readouterr().err
    assert main([str(source), "--out", str(tmp_path / "out.jpg"), "--report", "/proc/r.json", *use]) == 1
    assert "The report can't be written" in capsys.readouterr().err


def test_when_a_detector_fails_on_one_file_that_one_alone_has_no_copy(
    tell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workers.redaction.detectors.centerface import CenterFace

    find = CenterFace.find

    def fails_on_small(self: CenterFace, picture: Any) -> Any:
        if picture.width < 100:
            raise RuntimeError("the name Eleanor Whitfield stood here")
        return find(self, picture)

    monkeypatch.setattr(CenterFace, "find", fails_on_small)
    small = {"small.png": saved(picture(), "PNG"), "small.tiff": tiff(picture(), picture())}
    told = tell({"cat.jpg": sample("cat.jpg"), **small})
    assert told.code == 1
    assert told.copies == ["cat.jpg"]
    states = {Path(row["file"]).name: row["state"] for row in told.rows}
    assert states == {"cat.jpg": "redacted", "small.png": "quarantined", "small.tiff": "quarantined"}
    assert "Whitfield" not in told.complained + json.dumps(told.rows)


def test_what_does_not_fit_into_memory_is_told(tell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pictures, "redact", none_left)
    told = tell({"cat.jpg": sample("cat.jpg")}, NOTHING)
    assert (told.code, told.copies) == (1, [])
    assert "does not fit into memory" in told.complained


def test_the_bar_shows_how_much_of_a_document_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[float] = []

    class Watched(tqdm):  # type: ignore[misc] # it has no types
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named | {"disable": False, "file": io.StringIO()})

        def update(self, n: float = 1) -> bool | None:
            done: bool | None = super().update(n)
            if self.unit == "%":
                seen.append(self.n)
            return done

    monkeypatch.setattr(command, "tqdm", Watched)
    source, profile = tmp_path / "four.pdf", tmp_path / "profile.json"
    source.write_bytes(many_pages(4))
    profile.write_text(json.dumps(NOTHING))
    assert main([str(source), "--out", str(tmp_path / "copy.pdf"), "--profile", str(profile)]) == 0
    assert seen == sorted(seen)
    assert {12, 37, 62, 87, 100} <= set(seen)
    assert seen[-1] == 100
