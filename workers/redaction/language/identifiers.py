"""Addresses and numbers that name one person: told by their shape, and where they have one by a check digit.

Rules work on text in NFKC (`workers.redaction.core.normal`). Boundaries are told by what stands beside, not
by `\\b`: to a pattern, kana beside a digit are part of the word. A number whose check digit is wrong is not
taken; behind a form's label (`workers.redaction.language.rules`) it is hidden all the same, as a slip of the
pen.
"""

from __future__ import annotations

import regex

from workers.redaction.core.spans import Rule
from workers.redaction.language import check_digits

_KANJI_DIGITS = "〇零一二三四五六七八九十"
_COUNT = rf"(?:\d{{1,2}}|[{_KANJI_DIGITS}]{{1,3}})"
_ERA = "(?:明治|大正|昭和|平成|令和)"


# Digits and letters by turns, which only a value in hexadecimal digits has: 0461237294b727f5.
_HEX = regex.compile(r"(?<![A-Za-z\d])(?=[\da-f]{12})\d+[a-f]+\d+[a-f][\da-f]*(?![A-Za-z\d])")


_HEX_RUN = regex.compile(r"[\da-f]{8,}")


def is_in_hex(row: str, start: int) -> bool:
    """Whether these digits are of a value in hexadecimal digits, as no telephone's number is."""
    if _HEX.match(row, start) is not None:
        return True
    begin = start
    while begin and row[begin - 1].isascii() and row[begin - 1].isalnum():
        begin -= 1
    run = _HEX_RUN.match(row, begin)
    return begin < start and run is not None and any(map(str.isalpha, run.group()))


def japanese_phone_holds(text: str) -> bool:
    digits = "".join(map(str, check_digits.digits_of(text)))
    if text.startswith("+"):
        return len(digits) in (11, 12)
    return len(digits) == 10 or (
        len(digits) == 11 and digits[:3] in ("050", "060", "070", "080", "090", "020")
    )


_DECIMALS = regex.compile(r"\d{1,3}\.\d{1,2}(?: \d{1,3}\.\d{1,2})+|[1-9]\d*\.\d{5,}")
_DECIMAL = regex.compile(r"[1-9]\d{4,}\.\d+")
_LOCAL = r"[A-Za-z0-9._%+\-]{1,64}"
_ENDINGS = (
    "com|net|org|edu|gov|info|biz|io|jp|uk|de|fr|eu|us|ca|au|in|it|es|nl|ch|at|be|se|no|dk|fi|pl|cn|kr|tw"
)
_DOTLESS = regex.compile(r"[A-Za-z][A-Za-z\-]{2,}\d*")
_QUAD = regex.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


def _mail_holds(text: str) -> bool:
    """A host with letters at its end, one word, or four numbers; lodash@4.17 and 3@40p are no address."""
    local, _, host = text.rpartition("@")
    if "." not in host:
        return _DOTLESS.fullmatch(host) is not None and any(sign.isalpha() for sign in local)
    return host.rpartition(".")[2].isalpha() or "xn--" in host or _QUAD.fullmatch(host) is not None


def _phone_holds(text: str) -> bool:
    """Nine to fifteen digits, or four pairs; groups of four alone are a card's or an official number's."""
    if _DECIMALS.fullmatch(text):
        return False
    sizes = {len(group) for group in regex.split(r"[ \-.]+", text)}
    digits = len(check_digits.digits_of(text))
    return (9 <= digits <= 15 and not (text[0].isdigit() and sizes == {4})) or (digits == 8 and sizes == {2})


def _is_no_decimal(text: str) -> bool:
    """111891.6698 is a number; 555.1234 and 212 555.1234 are telephones."""
    return _DECIMAL.fullmatch(text) is None


def _called_phone_holds(text: str) -> bool:
    """Six to fifteen digits behind a word such as "call"."""
    fours = all(len(group) == 4 for group in regex.split(r"[ \-.]+", text))
    return 6 <= len(check_digits.digits_of(text)) <= 15 and not fours


_MONTH = (
    r"(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_CLOCK = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+\-]\d{2}:?\d{2})?)?"

RULES = (
    Rule(
        "EMAIL_ADDRESS",
        regex.compile(rf"{_LOCAL}@[A-Za-z0-9](?:[A-Za-z0-9.\-]{{0,198}}[A-Za-z0-9])?"),
        0.95,
        _mail_holds,
    ),
    Rule(
        "EMAIL_ADDRESS",
        # OCR puts spaces about the signs of an address. One is allowed where a known ending closes it: "met @
        # the station" has none.
        regex.compile(
            rf"{_LOCAL} ?@ ?[A-Za-z0-9\-]{{1,63}}(?: ?\. ?[A-Za-z0-9\-]{{1,63}}){{0,3}} ?\. ?(?:{_ENDINGS})"
            r"(?![A-Za-z0-9\-])"
        ),
        0.95,
    ),
    Rule(
        "PHONE_NUMBER",
        regex.compile(
            rf"(?<![\d\-])(?<!\d[a-f]{{1,6}})(?!{_HEX.pattern})"
            r"(?:\+ ?81[ \-(]*\(?0?\)?|\(?0)\d{1,4}[)\- .(]{0,3}\d{1,4}[)\- .]{0,3}\d{3,4}(?!\d)"
        ),
        0.9,
        japanese_phone_holds,
    ),
    Rule(
        "PHONE_NUMBER",
        regex.compile(
            r"(?<![\d\-.])(?<!\d )\+?\(?\d{1,4}\)?(?:[ \-.]{1,2}\(?\d{2,5}\)?){1,4}(?!\d|(?!x|ext)[A-Za-z])"
        ),
        0.6,
        _phone_holds,
    ),
    Rule(
        "PHONE_NUMBER",  # of another country, whose last group may be long: +49 153 04210038
        regex.compile(r"(?<![\p{Latin}\d+])\+[1-9]\d{0,2}(?:[ \-./]{1,2}\(?\d{1,10}\)?){1,5}(?![\d.,]?\d)"),
        0.75,
        _called_phone_holds,
    ),
    Rule(
        "PHONE_NUMBER",
        regex.compile(r"(?<![\d\-.])(?:\(?\d{3}\)?[ \-.]{0,2})?\d{3}[\-.]\d{4}(?![\d\-])"),
        0.5,
        _is_no_decimal,
    ),
    Rule(
        "PHONE_NUMBER",
        regex.compile(
            r"(?i:\b(?:call|phone|mobile|cell|tel|telephone|fax|text|sms|reach|dial|messages?|whatsapp|registered"
            r"|answering|desk|contact)\b)[^\d\t+(]{0,30}(?<![\d.,])"
            r"(?<value>\+?\(?\+?\d{1,7}\)?(?:[ .\-/]{1,2}\(?\d{1,7}\)?){1,6})(?![\d\-]|[.,/:]\d)"
        ),
        0.6,
        _called_phone_holds,
    ),
    Rule(
        "CREDIT_CARD",  # behind its word with a slip, or of an issuer whose numbers are short
        regex.compile(
            r"(?i:\b(?:card|cc|visa|amex|mastercard)\b)[^\d\t]{0,24}(?<![\d\-.])"
            r"(?<value>\d(?:[ \-._/]?\d){11,18})(?![\d\-])"
        ),
        0.6,
    ),
    Rule(
        "CREDIT_CARD",  # that a shop or a club gives out
        regex.compile(
            r"(?i:\b(?:loyalty|member(?:ship)?|bonus|rewards?|club|library) card(?: ?(?:no|number|id|#)\.?)?"
            r"(?: is| was)?[ :#=\t]{1,3})(?<value>(?:[A-Z]{1,3}[ \-]?)?\d(?:[ \-]?\d){4,18})(?![\d\-])"
        ),
        0.7,
    ),
    Rule(
        "PERSON",  # by the number that stands for one in a register
        regex.compile(
            r"(?:従業員|社員|職員|会員|学籍|学生|患者|診察券)(?:番号|コード|ID)(?:は|[ :=\t]){1,3}"
            r"(?<value>(?=[A-Za-z\-]{0,4}\d)[A-Za-z]{0,3}-?\d[\d\-]{2,14})(?![\d\-])"
        ),
        0.7,
    ),
    Rule(
        "IBAN_CODE",
        regex.compile(r"(?<![A-Za-z\d])[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?(?![A-Za-z\d])"),
        1.0,
        check_digits.iban_holds,
    ),
    Rule(
        "PHONE_NUMBER",  # with what it is for behind it
        regex.compile(
            r"(?<![\d\-])(?<value>\+?\(?\d[\d ()\-]{4,20}\d)"
            r"(?=[\-/ ](?i:office|fax|home|mobile|cell|work)\b)"
        ),
        0.6,
        _called_phone_holds,
    ),
    Rule(
        "LOCATION",
        regex.compile(
            r"(?i:\b(?:zip|post(?:al)?)[ \-]?codes?(?: is| was| of| =|:|,)* )"
            r"(?<value>(?=[A-Za-z\d \-]{0,4}\d)[A-Z\d]{2,5}(?:[ \-][A-Z\d]{2,4})?)(?![A-Za-z\d])"
        ),
        0.7,
    ),
    Rule(
        "US_SSN",
        regex.compile(r"(?<![\d\-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d\-])"),
        0.85,
    ),
    Rule(
        "JP_MY_NUMBER",
        regex.compile(r"(?<!\d)\d{4}[ \-]{0,2}\d{4}[ \-]{0,2}\d{4}(?!\d)"),
        1.0,
        check_digits.my_number_holds,
    ),
    Rule(
        "JP_CORPORATE_NUMBER",
        # With a T before it, it is the number on a qualified invoice.
        regex.compile(r"(?<![A-Za-z\d])T?\d[ \-]?\d{4}[ \-]?\d{4}[ \-]?\d{4}(?!\d)"),
        0.9,
        check_digits.corporate_number_holds,
    ),
    Rule(
        "JP_DRIVING_LICENCE",
        regex.compile(r"(?<!\d)\d{4}[ \-]?\d{4}[ \-]?\d{4}(?!\d)"),
        0.9,
        check_digits.driving_licence_holds,
    ),
    # The two kinds of rows of a machine-readable zone (ICAO Doc 9303): a name between fillers, and numbers
    # with a nationality, a birthday and a day of expiry. OCR takes the filler for other brackets.
    Rule(
        "MRZ",
        regex.compile(r"(?<![A-Za-z])[PIACV][A-Z<]?[A-Z]{3}[A-Z0-9 ]*[<«‹く〈《(][A-Z0-9<«‹く〈《( ]{8,}"),
        0.9,
    ),
    Rule(
        "MRZ",
        regex.compile(r"(?<![A-Za-z\d])[A-Z0-9< ]{0,12}\d? ?[A-Z<]{3} ?\d{7} ?[MFX<] ?\d{7}[A-Z0-9<«‹く ]*"),
        0.9,
    ),
    Rule(
        "MRZ", regex.compile(r"(?<![A-Za-z\d])\d{6}[\dO] ?[MFX<] ?\d{6}[\dO] ?[A-Z<]{3}[A-Z0-9<«‹く ]*"), 0.9
    ),
    # 品川 300 あ 12-34: the series over or beside the serial number, which has dots for leading zeros.
    Rule(
        "LICENCE_PLATE",
        regex.compile(
            r"(?<![\p{Han}\p{Katakana}])\p{Han}{2,4} ?\d{2}[\dA-Z] ?[\t ]?\p{Hiragana} ?[\t ]?"
            r"[\d・·.]{1,2} ?-? ?\d{2}(?!\d)"
        ),
        0.9,
    ),
    Rule("LICENCE_PLATE", regex.compile(r"(?<=^|\t)\p{Hiragana} ?[\d・·.]{1,2}-\d{2}(?=$|\t)"), 0.7),
    Rule(
        "JP_DRIVING_LICENCE",
        regex.compile(
            r"(?i:\blicen[cs]e (?:no|number|#)\.?(?: is| was|:)?) +"
            r"(?<value>(?=[A-Za-z\-]*\d)[A-Za-z\d][A-Za-z\d\-]{3,20})"
        ),
        0.7,
    ),
    Rule("JP_PASSPORT", regex.compile(r"(?<![A-Za-z\d])[A-Z]{2} ?\d{7}(?![A-Za-z\d])"), 0.7),
    Rule("JP_RESIDENCE_CARD", regex.compile(r"(?<![A-Za-z\d])[A-Z]{2} ?\d{8} ?[A-Z]{2}(?![A-Za-z\d])"), 0.9),
    Rule(
        "JP_HEALTH_INSURANCE",
        regex.compile(r"(?<![\d\-])\d{2} ?\d{2} ?\d{3} ?\d(?![\d\-])"),
        0.7,
        check_digits.insurer_number_holds,
    ),
    Rule(
        "JP_HEALTH_INSURANCE",
        regex.compile(
            r"記号[ :・]{0,3}(?<value>[\p{Han}\p{Kana}\d\-・]{1,12}?[ 、,・]{0,3}番号[ :]{0,2}\d{1,9}"
            r"(?: ?\(?枝番\)?[ :]{0,2}\d{2})?)(?!\d)"
        ),
        0.85,
    ),
    Rule("JP_PENSION_NUMBER", regex.compile(r"(?<![\d\-])\d{4}-\d{6}(?![\d\-])"), 0.6),
    Rule(
        "JP_BANK_ACCOUNT",
        regex.compile(
            r"(?:普通|当座|貯蓄|総合)(?:預金|貯金)?(?:口座)?(?:番号)?[ :()No.]{0,6}(?<value>\d{6,8})(?!\d)"
        ),
        0.9,
    ),
    Rule(
        "JP_BANK_ACCOUNT",
        regex.compile(r"口座(?:番号)?(?:は|[ :]){0,3}(?<value>\d{3,4}-\d{6,8}|\d{6,8})(?!\d)"),
        0.85,
    ),
    Rule(
        "JP_BANK_ACCOUNT",  # Japan Post: a symbol of five digits from 1 to 0, a number that ends in 1
        regex.compile(
            r"(?<!\d)(?<value>1\d{3}0(?:-\d)?[ \-]{1,2}\d{1,7}1|1\d{3}0 ?番号[ :]{0,2}\d{1,7}1)(?![\d\-])"
        ),
        0.7,
    ),
    Rule(
        "JP_POSTAL_CODE",
        regex.compile(r"(?:〒 ?\d{3}[ \-]{0,2}\d{4}|(?<![\d\-)] ?)\d{3}-\d{4})(?![\d\-])"),
        0.8,
    ),
    Rule(
        "DATE_TIME",
        regex.compile(
            rf"(?:{_ERA}|(?<![A-Za-z])[MTSHR]\.? ?)"
            rf"(?:{_COUNT}|元) ?[年./\-] ?{_COUNT} ?[月./\-] ?{_COUNT} ?日?"
        ),
        0.8,
    ),
    Rule(
        "DATE_TIME",
        regex.compile(
            rf"(?:(?<!\d)(?:18|19|20)\d{{2}}|[一二][{_KANJI_DIGITS}]{{3}}) ?[年./\-] ?{_COUNT} ?[月./\-] ?"
            rf"{_COUNT}(?!\d)(?: ?日)?{_CLOCK}"
        ),
        0.8,
    ),
    Rule(
        "DATE_TIME",
        regex.compile(
            # Japanese may stand right beside: 控えは14 October 2014となって.
            rf"(?<![\p{{Latin}}\d])"
            rf"(?:{_MONTH} ?\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)? ?(?:of )?{_MONTH})"
            rf"(?:,? ?(?:18|19|20)\d{{2}})?(?![\p{{Latin}}\d])"
        ),
        0.7,
    ),
)
