"""Lines of text to learn from, drawn with fonts: letters that OCR reads, and those of other writing systems.

Nothing is taken from a corpus. What is known are words of our own manuals, numbers, codes and letters at
random, in many fonts; what is strange are letters at random of every other writing system that a font has,
since a network that has seen words would learn words. The lines are then made as bad as scans and photographs
are.
"""

from __future__ import annotations

import random
import re
import string
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from fontTools.ttLib import TTFont, TTLibError
from PIL import Image, ImageDraw, ImageFont

from workers.redaction.reading.writing.network import HIGH, STRIDE, Floats, Grey, entered

SIZE = 40  # pixels of the letters as they are drawn, before they are made smaller
WIDTH = 320  # pixels of a sample, at the height that the network takes
SCANS = 3
LETTERS_MIN = 12  # of a writing system that a font must have
SIGNS = "!\"#%&'()*+,-./:;<=>?@[]_{}~‐–—…·•°±×÷§€£¥$©®™№℃→←↑↓■□●○◆☑✓※＊々〆〒「」『』（）、。・：ー～／％"
GREEK_IN_LATIN = "μΩαβπΔΣλφ"  # as units and symbols: known where they stand alone
KANJI = range(0x4E00, 0x9FA0)
KANA = (range(0x3041, 0x3094), range(0x30A1, 0x30FB))
# The letters of everyday text, where a writing system has many more that would make it too easy to tell.
EVERYDAY = {
    "CYRILLIC": range(0x0410, 0x0450),
    "GREEK": range(0x0391, 0x03CA),
    "ARABIC": range(0x0621, 0x064B),
    "HEBREW": range(0x05D0, 0x05EB),
    "GEORGIAN": range(0x10D0, 0x10F1),
    "HANGUL": range(0xAC00, 0xD7A4),
}
# By the first word of its characters' names in Unicode ("TAI", "NEW" and "OL" begin names of two words), and
# how often it is drawn: what most people write in more often than what few do.
_OFTEN = """ARABIC ARMENIAN BENGALI CYRILLIC DEVANAGARI ETHIOPIC GEORGIAN GREEK GUJARATI GURMUKHI HANGUL
    HEBREW KANNADA KHMER LAO MALAYALAM MYANMAR SINHALA TAMIL TELUGU THAI TIBETAN"""
_SELDOM = """ADLAM BALINESE BATAK BUGINESE CANADIAN CHAM CHEROKEE COPTIC DESERET GLAGOLITIC JAVANESE KAYAH
    LEPCHA LIMBU LISU MANDAIC MEETEI MONGOLIAN NEW NKO OL ORIYA OSAGE REJANG SAURASHTRA SUNDANESE SYRIAC TAI
    THAANA TIFINAGH VAI YI"""
STRANGE = dict.fromkeys(_SELDOM.split(), 1) | dict.fromkeys(_OFTEN.split(), 4)
_FIRST = re.compile(r"\w+")


class Sample(NamedTuple):
    line: Floats  # [HIGH, WIDTH], as the network takes it
    strange: Floats  # [WIDTH / STRIDE], 0 or 1
    counts: Floats  # [WIDTH / STRIDE], 0 where there is no letter, or two kinds of letters meet


@dataclass(frozen=True)
class Face:
    """A font, and the letters that it has of each writing system, marks that sit on letters apart."""

    path: str
    signs: frozenset[str]
    letters: dict[str, list[str]] = field(hash=False)
    marks: dict[str, list[str]] = field(hash=False)


def faces(fonts: list[Path]) -> Iterator[Face]:
    """What the fonts have. A file that is no font, or one of pictures, is passed over."""
    for path in sorted(fonts):
        try:
            with TTFont(path, lazy=True, fontNumber=0) as font:
                points = [chr(point) for point in font.getBestCmap() or ()]
        except (TTLibError, AssertionError):
            continue
        letters: dict[str, list[str]] = {}
        marks: dict[str, list[str]] = {}
        for sign in points:
            kind = unicodedata.category(sign)
            if (system := _system(sign)) and kind[0] in "LNM":
                (marks if kind[0] == "M" else letters).setdefault(system, []).append(sign)
        strange = {name: some for name, some in letters.items() if _are_drawn(path, some)}
        yield Face(str(path), frozenset(points), strange, marks)


def _are_drawn(path: Path, letters: list[str]) -> bool:
    """Whether there are enough letters of a writing system, and not one empty or equal box for all."""
    if len(letters) < LETTERS_MIN:
        return False
    shapes = {bytes(_font(str(path), 20).getmask(sign)) for sign in letters[:LETTERS_MIN]}
    return len(shapes) > LETTERS_MIN / 2


def _system(sign: str) -> str | None:
    """The writing system that a sign belongs to, if it is a strange one."""
    name = unicodedata.name(sign, "")
    first = _FIRST.match(name)
    return first[0] if first and first[0] in STRANGE and sign not in GREEK_IN_LATIN else None


class Painter:
    """Draws samples from the fonts and the words that it is given; the same seed, the same samples."""

    def __init__(self, fonts: list[Face], words: list[str], seed: int) -> None:
        self._dice = random.Random(seed)
        self._noise = np.random.default_rng(seed)
        self._words = [word for word in words if word.isascii()]
        self._japanese = "".join(word for word in words if not word.isascii())
        self._latin = [face for face in fonts if set(string.ascii_letters) <= face.signs]
        kana = {chr(point) for point in KANA[0]}
        self._kanji = {id(face): _kanji_of(face) for face in fonts if kana <= face.signs}
        self._east = [face for face in fonts if id(face) in self._kanji and len(self._kanji[id(face)]) > 500]
        systems = sorted({name for face in fonts for name in face.letters})
        self._of_system = {name: [face for face in fonts if name in face.letters] for name in systems}
        self._systems, self._often = systems, [STRANGE[name] for name in systems]

    @property
    def systems(self) -> list[str]:
        return self._systems

    def samples(self, strange: bool | None = None, system: str | None = None) -> list[Sample]:
        """One line, scanned `SCANS` times; `strange` says whether there are strange letters in it."""
        dice = self._dice
        parts: list[tuple[str, Face, bool]] = []
        has = dice.random() < 0.45 if strange is None else strange
        if not has or dice.random() < 0.6:
            parts += self._known()
        if has:
            place = dice.randint(0, len(parts))
            parts[place:place] = self._strange(system or dice.choices(self._systems, self._often)[0])
        drawn = self._drawn(parts)
        if drawn is None:
            return self.samples(strange, system)
        # To draw takes the longest, so each line is scanned more than once.
        line, is_strange, counts = drawn
        return [self._cut(*self._worn(line, is_strange, counts.copy())) for _ in range(SCANS)]

    # --- what is written -------------------------------------------------------------------------------

    def _known(self) -> list[tuple[str, Face, bool]]:
        dice = self._dice
        if dice.random() < 0.4:
            face = dice.choice(self._east)
            return [(self._in_japanese(face), face, False)]
        face = dice.choice(self._latin)
        words = " ".join(self._in_latin() for _ in range(dice.randint(1, 5)))
        return [("".join(sign for sign in words if sign in face.signs), face, False)]

    def _in_latin(self) -> str:
        dice = self._dice
        way = dice.random()
        if way < 0.6:
            word = dice.choice(self._words)
        elif way < 0.75:
            return "".join(dice.choices(string.digits + "-/.,: ", k=dice.randint(1, 10))).strip() or "0"
        elif way < 0.82:
            return "".join(dice.choices(string.ascii_uppercase + string.digits + "-", k=dice.randint(3, 12)))
        elif way < 0.88:
            word = "".join(dice.choices(string.ascii_lowercase, k=dice.randint(1, 10)))
        elif way < 0.94:
            word = "".join(_accented(sign, dice) for sign in dice.choice(self._words))
        elif way < 0.98:
            return "".join(dice.choices(SIGNS, k=dice.randint(1, 4)))
        else:
            number = f"{dice.randint(1, 999)} " if dice.random() < 0.5 else ""
            return number + dice.choice(GREEK_IN_LATIN) + dice.choice(["m", "", "s", "A"])
        return self._recased(word)

    def _recased(self, word: str) -> str:
        way = self._dice.random()
        return word.upper() if way < 0.25 else word.capitalize() if way < 0.5 else word

    def _in_japanese(self, face: Face) -> str:
        dice = self._dice
        parts = []
        for _ in range(dice.randint(1, 4)):
            way = dice.random()
            if way < 0.35:
                begin = dice.randrange(max(1, len(self._japanese) - 20))
                parts.append(self._japanese[begin : begin + dice.randint(2, 12)])
            elif way < 0.6:
                parts.append("".join(dice.choices(self._kanji[id(face)], k=dice.randint(1, 5))))
            elif way < 0.8:
                kana = dice.choice(KANA)
                parts.append("".join(chr(dice.choice(kana)) for _ in range(dice.randint(1, 8))))
            elif way < 0.9:
                parts.append("".join(dice.choices(SIGNS, k=dice.randint(1, 3))))
            else:
                parts.append(self._in_latin())
        return "".join(sign for sign in dice.choice(["", " ", "　"]).join(parts) if sign in face.signs)

    def _strange(self, system: str) -> list[tuple[str, Face, bool]]:
        dice = self._dice
        face = dice.choice(self._of_system[system])
        everyday = [sign for sign in face.letters[system] if ord(sign) in EVERYDAY.get(system, ())]
        letters = everyday if len(everyday) >= LETTERS_MIN and dice.random() < 0.85 else face.letters[system]
        marks = face.marks.get(system, [])
        often = dice.choice([0.0, 0.3, 0.5])
        words = []
        for _ in range(dice.choice([1, 1, 2, 3])):
            word = ""
            for _ in range(dice.randint(2, 9)):
                word += dice.choice(letters)
                if marks and dice.random() < often:
                    word += dice.choice(marks)
            recased = self._recased(word.lower())
            words.append(recased if all(sign in face.signs for sign in recased) else word)
        return [(" ".join(words), face, True)]

    # --- how it is drawn -------------------------------------------------------------------------------

    def _drawn(self, parts: list[tuple[str, Face, bool]]) -> tuple[Grey, Floats, Floats] | None:
        """Black on white, cut about as OCR cuts a line; for each column whether it is strange, and counts."""
        dice = self._dice
        high, wide = 4 * SIZE, 64 * SIZE
        page = Image.new("L", (wide, high), 255)
        pen = ImageDraw.Draw(page)
        strange = np.zeros(wide, np.float32)
        counts = np.zeros(wide, np.float32)
        x = float(SIZE)
        space = dice.uniform(0.15, 0.5) * SIZE
        for text, face, is_strange in parts:
            font = _font(face.path, round(SIZE * dice.uniform(0.85, 1.15)))
            try:
                long = font.getlength(text)
                if not text.strip() or x + long > wide - SIZE:
                    continue
                pen.text((x, 2.5 * SIZE), text, font=font, fill=0, anchor="ls")
            except OSError:
                continue  # FreeType could not draw a sign of it
            begin, end = round(x), round(x + long)
            counts[begin:end] = 1
            strange[begin:end] = is_strange
            counts[max(0, begin - 2) : begin + 2] = 0
            x += long + space
        ink = 255 - np.asarray(page)
        rows, columns = np.nonzero(ink.max(axis=1) > 60)[0], np.nonzero(ink.max(axis=0) > 60)[0]
        if len(columns) < SIZE // 3 or len(rows) < SIZE // 4 or not counts.any():
            return None
        top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        # Where nothing stands within a third of a letter's height, nothing is told.
        near = cv2.dilate((ink.max(axis=0) > 60).astype(np.uint8)[None], np.ones((1, SIZE // 3), np.uint8))[0]
        counts *= near
        tall = bottom - top
        edges = [round(dice.uniform(-0.06, 0.35) * tall) for _ in range(2)]
        sides = [round(dice.uniform(-0.02, 0.4) * tall) for _ in range(2)]
        top, bottom = max(0, top - edges[0]), min(high, bottom + edges[1])
        left, right = max(0, left - sides[0]), min(wide, right + sides[1])
        return np.asarray(page)[top:bottom, left:right], strange[left:right], counts[left:right]

    # --- how it was scanned ----------------------------------------------------------------------------

    def _worn(self, line: Grey, strange: Floats, counts: Floats) -> tuple[Grey, Floats, Floats]:
        """The line as a scanner, a camera and a file format leave it."""
        dice, noise = self._dice, self._noise
        line = self._with_rules(line)
        if dice.random() < 0.08:  # something is hidden already
            begin = dice.randrange(line.shape[1])
            end = begin + dice.randint(1, 3) * line.shape[0]
            line[:, begin:end] = dice.choice([0, 255, 128])
            counts[begin:end] = 0
        line = self._leaning(line)
        if strange.any() and dice.random() < 0.15:  # whether it stands on its head is told from known letters
            line = np.ascontiguousarray(line[::-1, ::-1])
            strange, counts = strange[::-1].copy(), counts[::-1].copy()
        high = dice.choice([dice.randint(12, 22), dice.randint(18, 48)])
        wide = max(8, round(line.shape[1] * high / line.shape[0] * dice.uniform(0.8, 1.25)))
        line = np.asarray(cv2.resize(line, (wide, high), interpolation=cv2.INTER_AREA), np.uint8)
        ink, paper = sorted((dice.uniform(0, 110), dice.uniform(140, 255)))
        if paper - ink < 80:
            ink = max(0.0, paper - 80)
        shade = line.astype(np.float32) / 255 * (paper - ink) + ink
        if dice.random() < 0.12:
            shade = 255 - shade
        if dice.random() < 0.3:
            shade += np.linspace(0, dice.uniform(-50, 50), wide, dtype=np.float32)[None]
        if dice.random() < 0.4:
            shade = np.asarray(cv2.GaussianBlur(shade, (0, 0), dice.uniform(0.3, 0.03 * high + 0.3)))
        if dice.random() < 0.5:
            shade = shade + noise.normal(0, dice.uniform(1, 14), shade.shape).astype(np.float32)
        line = np.clip(shade, 0, 255).astype(np.uint8)
        if dice.random() < 0.3:
            _, packed = cv2.imencode(".jpg", line, [cv2.IMWRITE_JPEG_QUALITY, dice.randint(25, 90)])
            line = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)
        if dice.random() < 0.08:
            line = np.where(line > (int(line.max()) + int(line.min())) / 2, 255, 0).astype(np.uint8)
        return line, strange, counts

    def _with_rules(self, line: Grey) -> Grey:
        """Sometimes with the rules of the cell that the text stands in, or underlined."""
        dice = self._dice
        line = line.copy()
        high, wide = line.shape
        thick = dice.randint(1, 3)
        if dice.random() < 0.12:
            near = dice.randrange(max(1, high // 9))
            row = dice.choice([near, high - 1 - near])
            line[row : row + thick] = dice.randint(0, 120)
        if dice.random() < 0.06:
            column = dice.choice([0, wide - thick])
            line[:, column : column + thick] = 0
        return line

    def _leaning(self, line: Grey) -> Grey:
        dice = self._dice
        if dice.random() > 0.4:
            return line
        high, wide = line.shape
        lean, slant = dice.uniform(-0.02, 0.02), dice.uniform(-0.2, 0.2)
        middle = np.array([[1, slant, -slant * high / 2], [lean * high / wide * 4, 1, -lean * high * 2]])
        moved = cv2.warpAffine(line, middle.astype(np.float32), (wide, high), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(moved, np.uint8)

    def _cut(self, line: Grey, strange: Floats, counts: Floats) -> Sample:
        """A piece of the line as wide as all samples are; a shorter line is filled up with its ground."""
        fitted = entered(line, 1 << 16)
        columns = fitted.shape[1] // STRIDE
        ends = np.linspace(0, len(strange) - 1, columns + 1)
        middles = ((ends[1:] + ends[:-1]) / 2).astype(int)
        is_strange, count = strange[middles], counts[middles]
        most = WIDTH // STRIDE
        if columns > most:
            begin = self._dice.randint(0, columns - most)
            return Sample(
                fitted[:, begin * STRIDE : begin * STRIDE + WIDTH],
                is_strange[begin : begin + most],
                count[begin : begin + most],
            )
        whole = np.full((HIGH, WIDTH), float(np.median(fitted[:, -1])), np.float32)
        whole[:, : columns * STRIDE] = fitted[:, : columns * STRIDE]
        rest = (0, most - columns)
        return Sample(whole, np.pad(is_strange, rest), np.pad(count, rest))


@cache
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def _accented(sign: str, dice: random.Random) -> str:
    """The letter, or now and then one of its kin of other languages."""
    return dice.choice(_kin().get(sign, [sign])) if dice.random() < 0.3 else sign


@cache
def _kin() -> dict[str, list[str]]:
    """Letters with marks, by the letter below the marks."""
    kin: dict[str, list[str]] = {}
    for point in (*range(0xC0, 0x180), *range(0x1EA0, 0x1EF9)):
        bare = unicodedata.normalize("NFD", chr(point))[0]
        if bare.isascii() and bare.isalpha():
            kin.setdefault(bare, []).append(chr(point))
    return kin


def _kanji_of(face: Face) -> list[str]:
    """The kanji of the Japanese standards that a font has, in order."""
    return [sign for point in KANJI if (sign := chr(point)) in face.signs and _in_standard(sign)]


@cache
def _in_standard(sign: str) -> bool:
    try:
        return len(sign.encode("euc_jp")) == 2  # JIS X 0208
    except UnicodeEncodeError:
        return False
