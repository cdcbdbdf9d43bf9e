"""Texts made to be slow are laid out in seconds: nothing here may take the square of their length."""

from __future__ import annotations

import time

import pytest

from omnigov.contracts import TextFormat
from workers.media.text_format import told
from workers.redaction.kinds.structured.layout import Layout

SIZE = 100_000
SECONDS = 10  # on a busy machine; what was quadratic took minutes


@pytest.mark.parametrize(
    "part",
    [
        " ",
        "\n",
        "[",
        '{"a":',
        '"a',
        "a=",
        "a=b+",
        "\\",
        "\\u00",
        "&",
        "=?UTF-8?B?",
        "%E5",
        "A",
        "QUJD" * 15 + "\n",
        "<a ",
        '<a name="',
        'name="',
        '{"name":"',
        "'",
        "|a",
        "|a|b|\n",
        "---|---\n",
        '"a,b\n',
        "Name,Phone\nRose,0\n\n",
        "INSERT INTO a VALUES (",
        "CREATE TABLE x (",
        "UPDATE a SET x=1 WHERE y=2\n",
        "COPY t FROM stdin;\nab\n",
        "?a=b",
        "a: b\n",
        "\u200b",
    ],
)
def test_what_is_repeated_without_end_is_laid_out_in_seconds(part: str) -> None:
    text = part * (SIZE // len(part))
    began = time.monotonic()
    for format_ in {told(text), TextFormat.PLAIN}:
        layout = Layout(text, format_, frozenset({"PERSON", "PHONE_NUMBER"}))
        layout.places(layout.hidden(list(layout.by_pairs)))
    assert time.monotonic() - began < SECONDS
