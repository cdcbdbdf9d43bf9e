"""What keys, heads of columns and names of elements ask for: `lastName`, `customer_phone`, `<given>`, 氏名.

Forms' labels are known to `forms.labels`. Data adds its own ways: words run together, plurals, a key whose
meaning its parent says, as in {"customer": {"first": "Rose"}}.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence

import regex

from workers.redaction.core.escapes import INVISIBLE
from workers.redaction.core.spans import TIMEOUT
from workers.redaction.forms import labels
from workers.redaction.forms.labels import NEUTRAL

_HUMP = regex.compile(r"(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})|[_\-.\s]+")
_INVISIBLE = regex.compile(f"[{INVISIBLE}]")
_NUMBERED = regex.compile(r"[ ]?\d{1,2}$")
_PERSONS = (
    "customer|client|patient|applicant|employee|student|contact|member|user|guest|tenant|owner|driver|author|person"
    "|people|buyer|seller|sender|recipient|receiver|payer|payee|holder|insured|beneficiary|guardian|parent|child"
    "|spouse|father|mother|partner|visitor|attendee|participant|candidate|passenger|doctor|nurse|physician|teacher"
    "|manager|supervisor|representative|staff|agent|account ?holder|card ?holder|emergency contact|next of "
    "kin"
    "|subscriber|resident|witness|caller|approver|reviewer|reporter|assignee|requester|signatory|signer|borrower"
    "|lender|donor|volunteer|consignee|billing|shipping|delivery|lead|prospect|respondent|victim|suspect|claimant"
)
_OWN = (
    (
        "PERSON",
        rf"(?:(?:{_PERSONS}) )?(?:(?:first|last|middle|given|family|full|display|maiden|legal|birth"
        rf"|preferred|sur|nick"
        rf"|fore|christian|father|mother|spouse|maternal|paternal) ?names?|[fl] ?name|names?|initials)"
        rf"(?: (?:kana|kanji|furigana|roma?ji|en|ja|jp|latin|local))?"
        rf"|(?:{_PERSONS})s?(?: names?)? (?:first|last|given|family|middle|full)|(?:name|names) (?:first"
        rf"|last|given"
        r"|family|middle|full|text|kana|kanji)|(?:first|last|given|family|sei|mei|full|simei|shimei)(?: "
        r"?name)? ?kana"
        r"|furigana|yomigana|shimei|simei|namae|セイ|メイ|姓\(?カナ\)?|名\(?カナ\)?|せい|めい|カナ|ふりがな|氏名カナ"
        r"|(?:nom|prénom|vorname|nachname|nombre|apellidos?|cognome|姓名|이름|ФИО)",
    ),
    (
        "PHONE_NUMBER",
        rf"(?:(?:{_PERSONS}|home|work|office|day|evening|mobile|cell|emergency|primary|secondary|contact) )*"
        r"(?:(?:tele)?phone|mobile|cell(?:ular)?|cell ?phone|tel|fax|msisdn|whatsapp|handy|telefon)"
        r"(?: ?(?:no|num|number|nr|nbr|#|e164|mobile|home|work))?s?",
    ),
    (
        "EMAIL_ADDRESS",
        rf"(?:(?:{_PERSONS}|home|work|private|primary|secondary|contact|business|login|reply to|from|to) )*"
        r"(?:e ?mail|mail)(?: ?(?:addr|address|id|to))?(?:e?s)?",
    ),
    (
        "LOCATION",
        rf"(?:(?:{_PERSONS}|home|work|street|mailing|postal|permanent|current|residential|business|full"
        rf"|from|to) )*"
        r"(?:addr?|adr|address|street|strasse|straße|adresse)(?: ?(?:line|street|city|zip|full|text|name|no"
        r"|number))?(?:e?s)?"
        rf"|(?:(?:{_PERSONS}|home|birth) )(?:city|town|zip|zip ?code|postcode|postal ?code)|post ?code"
        rf"|postal|zip ?code"
        r"|birth ?place|place of birth",
    ),
    ("JP_ADDRESS", r"(?:.{0,6})住所(?:1|2|１|２)?|jusho"),
    (
        "DATE_TIME",
        r"(?:.{1,20} )?(?:date of birth|birth ?date|birth ?day|dob|born|birth)(?: ?(?:date|on|at))?",
    ),
    ("US_SSN", r"ssn|social security(?: (?:no|num|number))?|social insurance(?: (?:no|num|number))?|nino"),
    (
        "CREDIT_CARD",
        r"(?:credit|debit|payment|bank)? ?card ?(?:no|num|number|nr|pan)|pan|cc ?(?:no|num|number)",
    ),
    ("IBAN_CODE", r"(?:.{1,20} )?iban"),
    ("JP_MY_NUMBER", r"my ?number|kojin bango|individual number"),
    ("JP_BANK_ACCOUNT", r"(?:bank )?(?:account|acct) ?(?:no|num|number|nr)|kouza"),
)
_KNOWN = tuple((kind, regex.compile(rf"(?:{words})", regex.IGNORECASE)) for kind, words in _OWN)
# Of persons as often as of machines, teams and things: the value says which.
_SOFT = regex.compile(
    rf"(?:{_PERSONS})s?|users?|user ?name|logins?|authors?|assignees?|(?:[a-z]+ed|by|signed|written|taken) "
    rf"by|who"
    r"|from|to|b?cc|reply to|senders?|recipients?|hosts?|speakers?|operators?|engineers?|attendees|members"
    r"|people"
    r"|participants|contacts|colleagues?|managers?|persons?|names?|first|last|given|family|handler|responsible|lead|creator|editor|modifier"
    r"|updater|approvers?|reviewers?|reporters?|requesters?|担当|作成者|更新者|登録者|承認者|送信者|受信者|宛先|差出人"
    r"|kund(?:e|in|en)|mitarbeiter(?:in)?|ansprechpartner(?:in)?|auftraggeber(?:in)?|empfänger(?:in)?|absender(?:in)?"
    r"|bearbeiter(?:in)?|cliente?s?|destinataire|expéditeur|empleado|dipendente|klant|klient|kunder?",
    regex.IGNORECASE,
)
# Keys that say nothing alone; the one above them does.
_VAGUE = regex.compile(
    r"first|last|given|family|middle|full|names?|text|values?|display|number|no|id|lines?|items?|kana|kanji|en|ja"
    r"|formatted|content|data",
    regex.IGNORECASE,
)
_OF_ANYTHING = ("name", "names", "full name", "text", "value")
# What else has a name.
_THINGS = regex.compile(
    r"(?:.* )?(?:products?|items?|files?|folders?|director(?:y|ies)|compan(?:y|ies)|organi[sz]ations?"
    r"|firms?|teams?"
    r"|departments?|groups?|projects?|services?|servers?|hosts?|devices?|modules?|packages?|librar(?:y|ies)|dependencies"
    r"|class(?:es)?|functions?|methods?|columns?|tables?|fields?|params?|parameters?|attributes?|variables?|events?"
    r"|jobs?|tasks?|steps?|stages?|pipelines?|workflows?|categor(?:y|ies)|tags?|colou?rs?|fonts?|themes?|icons?|countr(?:y"
    r"|ies)|cit(?:y|ies)|states?|regions?|currenc(?:y|ies)|languages?|brands?|models?|parts?|articles?|materials?|stores?"
    r"|shops?|warehouses?|branch(?:es)?|schools?|hospitals?|banks?|hotels?|courses?|plans?|roles?|status(?:es)?|types?"
    r"|versions?|releases?|repositor(?:y|ies)|repos?|branches|images?|containers?|volumes?|networks?|databases?|schemas?"
    r"|queues?|topics?|channels?|metrics?|labels?|licen[sc]es?|engines?|plugins?|extensions?|scripts?|commands?|rules?"
    r"|policies|policy|certificates?|domains?|sites?|pages?|buttons?|forms?|sheets?|reports?|templates?|documents?)",
    regex.IGNORECASE,
)
_NAME = regex.compile(
    r"(?:\p{Lu}[\p{L}\p{M}'’.\-]*|d[aeiou]s?|del|della|v[ao]n|der|den|bin|al|el|la|le|y|e)"
    r"(?:[ ,]{1,2}(?:\p{Lu}[\p{L}\p{M}'’.\-]*|d[aeiou]s?|del|della|v[ao]n|der|den|bin|al|el|la|le|y|e)){0,5}"
    r"|[\p{Han}々ヶ\p{Hiragana}\p{Katakana}ー・ 　]{2,20}(?:様|さん|氏)?"
)
_NOBODY = regex.compile(
    r"(?:the )?(?:admin(?:istrator)?s?|system|root|guest|anonymous|unknown|none|null|n/a|na|support"
    r"|service|server|test"
    r"|default|everyone|all|nobody|user|customer|client|public|sales|team|bot|daemon|api|web|true|false|yes|no|info"
    r"|管理者|システム|担当者?|不明|なし|総務部?|営業部?|経理部?|人事部?|開発部?|全員|未定|同上)"
    r"(?: team| user| account)?",
    regex.IGNORECASE,
)


def words(name: str) -> str:
    """The name in words: `customerFirst_name` is "customer First name"."""
    seen = _INVISIBLE.sub("", unicodedata.normalize("NFKC", name))
    bare = seen.rpartition(":")[2] if not seen.endswith(":") else seen.rstrip(":")
    return " ".join(_HUMP.sub(" ", bare.strip().strip("\"'`[]@$*")).split())


def meaning(names: Sequence[str]) -> tuple[str, bool]:
    """What a value is hidden as that has these names, its own last; and whether it has to look like one."""
    return _meaning(tuple(words(name) for name in names[-3:]))


def title(names: Sequence[str]) -> str:
    """What stands before the value for the analysers; nothing where the name of a thing is asked for."""
    said = words(names[-1]) if names else ""
    if (
        len(names) > 1
        and said.lower() in _OF_ANYTHING
        and _THINGS.fullmatch(words(names[-2]), timeout=TIMEOUT)
    ):
        return ""
    return said


@functools.lru_cache(maxsize=20_000)
def _meaning(names: tuple[str, ...]) -> tuple[str, bool]:
    own = names[-1] if names else ""
    tight = _NUMBERED.sub("", own)
    if not tight or len(tight) > labels.LONGEST:
        return NEUTRAL, False
    if _VAGUE.fullmatch(tight):
        for above in reversed(names[:-1]):
            if tight.lower() in _OF_ANYTHING and _THINGS.fullmatch(above, timeout=TIMEOUT):
                return NEUTRAL, False
            kind, soft = _judged(f"{above} {tight}")
            if kind is None and tight.lower() not in ("id", "number", "no"):
                kind, soft = _judged(_singular(above))
                if kind == "PERSON" and tight.lower() in (
                    "first",
                    "last",
                    "given",
                    "family",
                    "middle",
                    "full",
                    "name",
                ):
                    soft = False
            if kind not in (None, NEUTRAL):
                return str(kind), soft
    kind, soft = _judged(tight)
    return (NEUTRAL, False) if kind is None else (kind, soft)


def _judged(said: str) -> tuple[str | None, bool]:
    for kind, pattern in _KNOWN:
        if pattern.fullmatch(said, timeout=TIMEOUT):
            return kind, False
    if _SOFT.fullmatch(said, timeout=TIMEOUT):
        return "PERSON", True
    for form in dict.fromkeys((said, _singular(said))):
        label = labels.whole(form, sure=True)
        if label is not None:
            return label.kind, False
    return None, False


def _singular(said: str) -> str:
    return said[:-1] if said.endswith("s") and not said.endswith("ss") else said


@functools.lru_cache(maxsize=20_000)
def of_a_column(name: str) -> tuple[str, bool, bool]:
    """What the column below this head is hidden as, whether softly, and whether the cell is a head at all."""
    said = words(name)
    label = labels.whole(said) if said else None
    if label is not None and label.kind != NEUTRAL:
        return label.kind, False, True
    kind, soft = _meaning((said,))
    return (kind, soft, True) if kind != NEUTRAL else (NEUTRAL, False, label is not None)


def looks_like_a_name(value: str) -> bool:
    """Whether a value under a head such as "user" is a person's name, and no service's or team's."""
    bare = value.strip().strip("\"'")
    return (
        len(bare) > 1
        and _NAME.fullmatch(bare, timeout=TIMEOUT) is not None
        and any(sign.isupper() or sign > "\u2fff" for sign in bare)
        and _NOBODY.fullmatch(bare, timeout=TIMEOUT) is None
    )
