"""Invented people for forms: names and addresses of two packages, which know nothing of our lists.

Answers `{"ja": [{"name", "kana", "address"}], "en": [{"name", "address"}]}`. The development split takes
Japanese names from Faker and British ones, the held-out one takes them from gimei and American ones.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from faker import Faker
from gimei import Gimei


def main() -> None:
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    random.seed(asked["seed"])
    Faker.seed(asked["seed"])
    held_out = asked["split"] == "held-out"
    japanese = from_gimei if held_out else from_faker
    english = Faker("en_US" if held_out else "en_GB")
    answer = {
        "ja": [japanese() for _ in range(asked["count"])],
        "en": [
            {
                "name": f"{english.first_name()} {english.last_name()}",
                "address": f"{english.street_address()}, {english.city()}".replace("\n", ", "),
            }
            for _ in range(asked["count"])
        ],
    }
    Path(sys.argv[2]).write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")


def house() -> str:
    return f"{random.randint(1, 9)}-{random.randint(1, 29)}-{random.randint(1, 20)}"


def from_gimei() -> dict[str, str]:
    gimei = Gimei()
    name, address = gimei.name, gimei.address
    return {"name": name.kanji, "kana": name.katakana, "address": address.kanji + house()}


FAKER = Faker("ja_JP")


def from_faker() -> dict[str, str]:
    place = f"{FAKER.prefecture()}{FAKER.city()}{FAKER.town()}"
    name = f"{FAKER.last_name()} {FAKER.first_name()}"
    kana = f"{FAKER.last_kana_name()} {FAKER.first_kana_name()}"
    return {"name": name, "kana": kana, "address": place + house()}


main()
