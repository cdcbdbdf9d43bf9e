"""What forms call their fields, known again though OCR slipped over a sign.

`rules` finds labels in text that was read well, and needs their wording as it is. Here a label is what fills
a box of text, or begins one; its words are put together from whose it is and what is asked, so that it need
not have been listed; and one sign in four or more may be wrong.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

import regex

from workers.redaction.core.spans import TIMEOUT
from workers.redaction.forms import words as form_words
from workers.redaction.language import rules
from workers.redaction.language.ja import rules as japanese

NEUTRAL = "NEUTRAL"  # labels of what is not personal


class Label(NamedTuple):
    """The first `end` characters of a text are a label; `kind` is what it asks for."""

    kind: str
    end: int
    whole: bool  # nothing stands behind it in the same text
    block: bool  # of an addressee: name, street and more stand below each other
    sure: bool = True  # read without a slip
    colon: bool = False
    firm: bool = False  # it asks for a firm, a team or a ware


class _Words(NamedTuple):
    kind: str
    exact: regex.Pattern[str]
    slips: tuple[regex.Pattern[str], ...]  # one sign is wrong; two are
    block: bool = False


def _known(kind: str) -> str:
    """What `rules` knows labels of this kind as."""
    parts = [
        part
        for label in rules.LABELS
        if label.kind == kind
        for part in (label.english, label.japanese, label.run_in)
    ]
    return "|".join(parts)


def _exactly(kind: str, words: str) -> _Words:
    """Labels that a slip would make of names."""
    return _Words(kind, regex.compile(rf"(?:{words})", regex.IGNORECASE), ())


def _words(kind: str, words: str, *, block: bool = False) -> _Words:
    flags = regex.IGNORECASE | regex.BESTMATCH
    return _Words(
        kind,
        regex.compile(rf"(?:{words})", regex.IGNORECASE),
        (regex.compile(rf"(?:{words}){{e<=1}}", flags), regex.compile(rf"(?:{words}){{e<=2}}", flags)),
        block,
    )


_LEXICON = (
    _words(NEUTRAL, f"{form_words.NEUTRAL_JA}|{form_words.NEUTRAL_EN}"),
    _words("PERSON", f"{form_words.BLOCK_JA}|{form_words.BLOCK_EN}", block=True),
    _words(
        "PERSON",
        rf"(?:{form_words.WHO_JA})?(?:の)?(?:{form_words.NAME_JA})|{form_words.ROLES_JA}"
        rf"|{form_words.NUMBER_JA['PERSON']}|{form_words.PERSON_EN}"
        rf"|(?:{form_words.PERSON_EN})(?:'s)? name|{_known('PERSON')}",
    ),
    _words("PHONE_NUMBER", rf"{form_words.PHONE_JA}|{form_words.PHONE_EN}|{_known('PHONE_NUMBER')}"),
    _words("EMAIL_ADDRESS", rf"{form_words.MAIL_JA}|{form_words.MAIL_EN}|{_known('EMAIL_ADDRESS')}"),
    _words("JP_ADDRESS", rf"{form_words.ADDRESS_JA}|{_known('JP_ADDRESS')}"),
    _words("LOCATION", rf"{form_words.ADDRESS_EN}|{_known('LOCATION')}"),
    _words("JP_POSTAL_CODE", rf"{form_words.POST_JA}|{_known('JP_POSTAL_CODE')}"),
    _words("DATE_TIME", rf"{form_words.BIRTH_JA}|{form_words.BIRTH_EN}|{_known('DATE_TIME')}"),
    *(
        _words(kind, rf"{words}|{_known(kind)}" if _known(kind) else words)
        for kind, words in form_words.NUMBER_JA.items()
        if kind != "PERSON"
    ),
    _exactly("PERSON", form_words.PERSON_EXACT),
    _exactly(NEUTRAL, f"{form_words.NEUTRAL_EXACT}|{form_words.FIRM}|{form_words.TITLE}"),
)
_FIRM = regex.compile(form_words.FIRM, regex.IGNORECASE)

# Signs that OCR takes for each other at the sizes that forms are printed in.
_ALIKE = {
    wrong: right
    for right, wrongs in {
        "氏": "民氐低氐",
        "名": "各洺茗",
        "業": "业",
        "課": "课",
        "車": "车",
        "職": "职",
        "認": "认",
        "証": "证",
        "記": "记",
        "請": "请",
        "続": "续",
        "絡": "络",
        "連": "连",
        "緊": "紧聚",
        "護": "护",
        "費": "费",
        "類": "类",
        "単": "单",
        "価": "价",
        "額": "额翻",
        "備": "备衞",
        "経": "经",
        "営": "营",
        "帰": "归",
        "確": "确",
        "報": "报",
        "届": "屆",
        "住": "往佳注任",
        "所": "听昕",
        "電": "雷竃电",
        "話": "詁語话詰",
        "番": "香畨",
        "号": "號亏",
        "様": "樣檬榛棣样砾",
        "殿": "毆臀",
        "生": "㞢",
        "日": "曰",
        "月": "⽉",
        "者": "耆考",
        "担": "坦擔",
        "当": "當",
        "患": "忠",
        "便": "使",
        "別": "别",
        "齢": "龄齡",
        "員": "员",
        "務": "务",
        "門": "门",
        "時": "时",
        "間": "间",
        "場": "场",
        "書": "书昔",
        "領": "领",
        "収": "收",
        "郵": "垂邮",
        "先": "光",
        "ー": "一—―-",
        "フ": "ﾌ",
        "ガ": "カ",
        "リ": "り",
    }.items()
    for wrong in wrongs
}
# However a text begins, where it ends in these it is a label.
_ENDS = {
    "PERSON": "氏名|お名前|者名|フリガナ|ふりがな|者|保証人|代理人|相続人|管理人|受取人|引受人|差出人|担当",
    "PHONE_NUMBER": "電話番号|連絡先",
    "JP_ADDRESS": "住所|所在地",
    "DATE_TIME": "生年月日",
    "EMAIL_ADDRESS": "メールアドレス",
}
_ENDINGS = {
    kind: regex.compile(rf"[\p{{Han}}\p{{Kana}}\p{{Hiragana}}ー]{{1,8}}?(?:{words})")
    for kind, words in _ENDS.items()
}
# … and these only among Japanese signs.
_ALIKE_IN_JAPANESE = {"H": "日", "Ｈ": "日", "川": "月", "口": "目"}
# Labels behind which a value may stand without a gap.
_RUN_IN = tuple(
    (words, regex.compile(run_in))
    for words in _LEXICON
    for kind, run_in in (
        (
            "PERSON",
            rf"(?:{form_words.WHO_JA})?(?:お|ご|御)?(?:氏名|名前|芳名)|フリガナ|ふりがな|よみがな|読み仮名",
        ),
        ("DATE_TIME", "生年月日"),
        ("PHONE_NUMBER", "(?:携帯)?電話番号"),
        ("JP_ADDRESS", "(?:現|ご|お)?住所"),
        ("JP_POSTAL_CODE", "郵便番号"),
        ("EMAIL_ADDRESS", "メールアドレス"),
        ("JP_HEALTH_INSURANCE", r"記号(?=[ :：・]?\d)"),
        (NEUTRAL, r"性別(?= ?[男女])|年齢(?= ?\d)"),
    )
    if words.kind == kind and not words.block
)
_EDGE = " \t■□●○◯・*#※◆◇▼▶【】[]「」<>|｜.。、,_"
_MARKS = regex.compile(
    r"(?:(?:\(|（)?(?:必須|任意|要|印|自署|自筆|漢字|カナ|西暦|和暦|年/月/日|required|optional)(?:\)|）)?|\*)+$"
)
_NOTE = regex.compile(r"[(（][^()（）]{0,24}[)）]?$")
_COLON = regex.compile(r"[:：;]")
# Letters from which one slip is forgiven, and from which two are; Japanese, other.
_SLIPS_FROM = {True: (4, 7), False: (5, 10)}
LONGEST = 40  # signs of a label
_HONOURED = regex.compile(r"(?P<who>.{1,20}?)\s*[(（]?(?:様|殿)[)）]?")
_NO_WHO = ("模", "仕", "同", "多", "異", "有", "皆", "客", "宮", "御", "神")  # 仕様 and 宮殿 are nobody
_HONORIFIC = regex.compile(r"[(（]?(?:様|殿|先生)[)）]?\.?")


def whole(text: str, *, sure: bool = False) -> Label | None:
    """What the text is a label of where it holds a label and nothing else, else None.

    With `sure` only a label counts whose signs were all read right.
    """
    bare = text.strip(_EDGE + ":：;")
    found = None if _COLON.search(bare) else _judged(bare, sure=sure)
    if found is None:
        return None
    words, read_right = found
    colon = _COLON.search(text.rstrip(_EDGE)[-1:]) is not None
    firm = read_right and words.kind == NEUTRAL and _FIRM.fullmatch(_plain(bare)) is not None
    return Label(words.kind, len(text), True, words.block, read_right, colon, firm)


def leading(text: str) -> Label | None:
    """The label that the text begins with, before a colon or a wide gap, with its value behind."""
    for cut in regex.finditer(r"[:：]|\s{2,}|\t| (?=\S)", text, timeout=TIMEOUT):
        head, rest = text[: cut.start()], text[cut.end() :]
        if not rest.strip(_EDGE) or len(head) > LONGEST:
            continue
        colon = ":" in cut.group() or "：" in cut.group()
        # A space parts words of English as well: there only a Japanese label, read well, ends at one. It is
        # asked first, as in prose there is a space after each word, and to judge each beginning takes long.
        if not colon and (not _is_japanese(head) or len(head.strip()) < 2):
            continue
        found = _judged(head.strip(_EDGE), sure=not colon)
        if found is None:
            continue
        words, sure = found
        return Label(words.kind, cut.end(), False, words.block, sure, colon)
    folded = _folded(text)
    for words, run_in in _RUN_IN:
        hit = run_in.match(folded)
        if hit and len(folded) > hit.end():
            return Label(words.kind, hit.end(), False, words.block, text.startswith(hit.group()))
    return None


def is_honorific(text: str) -> bool:
    """様 and its like, alone in their box: who is meant stands before."""
    return _HONORIFIC.fullmatch(_folded(text.strip())) is not None


def honoured(text: str) -> int:
    """How many of a line's first signs are whoever it calls 様 at its end, however read; 0: nobody."""
    hit = _HONOURED.fullmatch(_folded(text.strip()))
    if hit is None or not japanese.is_somebody(hit["who"]) or hit["who"].endswith(_NO_WHO):
        return 0
    return text.index(text.strip()) + hit.end("who")


def _judged(text: str, *, sure: bool = False) -> tuple[_Words, bool] | None:
    """The words that the text is, and whether each sign was read right; None where it is no label.

    With `sure` only what was read right counts.
    """
    for form in dict.fromkeys((text, _MARKS.sub("", text), _NOTE.sub("", text))):
        tight = _plain(form)
        if not tight:
            continue
        for words in _LEXICON:
            if words.exact.fullmatch(tight, timeout=TIMEOUT):
                return words, True
        if sure:
            continue
        for words in _LEXICON:
            if words.exact.fullmatch(_as_kana(tight), timeout=TIMEOUT):
                return words, False
        folded = _folded(tight)
        for words in _LEXICON:
            if words.exact.fullmatch(folded, timeout=TIMEOUT):
                return words, False
        for words in _LEXICON:
            if words.kind in _ENDINGS and _ENDINGS[words.kind].fullmatch(folded) and not words.block:
                return words, False
        letters = sum(sign.isalnum() for sign in tight)
        for many, enough in enumerate(_SLIPS_FROM[_is_japanese(tight)]):
            if not enough <= letters <= LONGEST:
                continue
            for words in _LEXICON:
                if words.slips and words.slips[many].fullmatch(folded, timeout=TIMEOUT):
                    return words, False
    return None


def _plain(text: str) -> str:
    """In NFKC, with one space between words of English and none in Japanese."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split()).strip(_EDGE)
    return plain.replace(" ", "") if _is_japanese(plain) else plain


def _folded(text: str) -> str:
    """With each sign as the one that labels are written with."""
    alike = {**_ALIKE, **_ALIKE_IN_JAPANESE} if _is_japanese(text) else _ALIKE
    return "".join(alike.get(sign, sign) for sign in text)


_LIKE_KANA = str.maketrans("力二八口工夕卜一", "カニハロエタトー")


def _as_kana(text: str) -> str:
    """With Han signs that look like katakana as these, where katakana stand about them."""
    return text.translate(_LIKE_KANA) if any("ァ" <= sign <= "ー" for sign in text) else text


def _is_japanese(text: str) -> bool:
    return any("\u3005" <= sign <= "\u9fff" for sign in text)
