"""Names and places that are told by the words about them, and what a form's labels say of their values.

Each rule works on text in NFKC (`workers.redaction.core.normal`). Fields of a row are parted by tabs.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import regex

from workers.redaction.core.spans import TIMEOUT, Rule, Span
from workers.redaction.language import account_numbers, identifiers, spoken, web_addresses
from workers.redaction.language.ja import addresses as japanese_addresses
from workers.redaction.language.ja import labels as japanese_labels
from workers.redaction.language.ja import rules as japanese

LABEL_SCORE = 0.85


RULES = (
    *japanese.RULES,
    Rule(
        "PERSON",
        regex.compile(
            r"(?<![A-Za-z])(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Dear)\.? +)+"
            r"(?<value>\p{Lu}[\p{L}'\-]+(?: +\p{Lu}[\p{L}'.\-]*){0,3})"
        ),
        0.85,
    ),
)


class Label(NamedTuple):
    """What a form calls a field of this kind; `run_in` are Japanese labels that may lack a gap behind."""

    kind: str
    english: str
    japanese: str
    run_in: str


_WHOSE = (
    "full|first|last|middle|given|family|maiden|legal|patient|applicant|customer|client|employee|contact"
    "|account|card ?holder|father|mother|guardian|emergency|your|printed|print|home|work|mobile|cell|daytime"
    "|office|street|mailing|postal|billing|shipping|current|permanent"
)
_WHO = (
    "surname|nickname|patient|applicant|employee|customer|card ?holder|attention|attn|signature"
    "|signed(?: by)?|contact(?: person)?|guardian|spouse|prepared by|issued to|bill to"
    "|ship to|recipient|sender"
)

# Whose name is no person's: product_name, "host name".
_THINGS = (
    "product|file|host|event|project|team|company|firm|brand|model|item|app|application|service|branch|server|table"
    "|column|field|class|package|domain|group|course|school|store|shop|street|road|part|type|module|device|machine"
    "|job|task|plan|policy|database|db|schema|key|variable|function|method|test|build|image|container|cluster|node"
    "|network|bucket|queue|topic|folder|directory|path|sheet|tab|form|report|document|template|menu|page|site|room"
    "|building|user agent|drug|medicine|trade|business|organi[sz]ation|department|section|category|colou?r"
    "|font|style|code"
)
NO_THINGS = rf"(?<!(?<!\p{{L}})(?:{_THINGS})s?[ _\-])"

_NUMBER = r"(?:no|number|#)\.?"

LABELS = (
    Label(
        "PERSON",
        rf"(?:(?:{_WHOSE})(?:'s)? )*name|{_WHO}",
        "姓名?|カナ氏名|漢字氏名|申請者名?|申込者名?|患者名?|契約者名?|代表者名?|担当者?名?|保護者名?|世帯主名?|署名"
        "|ご?本人|使用者名?|受取人名?|宛名|記入者名?|配偶者名?|被保険者名?",
        "氏 {0,3}名|お?名 {0,3}前|フリガナ|ふりがな",
    ),
    Label(
        "PHONE_NUMBER",
        rf"(?:(?:{_WHOSE})(?:'s)? )*(?:tele)?phone(?: ?(?:no|number|#))?\.?|mobile|cell|tel|fax",
        "お?電話|携帯|ご?連絡先|緊急連絡先|ファックス|FAX|TEL|Tel",
        "電話番号|携帯電話(?:番号)?",
    ),
    Label(
        "EMAIL_ADDRESS", r"e-?mail(?: ?address)?", "(?:電子|[Ee]-?)?メール", "(?:電子|[Ee]-?)?メールアドレス"
    ),
    Label(
        "LOCATION",
        rf"(?:(?:{_WHOSE})(?:'s)? )*address|city|town|place of birth|zip(?: ?code)?|post(?:al)? ?code",
        "本籍地?|出生地|勤務先|勤務地",
        "本籍地",
    ),
    Label("JP_ADDRESS", "address in japan", "所在地|居住地", "(?:現|ご|お)?住所"),
    Label("JP_POSTAL_CODE", "japanese postal code", "〒", "郵便番号"),
    Label("DATE_TIME", r"date of birth|birth ?date|birthday|d\.?o\.?b\.?|born", "誕生日", "生年月日"),
    Label("JP_MY_NUMBER", r"my ?number|individual number", "個人番号", "マイナンバー"),
    Label(
        "JP_DRIVING_LICENCE",
        rf"(?:driver'?s?|driving) licen[cs]e(?: ?{_NUMBER})?",
        "運転免許証?",
        "(?:運転)?免許証(?:の)?番号",
    ),
    Label("JP_PASSPORT", rf"passport(?: ?{_NUMBER})?", "旅券|パスポート", "旅券番号|パスポート番号"),
    Label(
        "JP_HEALTH_INSURANCE",
        rf"(?:(?:health|national) )?insurance ?{_NUMBER}|insured ?{_NUMBER}|national insurance"
        rf"|nhs(?: ?{_NUMBER})?",
        "保険証|記号・?番号",
        "保険者番号|被保険者番号|保険証(?:の)?番号|被保険者証記号・?番号",
    ),
    Label("JP_RESIDENCE_CARD", rf"residence card(?: ?{_NUMBER})?", "在留カード", "在留カード(?:の)?番号"),
    Label("JP_PENSION_NUMBER", rf"pension ?{_NUMBER}", "年金番号", "基礎年金番号"),
    Label("JP_BANK_ACCOUNT", rf"(?:bank )?account ?{_NUMBER}|iban", "振込先|口座", "口座番号"),
)

# Labels of what is not personal: they are no value of the label beside them.
_NEUTRAL = (
    "年齢|性別|職業|備考|品名|金額|数量|日付|会社名?|所属|国籍|部署|番号"
    "|(?i:age|sex|gender|occupation|remarks|notes?|items?|amount|date|department|nationality|quantity|no[.]?)"
)

_NOTE = r"(?: ?\([^()\t]{0,24}\))? ?\*?"
_AT_START = r"(?<=(?:^|\t) ?(?:(?:[■□●○・*#※]|\d{1,2}[.)]) ?)?)"


class _Labelled(NamedTuple):
    kind: str
    with_value: regex.Pattern[str]
    alone: regex.Pattern[str]  # fills its field


def _patterns(label: Label) -> _Labelled:
    """An English label ends in a colon or fills its field; a Japanese one may end in a space as well."""
    english = rf"(?i:(?<![\p{{L}}\d])(?:(?!name)|{NO_THINGS})(?:{label.english}))"
    japanese = rf"(?<![\p{{Han}}\p{{Katakana}}])(?:{label.run_in}|{label.japanese})"
    run_in = rf"(?<![\p{{Han}}\p{{Katakana}}])(?:{label.run_in})"
    either = rf"(?:{english}|{japanese}){_NOTE}"
    with_value = (
        rf"(?:{either} ?:[ \t]*|{_AT_START}{either} ?\t[ \t]*"
        rf"|{_AT_START}{japanese}{_NOTE} +|{_AT_START}{run_in}{_NOTE} ?)(?<value>[^\t]+)"
    )
    return _Labelled(
        label.kind, regex.compile(with_value), regex.compile(rf"{_AT_START}{either} ?:? *(?=\t|$)")
    )


_LABELLED = tuple(_patterns(label) for label in LABELS)
_LONE_NEUTRAL = regex.compile(rf"{_AT_START}(?:{_NEUTRAL}){_NOTE} ?:? *(?=\t|$)")
# … with a value of their own behind them, as in "Sex: F"; the label before has lost its own, or has none.
_OTHER_FIELD = regex.compile(rf"(?:{_NEUTRAL}){_NOTE}(?: ?:|(?<=\p{{Han}}) )")


def lone_labels(text: str) -> list[Span]:
    """Fields of the row that hold a label and nothing else: their value may stand beside or below."""
    return [
        Span(hit.start(), hit.end(), kind, LABEL_SCORE)
        for kind, _, alone in _LABELLED
        for hit in alone.finditer(text, timeout=TIMEOUT)
    ]


_SIGNED_IN = r"(?i:(?:[\p{L}']+ ){0,2}(?:signature|signed(?: by)?|sign here))"
_SIGNED_IN_JAPANESE = r"(?:ご?本人|申請者|保護者)?(?:署名欄?|サイン|自署)|[(]?印[)]?|㊞"
_SIGN_HERE = regex.compile(rf"{_AT_START}(?:{_SIGNED_IN}|{_SIGNED_IN_JAPANESE}){_NOTE} ?:? *(?=\t|$|_)")


def heads_a_table(text: str) -> bool:
    """Whether the row has fields, and one of them is a label of what is not personal."""
    return "\t" in text and _LONE_NEUTRAL.search(text, timeout=TIMEOUT) is not None


def signature_labels(text: str) -> list[Span]:
    """Labels beside which someone signs or sets a seal: what stands there is a drawing, not text."""
    return [
        Span(hit.start(), hit.end(), "SIGNATURE", LABEL_SCORE)
        for hit in _SIGN_HERE.finditer(text, timeout=TIMEOUT)
    ]


def _values(text: str) -> Iterator[Span]:
    """What stands behind each label, to the end of its field or to the next label in it."""
    lone = [(span.start, span.end) for span in lone_labels(text)]
    lone += [hit.span() for hit in _LONE_NEUTRAL.finditer(text, timeout=TIMEOUT)]
    hits = [
        (hit.start(), hit.start("value"), hit.end("value"), kind)
        for kind, with_value, _ in _LABELLED
        for hit in with_value.finditer(text, overlapped=True, timeout=TIMEOUT)
    ]
    for _, start, end, kind in hits:
        end = min([end, *(other for other, *_ in hits if start < other < end)])
        first, value = _said(text, start, end, kind)
        value = value.rstrip(" ,;、。." if kind == "EMAIL_ADDRESS" else " ,;、。")
        if _OTHER_FIELD.match(value, timeout=TIMEOUT):
            continue
        # A label beside a label is the head of a table, not its value.
        if value and not any(begin <= start < stop for begin, stop in lone):
            yield Span(first, first + len(value), kind, LABEL_SCORE)


# A word with which the next sentence begins, behind a full stop that is no abbreviation's.
_NEXT_SENTENCE = regex.compile(
    r"(?<=\p{Ll}{3}|\d|[)\]])[.!?] "
    r"(?=(?:The|We|I|It|He|She|They|You|This|That|These|Those|There|Please|Then|If|When"
    r"|After|Before|Our|My|Your|All|No|Not|And|But|So|In|At|On|For|As|Call|Write|Send|See|Meet|Ask|Thank|Thanks)\b)"
)


def _said(text: str, start: int, end: int, kind: str) -> tuple[int, str]:
    """Where the value begins, and itself: without the sentences behind it, and nothing where none is said."""
    value = text[start:end]
    if start and text[start - 1] not in ": \t" and text[start - 1] > "\u02ff":
        offset, value = japanese_labels.value_of(value, kind)
        return start + offset, value
    if kind in ("LOCATION", "PERSON") and (hit := _NEXT_SENTENCE.search(value, timeout=TIMEOUT)):
        value = value[: hit.start()]
    return start, japanese_labels.first_sentence(value)


def find(text: str) -> list[Span]:
    """Every span that a rule or a field label finds; the same words may come up more than once."""
    by_shape = (span for rule in (*identifiers.RULES, *RULES) for span in rule.find(text))
    finders = (account_numbers, japanese_addresses, spoken, web_addresses)
    others = (*(finder.find(text) for finder in finders), _values(text))
    return [*by_shape, *itertools.chain.from_iterable(others)]


def below_labels(rows: list[str]) -> list[list[Span]]:
    """For each row the value of a label with a colon that fills the row above, as "Phone:" does."""
    found: list[list[Span]] = [[] for _ in rows]
    for place, (above, row) in enumerate(itertools.pairwise(rows), start=1):
        label = above.strip()
        if label.endswith(":") and "\t" not in label and ":" not in row:
            value = row.partition("\t")[0].strip()
            kinds = {span.kind for span in lone_labels(label)}
            start = row.find(value)
            found[place] = [Span(start, start + len(value), kind, LABEL_SCORE) for kind in kinds if value]
    return found


KINDS = (
    frozenset(rule.kind for rule in (*identifiers.RULES, *RULES))
    | frozenset(label.kind for label in LABELS)
    | spoken.KINDS
    | {japanese_addresses.KIND, account_numbers.CARD, account_numbers.IBAN, web_addresses.KIND, "SIGNATURE"}
)
