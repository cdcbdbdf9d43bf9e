"""Escapes are seen through, and each character knows where it is written."""

from __future__ import annotations

import base64
import quopri
from email.header import Header, decode_header, make_header
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.redaction.core.escapes import seen_through
from workers.redaction.core.views import View


def meant(text: str) -> str:
    return seen_through(View.of(text)).view.text


@pytest.mark.parametrize(
    ("written", "means"),
    [
        (r"\u5c71\u7530", "山田"),
        (r"Ren\u00e9 \\u00e9 \u{e9} \ud83d\ude00", "René é é 😀"),
        ("Ren%C3%A9%20Lef%c3%a8vre", "René Lefèvre"),
        ("%8ER%93c%91%BE%98Y", "山田太郎"),
        ("%u5c71%u7530", "山田"),
        (r"\xe5\xb1\xb1\xe7\x94\xb0", "山田"),
        ("?name=Olivia+Brandt&phone=%2B447700", "?name=Olivia Brandt&phone=+447700"),
        ("&#23665;&#x7530; Lef&egrave;vre&nbsp;x", "山田 Lefèvre\u00a0x"),
        ("=?UTF-8?B?5bGx55Sw?=", "山田"),
        ("=?ISO-2022-JP?B?GyRCOzNFRBsoQg==?=", "山田"),
        ("=?utf-8?q?Ren=C3=A9_L?= =?utf-8?q?ef=C3=A8vre?=", "René Lefèvre"),
        ("Ren=C3=A9", "René"),
        ("Content-Transfer-Encoding: quoted-printable\n\nKathe=\nrine=20B", None),
        (base64.b64encode("山田太郎さんに電話".encode()).decode(), "山田太郎さんに電話"),
        (base64.b64encode("担当は山田太郎です".encode("cp932")).decode(), "担当は山田太郎です"),
        (base64.b64encode("Tom Baxter".encode("utf-16-le")).decode(), "Tom Baxter"),
        ("%25E5%25B1%25B1", "山"),  # twice
        ("Subject: =?UTF-8?B?■■■■■■■■?=", "Subject: "),
        ("J%FCrgen M=FCller", "Jürgen Müller"),
        ("a" * 60 + "\nVG9tIEJheHRlcg==\n", "a" * 60 + "\nTom Baxter\n"),
        (base64.b64encode(b"hello, this is Tom Baxter with his friends").decode() + "\nx-user", None),
        ("Ka\u00adthe\u200brine\u2060 Bloo\ufe0fms\u200dbury", "Katherine Bloomsbury"),
        ("葛\U000e0100城", "葛城"),
        ("Tom\u200bBaxter", "Tom Baxter"),
    ],
)
def test_what_is_written_means(written: str, means: str | None) -> None:
    assert "Katherine B" in meant(written) or "Tom Baxter" in meant(written) or meant(written) == means
    if means is not None:
        assert meant(written) == means


@pytest.mark.parametrize(
    "text",
    [
        "50% of all",
        "C:\\users\\new",
        "a=b+c",
        "x & y; AT&T",
        "notification",
        "ADMINISTRATOR",
        "a" * 64,
        "5%2",
    ],
)
def test_what_is_no_escape_stays(text: str) -> None:
    assert meant(text).replace(" ", "+") == text.replace(" ", "+")


@given(st.text(alphabet="ab é山😀&%=+\\?u0\u200b", max_size=30))
def test_every_character_comes_from_what_is_written(text: str) -> None:
    for written in (text, quote(text), quote_plus(text), base64.b64encode(text.encode()).decode()):
        view = seen_through(View.of(written)).view
        assert len(view.first) == len(view.last) == len(view.text)
        assert all(0 <= one < other <= len(written) for one, other in zip(view.first, view.last, strict=True))
        assert list(view.first) == sorted(view.first)


@given(st.text(alphabet="abc Éé山田太郎", min_size=4, max_size=20))
def test_what_mails_write_is_read_as_python_reads_it(text: str) -> None:
    written = Header(text, "utf-8").encode()
    if "=?" in written and len(written) < 70:
        assert meant(written).strip() == str(make_header(decode_header(written))).strip()
    written = quopri.encodestring(text.encode()).decode()
    declared = "Content-Transfer-Encoding: quoted-printable\n\n"
    assert meant(declared + written)[len(declared) :] == quopri.decodestring(written).decode()


def test_a_picture_in_base64_is_named_as_unreadable() -> None:
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n\xff\xfe" * 8).decode()
    text = f"<img src='data:image/png;base64,{picture}'> and more"
    ((start, end),) = seen_through(View.of(text)).unreadable
    assert text[start:end] == picture
