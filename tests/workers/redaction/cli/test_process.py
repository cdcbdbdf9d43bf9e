"""`omnigov redact` as a process of its own: killed in the middle, without a network, in bounded memory."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageCms
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from omnigov.contracts import Limits
from tests.workers.redaction.cli.conftest import FACES, NOTHING
from tests.workers.redaction.conftest import SECRET, pdf, sample
from workers import offline
from workers.media.picture import decode
from workers.redaction.cli.command import main

PLACE = "Quayside 12"
# What a file says of its own form, by exiftool's groups.
OF_THE_FORM = {"SourceFile", "ExifTool", "System", "File", "Composite", "JFIF", "PNG", "PDF"}
FACTS = {
    "PNG": {"ImageWidth", "ImageHeight", "BitDepth", "ColorType", "Compression", "Filter", "Interlace"},
    "JFIF": {"JFIFVersion", "ResolutionUnit", "XResolution", "YResolution"},
    "PDF": {"PDFVersion", "Linearized", "PageCount"},
}

needs_exiftool = pytest.mark.skipif(not shutil.which("exiftool"), reason="Debian's exiftool is not there")


def command(source: Path, out: Path, profile: dict[str, Any], *before: str) -> list[str]:
    file = out.parent / "profile.json"
    file.write_text(json.dumps(profile))
    words = ["-m", "workers", "redact", str(source), "--out", str(out), "--profile", str(file)]
    return [*before, sys.executable, *words]


def pages(count: int) -> bytes:
    """A PDF with a photograph and a line of text on every page."""
    stream = io.BytesIO()
    sheet = canvas.Canvas(stream, pagesize=(595, 842))
    shown = ImageReader(io.BytesIO(sample("home.jpg")))
    for number in range(count):
        sheet.drawString(60, 780, f"Page {number + 1}")
        sheet.drawImage(shown, 60, 200, 400, 400)
        sheet.showPage()
    sheet.save()
    return stream.getvalue()


@pytest.mark.long
def test_killed_in_the_middle_it_leaves_nothing_under_the_copy_s_name(tmp_path: Path) -> None:
    source, out = tmp_path / "long.pdf", tmp_path / "out" / "copy.pdf"
    out.parent.mkdir()
    source.write_bytes(pages(300))
    process = subprocess.Popen(command(source, out, NOTHING), stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 120
        while not any(part.stat().st_size > 100_000 for part in out.parent.glob(".*.part")):
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < until
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == -signal.SIGKILL
    assert not out.exists()
    # The next call is not disturbed by what the killed one left.
    source.write_bytes(pages(2))
    assert subprocess.run(command(source, out, NOTHING), check=False, capture_output=True).returncode == 0
    document = pypdfium2.PdfDocument(out)
    assert len(document) == 2
    document.close()


def peak_mib(source: Path, out: Path) -> float:
    process = subprocess.Popen(command(source, out, NOTHING), stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_maxrss / 1024


@pytest.mark.long
def test_sixty_pages_take_no_more_memory_than_ten(tmp_path: Path) -> None:
    peaks = []
    for count in (10, 60):
        source = tmp_path / f"{count}.pdf"
        source.write_bytes(pages(count))
        peaks.append(peak_mib(source, tmp_path / f"copy-{count}.pdf"))
    # A drawn page is 11 MiB: fifty of them kept would be 550.
    assert peaks[1] - peaks[0] < 60, peaks


def attempts(said: str) -> int:
    """How often something was to be sent and had no way to go, by the kernel's counters (`/proc/net/snmp`).

    They count what libraries in C and C++ try as well, of which Python hears nothing.
    """
    names, values = (line.split() for line in said.splitlines() if line.startswith("Ip:"))
    return int(values[names.index("OutNoRoutes")])


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.skipif(
    not shutil.which("unshare")
    or subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode != 0,
    reason="no network namespace may be made here",
)
def test_everything_is_redacted_where_there_is_no_network(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    shutil.copy(Path("samples") / "form.png", folder / "form.png")
    (folder / "mail.txt").write_text("Write to anna.field@example.com or see http://intra.example.jp/anna")
    alone = command(folder, out, {}, "unshare", "-rn", "sh", "-c", '"$@" && cat /proc/net/snmp', "sh")
    home = tmp_path / "home"
    home.mkdir()
    # In a build's environment some libraries keep quiet that do not elsewhere.
    environment = {name: value for name, value in os.environ.items() if name not in {"CI", *offline.SILENT}}
    done = subprocess.run(
        alone, check=False, capture_output=True, text=True, env=environment | {"HOME": str(home)}
    )
    assert done.returncode == 0, done.stderr
    assert attempts(done.stdout) == 0, "something tried to reach the network"
    assert [path for path in home.rglob("*") if path.is_file()] == []
    assert "Traceback" not in done.stderr
    assert "example.com" not in (out / "mail.txt").read_text()
    assert decode((out / "form.png").read_bytes(), Limits()).shape[2] == 3


# --- metadata ------------------------------------------------------------------------------------------


def laden(folder: Path) -> None:
    """A JPEG, a PNG and a PDF with all the metadata that exiftool can write into each."""
    upright = Image.fromarray(decode(sample("cat.jpg"), Limits()))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    upright.save(folder / "cat.jpg", quality=90, icc_profile=profile)
    upright.save(folder / "cat.png", icc_profile=profile)
    (folder / "cat.pdf").write_bytes(pdf())
    thumbnail = folder / "thumbnail"
    upright.resize((64, 48)).save(thumbnail, "JPEG")
    exif = [
        f"-EXIF:Artist={SECRET}",
        f"-EXIF:ImageDescription={PLACE}",
        "-GPSLatitude=35.6",
        "-GPSLatitudeRef=N",
    ]
    xmp = [f"-XMP-dc:Creator={SECRET}", f"-XMP-photoshop:City={PLACE}"]
    iptc = [f"-IPTC:By-line={SECRET}", f"-IPTC:City={PLACE}", f"-Comment={SECRET}"]
    for name, words in {
        "cat.jpg": [*exif, *xmp, *iptc, f"-ThumbnailImage<={thumbnail}"],
        "cat.png": [*exif, *xmp],
        "cat.pdf": [*xmp, f"-PDF:Subject={PLACE}"],
    }.items():
        subprocess.run(
            ["exiftool", "-overwrite_original", "-q", *words, str(folder / name)],
            check=True,
            capture_output=True,
        )
    thumbnail.unlink()


def said_of(file: Path) -> dict[str, Any]:
    done = subprocess.run(["exiftool", "-json", "-G1", "-a", str(file)], check=True, capture_output=True)
    told: dict[str, Any] = json.loads(done.stdout)[0]
    return told


@needs_exiftool
def test_of_no_kind_of_copy_does_exiftool_find_metadata(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    laden(folder)
    groups = {name.split(":")[0] for file in folder.iterdir() for name in said_of(file)}
    assert {"IFD0", "IFD1", "GPS", "IPTC", "XMP-dc", "ICC-header"} <= groups
    profile = tmp_path / "profile.json"
    profile.write_text(json.dumps(FACES))
    assert main([str(folder), "--out", str(out), "--profile", str(profile)]) == 0
    assert sorted(file.name for file in out.iterdir()) == ["cat.jpg", "cat.pdf", "cat.png"]
    for file in out.iterdir():
        for name in said_of(file):
            group, _, tag = name.partition(":")
            assert group in OF_THE_FORM, (file.name, name)
            assert group not in FACTS or tag in FACTS[group], (file.name, name)
        content = file.read_bytes()
        for trace in (
            SECRET.encode(),
            PLACE.encode(),
            b"ICC_PROFILE",
            b"iCCP",
            b"Exif",
            b"http://ns.adobe.com",
        ):
            assert trace not in content, (file.name, trace)
