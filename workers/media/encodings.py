"""In which encoding a text's bytes are written: told for sure, or not at all.

Many bytes can be read in several encodings, and only one of the readings shows what people see. A text that
is read in the wrong one is searched for names that nobody finds in it, and keeps them. So an encoding is
taken only where its reading looks like a text of its language and no other reading does.

A reading is judged by its signs: kana and the kanji of JIS X 0208's first level are common in Japanese, the
hanzi of GB 2312's and Big5's first levels in Chinese; letters with accents stand in words. What is read in
the wrong encoding has rare signs instead.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Callable

from omnigov.contracts import Refused
from omnigov.contracts.encodings import encoding_named

SURE = 0.85  # share of common signs from which a reading looks like a text
APART = 0.3  # by which every other reading must be worse
SAMPLE = 200_000  # bytes by which whole readings are judged; single lines are judged to the end

_MARKS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)
_JIS = ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2004")
_NOT_JIS = re.compile(rb"\x1b\$[)*A]|[\x0e\x0f]|\x1b\(Q")
_HZ = re.compile(rb"~\{(?:[\x21-\x7e]{2})+~\}")
_UTF_7 = re.compile(rb"\+([A-Za-z0-9+/]{6,})")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def _level(first: int, last: int) -> str:
    pairs = bytes(
        byte for lead in range(first, last + 1) for trail in range(0xA1, 0xFF) for byte in (lead, trail)
    )
    return re.escape(pairs.decode("euc_jp", "ignore"))


_KANA = "\u3041-\u3096\u30a1-\u30fa\u30fc"
_PUNCTUATION = "\u3000-\u3003\u3005-\u3011\u3013-\u3015\u301c\u301d\u301f\u30fb\uff01-\uff5e\uffe5\uff5e"
_SYMBOLS = (
    "\u2160-\u2169\u2460-\u2473\u2190-\u2193\u25a0-\u25cf\u2605\u2606\u2010-\u2026\u203b\u2103\u2116"
    "\u2121\u3231\u3232\u3239\u00d7\u00f7\u00b1\u00b0\u2500-\u254b\u32a4-\u32a8"
    "\u3349-\u337e\u3303-\u333b\u25bc\u25bd\u2212\u2225\u2252\u221e\u301e"
)
_KANJI = _level(0xB0, 0xCF)
_JAPANESE = re.compile(f"[{_KANA}{_PUNCTUATION}{_SYMBOLS}{_KANJI}]")
_HIRAGANA = re.compile("[\u3041-\u3096]")
_LONE = re.compile("(?<=[A-Za-z])[\u4e00-\u9fff](?![\u3005-\u9fff])")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]+")
_HALF_WIDTH_WORD = re.compile(
    "(?:[｢｡､･]?(?:[ｳｶ-ﾄ]ﾞ?|[ﾊ-ﾎ][ﾞﾟ]?|[ｱｲｴｵﾅ-ﾉﾏ-ﾝｦ])(?:[ｧ-ｯｰ]|[ｳｶ-ﾄ]ﾞ?|[ﾊ-ﾎ][ﾞﾟ]?|[ｱ-ｵﾅ-ﾉﾏ-ﾝｦ]|[･､｡｣](?![･､｡]))*)+"
)


def told(content: bytes) -> str:
    """How Python's codecs call the encoding. Raises `Refused` where it can't be told for sure."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _proved(content, encoding)
    if b"\0" in content:
        raise Refused(
            "not_text", _WIDE if _wide(content) else "This is not a text file, whatever its name says."
        )
    if content.isascii():
        return _of_seven_bits(content)
    if _without_mark(content):
        raise Refused("not_text", _WIDE)
    if _decodes(content, "utf-8"):
        if _another_is_likelier(content):
            raise Refused("not_text", UNSURE)
        return "utf-8"
    return _of_eight_bits(content)


def named(content: bytes, encoding: str) -> str:
    """The encoding that a person named, as Python's codecs call it, where the bytes don't say otherwise.

    Raises `Refused`, as a text that is read in the wrong encoding keeps what nobody could find in it.
    """
    wished = encoding_named(encoding)
    try:
        sure = told(content)
    except Refused:
        sure = ""
    if sure == wished or {sure, wished} <= {"cp932", "shift_jis"} or (sure == "utf-8" and content.isascii()):
        return wished if wished != "shift_jis" else "cp932"
    if sure and not (sure.startswith(wished[:6]) and wished.startswith("utf")):
        raise Refused(
            "encoding_wrong", f"The text is not in {wished}: its bytes are those of {sure}. Name no encoding."
        )
    judge = _JUDGES.get(wished)
    text = _text(content, wished)
    if text is None or "\0" in text or (judge and judge(text) < 0.5):
        raise Refused(
            "encoding_wrong", f"The text does not read as {wished}. Save it as UTF-8 and send that."
        )
    return sure or wished


UNSURE = (
    "The text's encoding can't be told for sure, so names in it might be overlooked. Save it as UTF-8 and "
    "send that, or send it again and choose its encoding: under “More choices” on the upload page, by "
    "--encoding on the command line."
)
_WIDE = (
    "This looks like UTF-16 or UTF-32 without the mark at its beginning that would say so. Save it as "
    "UTF-8 and send that, or send it again and choose its encoding: under “More choices” on the upload "
    "page, by --encoding on the command line."
)


def _proved(content: bytes, encoding: str) -> str:
    text = _text(content, encoding)
    if text is None or "\0" in text:
        raise Refused(
            "not_text", "The file begins like a text, but its bytes are none. Save it as UTF-8 and send that."
        )
    return encoding


def _of_seven_bits(content: bytes) -> str:
    """ASCII, or one of the encodings that hide other signs in it."""
    if b"\x1b$" in content or b"\x1b(J" in content or b"\x1b(I" in content:
        for encoding in () if _NOT_JIS.search(content) else _JIS:
            text = _text(content, encoding)
            if text is not None and "\x1b$" not in text:
                return encoding
        raise Refused("not_text", UNSURE)
    if _NOT_JIS.search(content) or _without_mark(content):
        raise Refused("not_text", UNSURE)
    if any(_NOT_ASCII.search(_text(hit.group(), "hz") or "") for hit in _HZ.finditer(content)):
        raise Refused("not_text", UNSURE)
    if any(_holds_utf_7(hit.group(1)) for hit in _UTF_7.finditer(content)):
        raise Refused("not_text", UNSURE)
    return "utf-8"


def _holds_utf_7(run: bytes) -> bool:
    bits = run[: len(run) * 6 // 16 * 16 // 6 + 1]
    try:
        units = base64.b64decode(bits + b"A" * (-len(bits) % 4))
    except (binascii.Error, ValueError):
        return False
    text = _text(units[: len(run) * 6 // 16 * 2], "utf-16-be")
    return bool(text) and len(text or "") > 1 and japanese(text or "") == 1


def _of_eight_bits(content: bytes) -> str:
    """Shift_JIS or EUC-JP where one of them is sure; all others are told from each other by nothing."""
    sample = content if len(content) <= SAMPLE else content[: content.rfind(b"\n", 0, SAMPLE) + 1] or content
    shares = {
        name: judge(text) for name, judge in _JUDGES.items() if (text := _text(sample, name)) is not None
    }
    for encoding in ("cp932", "euc_jp"):
        share = shares.get(encoding, 0.0)
        others = max((other for name, other in shares.items() if name != encoding), default=0.0)
        apart = others <= share - APART
        if encoding == "euc_jp" and encoding in shares:
            # The same bytes are hanzi of GB 2312 and Big5; Chinese has no hiragana, and Big5 in so many signs
            # a byte that EUC does not have.
            signs = _NOT_ASCII.findall(sample.decode(encoding))
            apart = len(signs) > 11 and len(_HIRAGANA.findall("".join(signs))) > len(signs) / 5
            apart = apart and shares.get("cp932", 0.0) < SURE - APART
        if share >= SURE and apart and _decodes(content, encoding):
            if any(_of_another(line, encoding) for line in content.splitlines() if not line.isascii()):
                raise Refused(
                    "not_text",
                    "Some lines are in another encoding than the rest, so names in them might be "
                    "overlooked. Save the text as UTF-8 and send that.",
                )
            return encoding
    raise Refused("not_text", UNSURE)


def _of_another(line: bytes, encoding: str) -> bool:
    text = _text(line, encoding)
    if text is None or _JUDGES[encoding](text) >= 0.5:
        return text is None
    judges: dict[str, Callable[[str], float]] = {**_JUDGES, "utf-8": lambda _: 1.0}
    return any(
        judge(other) >= SURE
        for name, judge in judges.items()
        if name != encoding and (other := _text(line, name)) is not None
    )


def _another_is_likelier(content: bytes) -> bool:
    """Whether some few bytes happen to be UTF-8, and are a plain text otherwise."""
    text = content.decode("utf-8")
    signs = _NOT_ASCII.findall(text)
    if len(signs) > 16 or any(sign >= "\u0800" for sign in signs) or _letters(text) >= 0.5:
        return False
    return any(
        judge(other) >= SURE for name, judge in _JUDGES.items() if (other := _text(content, name)) is not None
    )


def _wide(content: bytes) -> bool:
    return any(
        (text := _text(content, encoding)) is not None and "\0" not in text
        for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
    )


def _without_mark(content: bytes) -> bool:
    """Whether it is Japanese in UTF-16 without a mark, and without a sign of ASCII that would show it."""
    if len(content) % 2 or len(content) < 4:
        return False
    for encoding in ("utf-16-le", "utf-16-be"):
        text = _text(content[:SAMPLE], encoding)
        if text is None or _NOT_ASCII.search(text) is None:
            continue
        share = japanese(text)
        if share >= 0.95 and (len(text) > 3 or (not content.isascii() and len(text) > 1)):
            return True
    return False


def japanese(text: str) -> float:
    """Share of the signs beyond ASCII that are common in Japanese; 1 where there is none."""
    signs = "".join(_NOT_ASCII.findall(text))
    if not signs:
        return 1.0
    half = sum(
        len(run) for run in _HALF_WIDTH.findall(text) if len(run) > 1 and _HALF_WIDTH_WORD.fullmatch(run)
    )
    lone = len(_LONE.findall(text))
    return max(0, len(_JAPANESE.findall(signs)) + half - lone) / len(signs)


def _by_lead(encoding: str, first: int, last: int, symbols: range) -> Callable[[str], float]:
    """Share of signs whose first byte in this encoding is that of common ones."""
    from_second = 0x40 if encoding == "big5" else 0xA1

    def judged(text: str) -> float:
        signs = "".join(_NOT_ASCII.findall(text))
        pairs = signs.encode(encoding, "replace")
        if len(pairs) != 2 * len(signs):
            return 0.0
        common = sum(
            (first <= lead <= last or lead in symbols) and trail >= from_second
            for lead, trail in zip(pairs[::2], pairs[1::2], strict=True)
        )
        return common / max(1, len(signs))

    return judged


_LETTER = re.compile(
    "(?:(?<=[A-Za-z\u00c0-\u024f])[\u00df-\u00f6\u00f8-\u00ff\u0100-\u024f]"
    "|[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u0100-\u024f](?=[A-Za-z\u00c0-\u024f]))"
    "|(?<=[A-Za-z.,!?])[\u2019\u201d](?=[A-Za-z .,;)]|$)|[\u2018\u201c](?=[A-Za-z])|(?<= )[\u2013\u2014](?= )"
    "|\u00e0(?= )|[\u00a3\u20ac](?=[0-9])|(?<=[0-9 ])[\u00b0%\u00a0](?=[A-Za-z ])"
)
_CYRILLIC = re.compile(
    "(?<![\u0430-\u044f\u0451])[\u0410-\u042f\u0401]?[\u0430-\u044f\u0451]+|[\u0410-\u042f\u0401]+"
)


def _letters(text: str) -> float:
    """Share of the signs beyond ASCII that are letters of Latin words, or what stands beside such words."""
    signs = _NOT_ASCII.findall(text)
    others = sum(
        (unicodedata.category(sign).startswith("L") and sign > "\u024f")
        or "\u00a0" <= sign <= "\u00bf"
        or sign in "×÷"
        for sign in signs
    )
    cyrillic = _cyrillic(text)
    return max((len(_LETTER.findall(text)) + (0 if cyrillic else others)) / max(1, len(signs)), cyrillic)


def _latin(text: str) -> float:
    return len(_LETTER.findall(text)) / max(1, len(_NOT_ASCII.findall(text)))


def _cyrillic(text: str) -> float:
    return sum(len(run) for run in _CYRILLIC.findall(text) if len(run) > 1) / max(
        1, len(_NOT_ASCII.findall(text))
    )


_JUDGES: dict[str, Callable[[str], float]] = {
    "cp932": japanese,
    "euc_jp": japanese,
    "gbk": _by_lead("gbk", 0xB0, 0xD7, range(0xA1, 0xA4)),
    "big5": _by_lead("big5", 0xA4, 0xC6, range(0xA1, 0xA4)),
    "euc_kr": _by_lead("euc_kr", 0xB0, 0xC8, range(0xA1, 0xA4)),
    "latin_1": _latin,
    "cp1252": _latin,
    "koi8_r": _cyrillic,
    "cp1251": _cyrillic,
}


def _text(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, UnicodeError):
        return None


def _decodes(content: bytes, encoding: str) -> bool:
    return _text(content, encoding) is not None
