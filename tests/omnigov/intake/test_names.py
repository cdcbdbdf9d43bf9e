"""What a file is called: what a person would call it, and nothing that does harm where it is shown."""

from __future__ import annotations

import unicodedata

import pytest

from omnigov.intake.names import NAME_MAX, safe_name
from tests.bad_files import BadFile, bad_files

FILES = list(bad_files())


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../../etc/passwd", "passwd"),
        ("C:\\Users\\someone\\face.png", "face.png"),
        ("a/b\\c.png", "c.png"),
        ("two\nlines\r\n.png", "twolines.png"),
        ("\x1b[31mred\x07.png", "[31mred.png"),
        ("nul\0byte.png", "nulbyte.png"),
        ("\u202egnp.exe", "gnp.exe"),
        ("写真 1.jpg", "写真 1.jpg"),
        ("half \ud83d.png", "half .png"),
        ("", "unnamed"),
        ("   ", "unnamed"),
        ("..", "unnamed"),
        ("dir/", "unnamed"),
    ],
)
def test_a_safe_name_is_what_a_person_would_call_the_file(raw: str, shown: str) -> None:
    assert safe_name(raw) == shown


def test_a_long_name_keeps_its_ending() -> None:
    name = safe_name("a" * 400 + ".jpeg")
    assert len(name) == NAME_MAX
    assert name.endswith("….jpeg")
    assert len(safe_name("あ" * 400)) == NAME_MAX


@pytest.mark.parametrize("file", FILES, ids=lambda file: ascii(file.name)[:40])
def test_every_safe_name_can_be_stored_and_shown(file: BadFile) -> None:
    name = safe_name(file.name)
    assert 0 < len(name) <= NAME_MAX
    name.encode()
    assert not any(unicodedata.category(sign) in ("Cc", "Cf", "Cs") for sign in name)
    assert "/" not in name
    assert "\\" not in name
