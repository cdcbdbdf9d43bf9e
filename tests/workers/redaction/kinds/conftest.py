"""One redactor of texts for the tests of texts and tables."""

from __future__ import annotations

import functools

from omnigov.contracts import RedactionProfile
from workers.redaction.kinds.text import TextRedactor


@functools.cache
def shared() -> TextRedactor:
    return TextRedactor(RedactionProfile())
