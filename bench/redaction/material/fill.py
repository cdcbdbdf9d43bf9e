"""Fills what was written down with people and numbers: the same samples for the same seed and part."""

from __future__ import annotations

import hashlib
import json
import random
import re
from typing import Any

from material import english, japanese, numbers, people
from material.labels import labels_of

PARTS = ("development", "held-out")
Sample = dict[str, Any]  # text, entities [start, end, kind, personal], group, template, bits of the names

KINDS = {
    **dict.fromkeys(
        (
            "full",
            "first",
            "last",
            "inverted",
            "initial",
            "capitals",
            "lower",
            "other",
            "other_first",
            "romaji",
        ),
        "PERSON",
    ),
    **dict.fromkeys(("spaced", "family", "given", "kana", "hira", "other_family"), "PERSON"),
    "address": "LOCATION",
    "town": "LOCATION",
    "day": "DATE_TIME",
    "birth": "DATE_TIME",
    "phone": "PHONE_NUMBER",
    "email": "EMAIL_ADDRESS",
    "card": "CREDIT_CARD",
    "iban": "IBAN_CODE",
    "ssn": "US_SSN",
    "ip": "IP_ADDRESS",
}


def material(name: str, part: str, seed: int, count: int) -> Any:
    """One set: `count` texts or documents of a language, numbers of each kind, or forms of each language."""
    dice = random.Random(f"{seed} {name} {part}")
    if name in ("numbers", "forms"):
        return {"numbers": _numbers, "forms": _forms}[name](part, count, dice)
    language, _, documents = name.partition("_")
    texts, fill = {"english": (english, _english_values), "japanese": (japanese, _japanese_values)}[language]
    groups = texts.DEVELOPMENT if part == "development" else texts.HELD_OUT
    make = _documents if documents else _texts
    return make(groups, texts.NOBODY[part], count, lambda: fill(part, dice), dice)


def digest(made: Any) -> str:
    return hashlib.sha256(json.dumps(made, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


# --- texts ---------------------------------------------------------------------------------------------


def _texts(groups: Any, nobody: Any, count: int, values: Any, dice: random.Random) -> list[Sample]:
    """Each template as often as any other, up to `count`; then what names nobody, once."""
    templates = [(group, text) for group, texts in groups.items() for text in texts]
    order = [
        one for _ in range(count // len(templates) + 1) for one in dice.sample(templates, len(templates))
    ]
    return [_filled(*one, values()) for one in order[:count]] + [
        _filled("nobody", text, {}) for text in nobody
    ]


def _documents(groups: Any, nobody: Any, count: int, values: Any, dice: random.Random) -> list[Sample]:
    """Up to six templates of one group below each other, all with the same people, and a line of nobody's."""
    made = []
    for place in range(count):
        group = list(groups)[place % len(groups)]
        own = dice.sample(groups[group], min(6, len(groups[group])))
        own.insert(dice.randint(0, len(own)), dice.choice(nobody))
        made.append(_filled(group, "\n".join(own), values()) | {"template": f"{group} {place}"})
    return made


def _filled(group: str, template: str, values: dict[str, str]) -> Sample:
    # Who is called 様 may be hidden with it or without.
    template = re.sub(r"(?<=\})(ちゃん|さん|くん|様|-san)", r"<\1>", template)
    text, entities = "", []
    for piece in re.split(r"(\{\w+\}|<[^<>{}]*>)", template):
        value, start = piece, len(text)
        if piece.startswith("{"):
            name = piece[1:-1]
            value = values[name]
            entities.append([start, start + len(value), KINDS[name], True])
        elif piece.startswith("<") and piece.endswith(">"):
            value = piece[1:-1]
            entities.append([start, start + len(value), "EITHER", False])
        text += value
    return {"text": text, "entities": entities, "group": group, "template": template}


def _english_values(part: str, dice: random.Random) -> dict[str, str]:
    who, other = people.english_person(part, dice), people.english_person(part, dice)
    town = dice.choice(people.towns("en", part))
    number, street = dice.randint(1, 240), dice.choice(people.streets("en", part))
    suffix, state = dice.choice(people.suffixes()), dice.choice(people.states("en"))
    return {
        "full": f"{who.given} {who.family}",
        "first": who.given,
        "last": who.family,
        "inverted": f"{who.family}, {who.given}",
        "initial": f"{who.given[0]}. {who.family}",
        "capitals": f"{who.family} {who.given}".upper(),
        "lower": f"{who.given} {who.family}".lower(),
        "other": f"{other.given} {other.family}",
        "other_first": other.given,
        "address": dice.choice(
            (
                f"{number} {street} {suffix}, {town}",
                f"{number} {street} {suffix}, {town}, {state} {numbers.digits(dice, 5)}",
                f"Flat {dice.randint(1, 30)}, {number} {street} {suffix}, {town}",
            )
        ),
        "town": town,
        "day": numbers.english_day(dice),
        "phone": numbers.english_phone(dice),
        "email": numbers.mail(dice),
        "card": numbers.card(dice),
        "iban": numbers.account(dice),
        "ssn": numbers.social_security(dice),
        "ip": numbers.address(dice),
    }


def _japanese_values(part: str, dice: random.Random) -> dict[str, str]:
    who = people.japanese_person(part, dice, read=True)
    plain, other = (people.japanese_person(part, dice, read=False) for _ in range(2))
    return {
        "full": plain.family + plain.given,
        "spaced": f"{plain.family} {plain.given}",
        "family": plain.family,
        "given": plain.given,
        "kana": people.katakana(f"{who.family_read} {who.given_read}"),
        "hira": who.family_read + who.given_read,
        "romaji": f"{people.romaji(who.given_read)} {people.romaji(who.family_read)}",
        "capitals": f"{people.romaji(who.family_read)} {people.romaji(who.given_read)}".upper(),
        "other": other.family + other.given,
        "other_family": other.family,
        "address": _japanese_address(part, dice),
        "town": dice.choice(people.towns("ja", part)),
        "birth": numbers.japanese_birth(dice),
        "phone": numbers.japanese_phone(dice),
        "email": numbers.mail(dice),
        "card": numbers.card(dice),
        "ip": numbers.address(dice),
    }


_QUARTERS = (
    *("本町", "緑が丘", "大字川上", "字中島", "西新町", "旭町", "桜台", "港南", "北三条西"),
    *("元町", "弁天", "上ノ原", "下河内", "田中", "宮前", "水落", "鳥居前"),
)


def _japanese_address(part: str, dice: random.Random) -> str:
    quarters = [quarter for quarter in _QUARTERS if people.mine(quarter, part)]
    town, quarter = dice.choice(people.towns("ja", part)), dice.choice(quarters)
    a, b, c = dice.randint(1, 9), dice.randint(1, 30), dice.randint(1, 20)
    numbered = dice.choice((f"{a}丁目{b}番{c}号", f"{a}-{b}-{c}", f"{b}番地", f"{b}番地の{c}", f"{a}−{b}"))
    return town + quarter + numbered + dice.choice(("", "", f"　ハイツ{quarter[0]} {a}0{c % 9 + 1}"))


# --- numbers -------------------------------------------------------------------------------------------


def _numbers(part: str, count: int, dice: random.Random) -> dict[str, list[Sample]]:
    sentences = numbers.SENTENCES[part]

    def set_in(kind: str, number: str, *, alone: bool) -> Sample:
        plain = kind.split()[0]
        choice = sentences[""] if alone else sentences.get(plain, sentences[""])
        sentence = dice.choice(choice)
        if dice.random() < 0.25 and plain not in ("EMAIL_ADDRESS", "IBAN_CODE", "US_SSN", "IP_ADDRESS"):
            number = "".join(chr(ord(s) + 0xFEE0) if "!" <= s <= "~" else s for s in number)
        start = sentence.index("{}")
        text = sentence.replace("{}", number)
        entities = [[start, start + len(number), plain, True]]
        return {"text": text, "entities": entities, "group": kind, "template": sentence}

    return {
        "right": [
            set_in(kind, make(dice), alone=False)
            for kind, make in numbers.MAKERS.items()
            for _ in range(count)
        ],
        "wrong": [
            set_in(kind, numbers.wrong(kind, dice), alone=True)
            for kind in numbers.RIGHT
            for _ in range(count)
        ],
    }


# --- forms ---------------------------------------------------------------------------------------------


FORM_KINDS = {
    "name": "PERSON",
    "kana": "PERSON",
    "birth": "DATE_TIME",
    "address": "ADDRESS",
    "town": "ADDRESS",
    "post": "JP_POSTAL_CODE",
    "phone": "PHONE_NUMBER",
    "mail": "EMAIL_ADDRESS",
    "account": "JP_BANK_ACCOUNT",
    "number": "NUMBER",
}


def _forms(part: str, count: int, dice: random.Random) -> list[dict[str, Any]]:
    """`count` lists of fields for each language: eight or so of one group, two of them nobody's."""
    made = []
    for language in ("ja", "en"):
        labels = labels_of(part, language)
        sources = sorted({source for _, _, source in labels})
        unused: dict[str, list[tuple[str, str]]] = {source: [] for source in sources}
        for place in range(count):
            source = sources[place % len(sources)]
            chosen = []
            own = [(asked, label) for asked, label, group in labels if group == source]
            if not unused[source]:  # every label comes before one comes again
                unused[source] = dice.sample(own, len(own))
            while unused[source] and len(chosen) < 9:
                chosen.append(unused[source].pop())
            fields = [
                {
                    "label": label,
                    "asked": asked,
                    "value": _value(asked, language, part, dice),
                    "kind": FORM_KINDS.get(asked),
                }
                for asked, label in chosen
            ]
            made.append({"language": language, "source": source, "fields": fields})
    return made


_NOBODYS = {
    "ja": (
        "特になし",
        "三",
        "角型二号",
        "要相談",
        "平日のみ",
        "普通",
        "白",
        "別紙のとおり",
        "未定",
        "十二枚",
        "有",
        "経費",
        "第二",
    ),
    "en": (
        "none",
        "see over",
        "two",
        "standard",
        "as agreed",
        "blue",
        "n/a",
        "weekdays only",
        "to follow",
        "large",
        "yes",
        "twelve",
    ),
}


def _value(asked: str, language: str, part: str, dice: random.Random) -> str:
    if asked == "nobody":
        return dice.choice(_NOBODYS[language])
    if language == "ja":
        values = _japanese_values(part, dice)
        name = dice.choice(("full", "spaced", "spaced"))
        address = values["address"].replace("　", " ")
        birth, phone, post = values["birth"], numbers.japanese_phone(dice), numbers.postal_code(dice)
    else:
        values = _english_values(part, dice)
        name = dice.choice(("full", "full", "full", "initial", "inverted"))
        address, post = (
            values["address"].split(f", {values['town']}")[0] + f", {values['town']}",
            numbers.digits(dice, 5),
        )
        birth, phone = values["day"], numbers.english_phone(dice)
    return {
        "name": re.sub(r"[\U000E0100-\U000E01EF]", "", values[name]),  # fonts that forms are set in lack them
        "kana": values.get("kana", ""),
        "birth": birth,
        "address": address,
        "town": values["town"],
        "post": post,
        "phone": phone,
        "mail": values["email"],
        "account": numbers.digits(dice, 7),
        "number": dice.choice(
            (numbers.digits(dice, 6), f"{numbers.letters(dice, 1)}-{numbers.digits(dice, 5)}")
        ),
    }[asked]
