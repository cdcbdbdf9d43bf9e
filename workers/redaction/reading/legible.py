"""What of the boxes that OCR found is writing at all, and what of it was read badly.

Stripes, fabric, brick, leaves and icons are taken for text too, mostly for one sign or two that are half read
and about as high as they are long. Words are longer, and what is as large as a poster is read well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from workers.redaction.core.picture import Legibility, Picture
from workers.redaction.reading.ocr import Line, Part

CLEARLY = 0.7  # how sure a reading is, from which its letters and their places are trusted
QUITE = 0.9  # … and of letters so large that a texture is the likelier
LARGE = ((0.2, 4.0), (0.12, 2.5))  # of the picture's shorter side: letters of this height are rare, and held
# for text only if they are quite clear or their box is so many letter heights long
WORD = 2.0  # letter heights from which a box may hold a word
BADLY = 0.8  # of a line: with less it was read badly,
DOUBT = 0.5  # or with one word in so much doubt, or in letters that OCR takes for others
WORD_OF = 4  # letters of a word from which it is no chance that strange letters were read as one
ONE_SIGN = (
    1.6  # letter heights of a strange part, which is a height wider than what is strange in it: one sign
)
LETTER_WIDE = 0.6  # letter heights of a line's box that a letter of a word is wide on average, at most
TOUCHED = 0.3  # of a sign lies in a part from which it is one of the part's
BLANK = 0.06  # of the picture's shorter side: of letters of this height something is always read


def is_text(line: Line, picture: Picture) -> bool:
    """False for fruit, eyes, flags and fabric, which OCR takes for one or two huge signs."""
    if line.score >= QUITE:
        return True
    shorter = min(picture.width, picture.height)
    if not line.text.strip() and not line.strange and line.thickness > BLANK * shorter:
        return False
    return all(
        line.thickness <= share * shorter or line.length >= heights * line.thickness
        for share, heights in LARGE
    )


def is_word(line: Line) -> bool:
    """Whether a box that was not read is long enough for a word; icons are as high as they are long."""
    return line.length >= WORD * line.thickness


_RUN = re.compile(r"\S+")
_PUNCTUATION = ".,:;!?()[]\"'…>"
_LETTERS = re.compile(r"[A-Za-z]+")


def strange(line: Line, is_known: Callable[[str], bool]) -> tuple[Part, ...]:
    """The parts in letters that OCR takes for others, without those that it read as words of the dictionary.

    Strange letters read as Latin ones make no word; an icon beside a word, or small print, does look strange.
    Nor does one sign at the end of a line that was read make a name.
    """
    if line.score < QUITE:
        return line.strange
    return tuple(part for part in line.strange if not _is_of_words(line, part, is_known))


def _is_of_words(line: Line, part: Part, is_known: Callable[[str], bool]) -> bool:
    if _is_icon(line, part):
        return True
    if any(begin < part[1] and end > part[0] for begin, end in line.gaps):
        return False  # something stands there that was not read
    touched = [run for run in _RUN.finditer(line.text) if _lies_in(line, run.start(), run.end(), part)]
    if any(_is_wide(line, run.start(), run.end()) for run in touched):
        return False
    runs = [run.group().strip(_PUNCTUATION) for run in touched]
    return any(len(run) >= WORD_OF for run in runs) and all(
        _LETTERS.fullmatch(run) and is_known(run) for run in runs
    )


def _is_icon(line: Line, part: Part) -> bool:
    """Whether it is no longer than a sign, at an end of the line, and was read as two signs at most."""
    at_end = part[0] <= 0 or part[1] >= 1
    if not at_end or (part[1] - part[0]) * line.length >= ONE_SIGN * line.thickness:
        return False
    touched = [place for place in range(len(line.text)) if _lies_in(line, place, place + 1, part)]
    return len("".join(line.text[place] for place in touched).strip()) <= 2


def _is_wide(line: Line, first: int, last: int) -> bool:
    """Whether the signs are further apart than letters are: what stands between them was not read."""
    wide = float(line.edges[last] - line.edges[first]) * line.length
    return wide > (last - first) * LETTER_WIDE * line.thickness


def _lies_in(line: Line, first: int, last: int, part: Part) -> bool:
    for place in range(first, last):
        begin, end = float(line.edges[place]), float(line.edges[place + 1])
        if min(end, part[1]) - max(begin, part[0]) > TOUCHED * (end - begin):
            return True
    return False


def is_bad(line: Line) -> bool:
    return line.score < BADLY or line.doubt > DOUBT or bool(line.strange)


def count(lines: Sequence[Line], into: Legibility) -> None:
    """Counts the lines that are words, and those of them that were read badly."""
    written = [line for line in lines if line.score >= CLEARLY or is_word(line)]
    into.lines += len(written)
    into.badly_read += sum(map(is_bad, written))
