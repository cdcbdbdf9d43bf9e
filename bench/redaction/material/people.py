"""Invented people: names that were written down here, and those that mimesis carries, split by name.

A family's or a given name is the development part's or the held-out part's by its digest, whatever script or
accent it is written with, so that no name is on both sides.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

# From mimesis 22.2.0 (MIT): languages whose names are written in Latin letters.
LATIN = ("en", "en-gb", "de", "es", "fi", "fr", "hr", "is", "it", "nl", "pl", "pt", "sv", "tr", "cs", "no")
# Written down here: people whom these lists leave out.
GIVEN = (
    *("Adaeze", "Chukwuemeka", "Folasade", "Kwabena", "Nomvula", "Thandiwe", "Sipho", "Wanjiru", "Aminata"),
    *("Priya", "Arjun", "Lakshmi", "Venkatesh", "Gurpreet", "Harjit", "Shabana", "Farhan", "Zainab", "Yusuf"),
    *(
        "Xiulan",
        "Zhiwei",
        "Meiling",
        "Jiahao",
        "Minh",
        "Thuy",
        "Quang",
        "Somchai",
        "Niran",
        "Jisoo",
        "Hyunwoo",
    ),
    *(
        "Rangi",
        "Aroha",
        "Tamati",
        "Kalani",
        "Leilani",
        "Xochitl",
        "Cuauhtemoc",
        "Siobhan",
        "Caoimhe",
        "Oisin",
    ),
    *("Faith", "Grace", "Rose", "Hunter", "Mason", "River", "Summer", "Joy", "Mark", "Will", "Drew", "Pat"),
)
FAMILY = (
    *("Okonkwo", "Adeyemi", "Mensah", "Dlamini", "Nkosi", "Mwangi", "Diallo", "Traore", "Haile", "Tesfaye"),
    *(
        "Krishnamurthy",
        "Chatterjee",
        "Banerjee",
        "Dhillon",
        "Sandhu",
        "Qureshi",
        "Siddiqui",
        "Rahman",
        "Haddad",
    ),
    *(
        "Zhang",
        "Xu",
        "Ouyang",
        "Nguyen",
        "Tran",
        "Pham",
        "Suwannarat",
        "Srisai",
        "Kim",
        "Cho",
        "Baek",
        "Ishikawa",
    ),
    *("Ngata", "Kahale", "Ahmadi", "Karimi", "O'Sullivan", "Ní Dhomhnaill", "MacGregor", "Fitzsimmons"),
    *("Stone", "Bush", "Brook", "Church", "Field", "Marsh", "Price", "Case", "Bond", "Rich", "Moss", "Frost"),
)
FAMILY_JA = """
佐藤さとう 渡辺わたなべ 斎藤さいとう 長谷川はせがわ 五十嵐いがらし 久保田くぼた 大野おおの
三浦みうら 上野うえの 水野みずの 菅原すがわら 千葉ちば 島田しまだ 福田ふくだ 岡本おかもと
竹内たけうち 森田もりた 宮崎みやざき 原田はらだ 小野寺おのでら 本田ほんだ 金子かねこ 石井いしい
村上むらかみ 近藤こんどう 坂本さかもと 遠藤えんどう 青木あおき 西村にしむら 熊谷くまがい 八木やぎ
星野ほしの 黒田くろだ 堀ほり 関せき 森もり 林はやし 原はら 東ひがし 南みなみ 勅使河原てしがわら
小鳥遊たかなし 百目鬼どうめき 御手洗みたらい 四十物あいもの 東海林しょうじ 五百旗頭いおきべ
長曽我部ちょうそかべ 鬼頭きとう 仲村渠なかんだかり 比嘉ひが 金城きんじょう 喜屋武きゃん 我那覇がなは
知花ちばな 安居院あぐい 土生はぶ 生田目なまため 月見里やまなし 日下部くさかべ 服部はっとり 弓削ゆげ
檜垣ひがき 鷲尾わしお 蓮沼はすぬま 冨樫とがし 濵口はまぐち 髙橋たかはし 﨑山さきやま 辻󠄀井つじい
葛󠄀西かさい 祖父江そぶえ 漆原うるしばら 茅野かやの 櫛田くしだ 鳴海なるみ 塩谷しおや 榊さかき
椿つばき 楠くすのき 栗栖くりす 玉置たまき 勝又かつまた 猪狩いがり 安孫子あびこ 春日かすが
京極きょうごく 白鳥しらとり 錦織にしこおり 神宮寺じんぐうじ 大豆生田おおまみゅうだ 薬師寺やくしじ
纐纈こうけつ
"""
GIVEN_JA = """
健一けんいち 直樹なおき 浩二こうじ 誠まこと 隆たかし 大輔だいすけ 翔太しょうた 拓也たくや 蓮れん
陽翔はると 湊みなと 朔さく 颯太そうた 悠真ゆうま 律りつ 碧あお 樹いつき 大和やまと 岳がく 慧けい
彰あきら 篤志あつし 嘉信よしのぶ 惣一郎そういちろう 万寿夫ますお 栄治えいじ 茂しげる 清きよし
勝まさる 光みつる 実みのる 学まなぶ 薫かおる 忍しのぶ 恵めぐみ 望のぞみ 希のぞみ 美咲みさき
由美子ゆみこ 陽子ようこ 恵子けいこ 真由美まゆみ 千尋ちひろ 彩あや 凛りん 紬つむぎ 陽葵ひまり
結衣ゆい 莉子りこ 詩織しおり 楓かえで 椛もみじ 小春こはる 桜子さくらこ 雪乃ゆきの 八重やえ 千代ちよ
ハルはる 文ふみ 和ほのか 心愛ここあ 夢叶ゆめか 輝星きらり 天音あまね 璃空りく 絆奈はんな 琥珀こはく
柚葉ゆずは 花凜かりん 虎太郎こたろう 龍之介りゅうのすけ 雅美まさみ 弥生やよい 皐月さつき 睦むつみ
操みさお 節子せつこ 貞夫さだお 義明よしあき 国男くにお 武たけし 進すすむ 歩あゆみ
"""


@dataclass(frozen=True)
class Person:
    """A name as it is written; in Japanese also as it is read, in hiragana."""

    given: str
    family: str
    given_read: str = ""
    family_read: str = ""


def mine(name: str, split: str) -> bool:
    """Whether the name is this part's: one in four is for development."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if sign.isalpha()).lower()
    return (hashlib.sha256(plain.encode()).digest()[0] % 4 == 0) == (split == "development")


@cache
def english(split: str) -> tuple[Sequence[Sequence[str]], Sequence[Sequence[str]]]:
    """Given names and families, a list for each language that they come from."""
    givens, families = (
        [[name for name in GIVEN if mine(name, split)]],
        [[n for n in FAMILY if mine(n, split)]],
    )
    for language in LATIN:
        entry = _dataset(language, "person")
        own = [name for names in entry["names"].values() for name in names]
        last = entry["surnames"]
        last = [n for names in last.values() for n in names] if isinstance(last, dict) else last
        givens.append(sorted({name for name in own if mine(name, split)}))
        families.append(sorted({name for name in last if mine(name, split)}))
    return givens, families


@cache
def japanese(split: str) -> tuple[Sequence[tuple[str, str]], Sequence[tuple[str, str]], Sequence[str]]:
    """Given names and families with their readings, and further families without."""
    givens = [pair for pair in map(_pair, GIVEN_JA.split()) if mine(pair[1], split)]
    families = [pair for pair in map(_pair, FAMILY_JA.split()) if mine(pair[1], split)]
    known = {_pair(pair)[0] for pair in FAMILY_JA.split()}
    others = [n for n in _dataset("ja", "person")["surnames"] if n not in known and mine(n, split)]
    return givens, families, sorted(set(others))


def english_person(split: str, dice: random.Random) -> Person:
    """Both names of one language, the written-down ones as often as three of them."""
    givens, families = english(split)
    place = dice.choice([0, 0, 0, *range(len(givens))])
    if place == 0:  # these lists mix: any with any
        return Person(dice.choice(givens[0]), dice.choice(families[0]))
    return Person(dice.choice(givens[place]), dice.choice(families[place]))


def japanese_person(split: str, dice: random.Random, *, read: bool) -> Person:
    """With `read` only names whose readings are known."""
    givens, families, others = japanese(split)
    given, given_read = dice.choice(givens)
    if not read and dice.random() < 0.5:
        return Person(given, dice.choice(others), given_read)
    family, family_read = dice.choice(families)
    return Person(given, family, given_read, family_read)


def katakana(reading: str) -> str:
    return "".join(chr(ord(sign) + 0x60) if "ぁ" <= sign <= "ゖ" else sign for sign in reading)


_KANA = dict(
    re.findall(
        r"(.)=(\w+)",
        """
あ=a い=i う=u え=e お=o か=ka き=ki く=ku け=ke こ=ko さ=sa し=shi す=su せ=se そ=so た=ta ち=chi
つ=tsu て=te と=to な=na に=ni ぬ=nu ね=ne の=no は=ha ひ=hi ふ=fu へ=he ほ=ho ま=ma み=mi む=mu
め=me も=mo や=ya ゆ=yu よ=yo ら=ra り=ri る=ru れ=re ろ=ro わ=wa を=o ん=n が=ga ぎ=gi ぐ=gu げ=ge
ご=go ざ=za じ=ji ず=zu ぜ=ze ぞ=zo だ=da ぢ=ji づ=zu で=de ど=do ば=ba び=bi ぶ=bu べ=be ぼ=bo
ぱ=pa ぴ=pi ぷ=pu ぺ=pe ぽ=po
""",
    )
)
_SMALL = {"ゃ": "ya", "ゅ": "yu", "ょ": "yo"}


def romaji(reading: str) -> str:
    """As in a passport: Hepburn's letters, long vowels written short."""
    said, double = "", False
    for sign in reading:
        if sign in _SMALL:
            vowel = _SMALL[sign]
            said = said[:-1] + (vowel[1:] if said.endswith(("shi", "chi", "ji")) else vowel)
        elif sign == "っ":
            double = True
        else:
            letters = _KANA[sign]
            said += (("t" if letters.startswith("ch") else letters[0]) if double else "") + letters
            double = False
    for long, short in (("ou", "o"), ("oo", "o"), ("uu", "u")):
        said = said.replace(long, short)
    return said.capitalize()


def _pair(written: str) -> tuple[str, str]:
    """A name and, in hiragana behind it, its reading."""
    place = next(at for at, sign in enumerate(written) if "ぁ" <= sign <= "ゖ")
    return written[:place], written[place:]


def _dataset(language: str, name: str) -> dict[str, Any]:
    path = files("mimesis") / "datasets" / language / f"{name}.json"
    said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return said


@cache
def towns(language: str, split: str) -> Sequence[str]:
    return [name for name in _dataset(language, "address")["city"] if mine(name, split)]


@cache
def streets(language: str, split: str) -> Sequence[str]:
    return [name for name in _dataset(language, "address")["street"]["name"] if mine(name, split)]


def suffixes() -> Sequence[str]:
    said: Sequence[str] = _dataset("en", "address")["street"]["suffix"]
    return said


def states(language: str) -> Sequence[str]:
    said: Sequence[str] = _dataset(language, "address")["state"]["name"]
    return said
