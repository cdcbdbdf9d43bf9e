"""Names of persons in Japanese text that the model's own entities miss.

Sudachi, which ja_ginza cuts its words with, says of each whether it is a family's or a given name; a list of
the names that Japanese people bear (japanese-personal-name-dataset) adds spellings and readings. What stands
in neither is judged by its signs: 彩衣 may be in no list, but its signs are those of given names. What
stands beside decides as well: 前田 before 建設 is a firm's, before 部長 a person's.
"""

from __future__ import annotations

import bisect
import math
from collections import Counter
from collections.abc import Iterable
from operator import add
from typing import TYPE_CHECKING

import regex
from japanese_personal_name_dataset import load_dataset

from workers.redaction.core.spans import Span
from workers.redaction.language.ja.rules import is_somebody

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

KIND = "PERSON"
SURE, LIKELY, FAIR = 0.85, 0.6, 0.45


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# How much likelier than in any words the signs have to be in a name's (natural logarithms). Set on the
# development split of the bench, whose names and sentences are others than those that it reports.
FULL, SPACED, GIVEN, TITLED, READ = 1.0, 0.5, 1.5, 0.0, 1.0

_KANJI = regex.compile(r"[\p{Han}々ヶ]+")
_SPACED = regex.compile(
    r"(?<![\p{Han}々\p{Kana}ー])(?<family>[\p{Han}々ヶ]{1,3}) (?<given>[\p{Han}々]{1,3})(?![\p{Han}々])"
)
_KANJI_LINE = regex.compile(r"^[\p{Han}々ヶ]{2,4}$", regex.MULTILINE)
_KANA_LINE = regex.compile(
    r"^(?=.{3,9}$)(?!ヶ{3,4}$)(?:[ぁ-ゖー]+(?: [ぁ-ゖー]+)?|[ァ-ヶー]+(?: [ァ-ヶー]+)?)$", regex.MULTILINE
)
_KANA_RUN = regex.compile(r"[ぁ-ゖー]+(?: [ぁ-ゖー]+)?|[ァ-ヶー]+(?: [ァ-ヶー]+)?")
_MEASURES = ("値", "率", "量", "額", "性", "化")  # 期待値 and 互換性 are nobody
# To the dictionary or the model Mr Hughes, and no name that anybody here bears.
_PARTS = _words(
    "ヒューズ ナット ワッシャー ギア バルブ パッキン ガスケット フランジ スペーサー ノズル リレー"
    " コイル ヒーター センサー スイッチ コネクター コネクタ シャフト ベアリング プーリー レバー"
)
# As parts end and no given name does: 平座金, which the dictionary cuts into 平座 and 金.
_MATERIALS = tuple("金板管弁器機材具盤膜鋼棒軸")
_GRAMMAR = _words(
    "ませ ます まし です でし ない なかっ ください 下さい こと もの とき ため ある あり いる する さ れ られ"
)
_FUNCTIONS = (
    "助詞",
    "助動詞",
    "動詞",
    "連体詞",
    "代名詞",
    "接続詞",
    "副詞",
    "形容詞",
    "接頭辞",
    "接尾辞",
    "空白",
)
_AFTER_NAME = (
    *("は", "が", "を", "に", "の", "と", "へ", "も", "や", "で", " ", "です", "だ", "から", "まで", "より"),
    *("さん", "さま", "ちゃん", "くん", "氏", "、", "。", "様"),
)
_ACTS = (
    *(
        "任せ",
        "頼",
        "聞",
        "尋ね",
        "話",
        "言",
        "述べ",
        "語",
        "答え",
        "思",
        "考え",
        "伝え",
        "渡",
        "会っ",
        "会い",
    ),
    *("確認", "責め", "相談", "連絡", "電話", "怒", "笑", "泣", "休", "遅刻", "退職", "入社", "辞め", "担当"),
    *("持っ", "書", "読ん", "引き受け", "紹介", "報告", "質問", "説明", "発言", "謝", "同意", "賛成", "反対"),
)
# What may follow a name that stands alone; before these it is a person's.
_TITLES = _words(
    "さん 様 さま 氏 君 くん ちゃん 殿 先生 部長 課長 係長 社長 会長 専務 常務 副社長 主任 店長 所長 院長"
    " 校長 教授 准教授 助教 講師 教諭 博士 医師 看護師 弁護士 検事 判事 裁判官 議員 大臣 首相 知事 市長 町長"
    " 村長 監督 選手 投手 捕手 コーチ 容疑者 被告 受刑者 被害者 記者 警部 巡査 刑事 隊員 候補 理事長 理事"
    " 局長 室長 支店長 工場長 教頭 学長 総裁 頭取 代表 取締役 委員 委員長 両氏 両名 夫妻 一家 家 親子 兄弟"
    " 姉妹 アナ アナウンサー"
)
# Behind these a family's name is a place's, a firm's or a thing's.
NOT_PERSONS = _words(
    "市 区 町 村 県 府 都 郡 駅 港 空港 川 山 岳 峠 湖 池 沼 島 岬 橋 坂 通り 街道 城 寺 神社 公園"
    " 病院 医院 クリニック 大学 高校 高等 中学 小学 学園 銀行 信用 証券 生命 保険 製作所 製薬 製菓 製鋼 工業"
    " 産業 建設 商事 商店 商会 電機 電気 電器 自動車 運輸 物流 不動産 食品 化学 重工 鉄工 鉄道 放送 新聞"
    " 書店 書房 出版 酒造 醸造 組 工務店 技研 技術 財閥 グループ ホールディングス 株式 有限 地方 地区 地域"
    " 半島 平野 盆地 焼 織 塗 線 店 支店 時代 幕府"
)
_PLACE_ENDINGS = tuple(NOT_PERSONS - _words("川 山 池 島 橋 坂 寺 村 町 県 線 織 塗 焼 組 沼 岬 店"))
_ENDINGS = sorted(_TITLES, key=len, reverse=True)
_TITLED = regex.compile(
    rf"(?<![\p{{Han}}々])(?<name>[\p{{Han}}々ヶ]{{1,4}}?)(?:{'|'.join(_ENDINGS)})(?!\p{{Han}})"
)
_BEFORE_NAME = _words(
    "社長 長男 次男 三男 長女 次女 妻 夫 父 母 兄 弟 姉 妹 息子 娘 孫 叔父 叔母 祖父 祖母 俳優"
)


class Lists:
    """The names that are known, and how likely their signs are in a name. None of `without` is known."""

    def __init__(self, without: frozenset[str] = frozenset()) -> None:
        men, women, families = load_dataset("org", include_last_names=True)
        self.without = without
        self.families = {name: entry["reading"] for name, entry in families.items() if name not in without}
        self.givens: dict[str, list[str]] = {}
        for side in (men, women):
            for reading, entry in side.items():
                for kanji in entry["kanji"]:
                    if kanji not in without:
                        self.givens.setdefault(kanji, []).append(reading)
        self.family_readings = {word for word in self.families.values() if len(word) > 1} - without
        self.given_readings = {
            reading for side in (men, women) for reading in side if len(reading) > 1
        } - without
        self._family_signs = _Signs(self.families)
        self._given_signs = _Signs(self.givens)
        self._family_sounds = _Sounds(self.family_readings)
        self._given_sounds = _Sounds(self.given_readings)
        self._sounds = _Sounds(())
        self._signs: Counter[str] = Counter()
        self._all = 1

    def learn(self, words: Iterable[str]) -> None:
        """Take the signs and sounds of a language's words for what is usual."""
        # Hundreds of thousands of words at each start: told in one pass, and counted as one text.
        lines = "\n".join(word for word in words if 2 <= len(word) <= 9)
        self._signs.update("".join(_KANJI_LINE.findall(lines)))
        self._sounds = _Sounds(_hiragana("\n".join(_KANA_LINE.findall(lines))).split("\n"))
        self._all = sum(self._signs.values()) + 1

    def readings_of_family(self, name: str) -> list[str]:
        return [self.families[name]] if name in self.families else []

    def readings_of_given(self, name: str) -> list[str]:
        return self.givens.get(name, [])

    def family(self, word: str) -> float:
        """How much likelier the word's signs are in a family's name than in any word: the logarithm."""
        return self._family_signs.likelihood(word) - self._usual(word)

    def given(self, word: str) -> float:
        return self._given_signs.likelihood(word) - self._usual(word)

    def read(self, family: str, given: str) -> float:
        """How much likelier two readings are a family's and a given name than any words."""
        both = self._family_sounds.likelihood(family) + self._given_sounds.likelihood(given)
        return both - self._sounds.likelihood(family + given)

    def _usual(self, word: str) -> float:
        return sum(math.log((self._signs[sign] + 1) / self._all) for sign in word)

    def full(self, word: str) -> float:
        """The same for a family's and a given name in a row, cut where it is likeliest."""
        return max(
            (
                self.family(word[:cut]) + self.given(word[cut:])
                for cut in range(1, min(4, len(word)))
                if 1 <= len(word) - cut <= 3
            ),
            default=-math.inf,
        )


class _Signs:
    """How often each sign is the first, the last or another of a name."""

    def __init__(self, names: Iterable[str]) -> None:
        self._counts: tuple[Counter[str], Counter[str], Counter[str]] = (Counter(), Counter(), Counter())
        for name in names:
            for place, sign in enumerate(name):
                self._counts[self._at(place, name)][sign] += 1
        self._sums = [sum(count.values()) + 1 for count in self._counts]

    @staticmethod
    def _at(place: int, name: str) -> int:
        if place == 0:
            return 0
        return 1 if place == len(name) - 1 else 2

    def likelihood(self, word: str) -> float:
        return sum(
            math.log((self._counts[at][sign] + 0.05) / self._sums[at])
            for at, sign in ((self._at(place, word), sign) for place, sign in enumerate(word))
        )


class _Sounds:
    """How often each kana follows another in words of one sort, from their beginning to their end."""

    def __init__(self, words: Iterable[str]) -> None:
        framed = "".join(f"^{word}$" for word in words)
        self._first = Counter(framed)
        self._pairs = Counter(map(add, framed, framed[1:]))
        # What lies between two words was counted with them.
        del self._first["$"], self._pairs["$^"]

    def likelihood(self, word: str) -> float:
        framed = f"^{word}$"
        return sum(
            math.log((self._pairs[framed[at : at + 2]] + 0.5) / (self._first[framed[at]] + 40))
            for at in range(len(framed) - 1)
        )


def find(doc: Doc, lists: Lists) -> list[Span]:
    """Spans of characters. The document has Sudachi's tags and the model's entities."""
    tokens, text = list(doc), doc.text  # made anew whenever it is asked for
    return [
        *_listed(tokens, text, lists),
        *_by_signs(tokens, text, lists),
        *_in_kana(tokens, text, lists),
    ]


def is_place(text: str) -> bool:
    """Whether it ends as a castle's, a station's or a firm's name does."""
    return text.endswith(_PLACE_ENDINGS)


def is_nobody(text: str) -> bool:
    """Whether what a model takes for a person is a place, a part, a measure, or words with their particle."""
    if is_place(text) or text in _PARTS or "を" in text:
        return True
    return len(text) > 2 and text.endswith(_MEASURES) and _KANJI.fullmatch(text) is not None


def _is_family(token: Token, lists: Lists) -> bool:
    return token.tag_.endswith("人名-姓") and token.text not in lists.without


def _is_given(token: Token, lists: Lists) -> bool:
    # A program's name in small Latin letters looks like a stranger's to the dictionary.
    small = token.text.isascii() and token.text.islower()
    known = token.tag_.endswith(("人名-名", "人名-一般")) and token.text not in lists.without
    return known and not small and token.text not in _PARTS


def _beside(token: Token, tokens: list[Token], text: str) -> Token | None:
    """The next word, if nothing or one space stands between."""
    if token.i + 1 >= len(tokens):
        return None
    after = tokens[token.i + 1]
    gap = text[token.idx + len(token.text) : after.idx]
    return after if gap in ("", " ") else None


def _listed(tokens: list[Token], text: str, lists: Lists) -> list[Span]:
    """Names that a list holds: a family's with what may be the given one behind it, or either alone."""
    found: list[Span] = []
    for token in tokens:
        family = _is_family(token, lists)
        maybe = family or token.text in lists.families
        after = _beside(token, tokens, text)
        end = token.idx + len(token.text)
        if maybe and after is not None:
            given_end = _given_end(after, tokens, lists)
            whole = text[token.idx : given_end]
            if given_end and token.text not in lists.families and _is_made(whole, lists):
                continue
            if given_end:
                found.append(Span(token.idx, given_end, KIND, SURE))
                continue
            if after.text in _TITLES and after.idx == end:
                found.append(Span(token.idx, end, KIND, SURE))
                continue
        if family and not (after is not None and after.idx == end and after.text in NOT_PERSONS):
            found.append(Span(token.idx, end, KIND, LIKELY))
        elif _is_given(token, lists) and len(token.text) > 1:
            begin = _family_begin(token, tokens, lists)
            found.append(Span(begin, end, KIND, LIKELY if begin < token.idx else FAIR))
    return found


def _is_made(word: str, lists: Lists) -> bool:
    """Whether it ends as a part of a machine does, and has no name's signs."""
    return len(word) > 2 and word.endswith(_MATERIALS) and lists.full(word) < 0


def _given_end(token: Token, tokens: list[Token], lists: Lists) -> int:
    """Where a given name ends that begins at this word, in up to three of Sudachi's; 0 where none does."""
    best = 0
    text, at = "", token
    for _ in range(3):
        text += at.text
        known = text in lists.givens or (at is token and _is_given(at, lists))
        likely = 1 < len(text) <= 3 and _KANJI.fullmatch(text) and lists.given(text) > 1.5
        if (known or likely) and text not in _TITLES and text not in NOT_PERSONS:
            best = at.idx + len(at.text)
        if at.i + 1 >= len(tokens) or tokens[at.i + 1].idx != at.idx + len(at.text) or len(text) > 3:
            break
        at = tokens[at.i + 1]
        if not _KANJI.fullmatch(at.text) or at.text in _TITLES:
            break
    return best


def _family_begin(token: Token, tokens: list[Token], lists: Lists) -> int:
    """Where a family's name of no list begins that a given name follows; else where the given name does."""
    begin, word = int(token.idx), ""
    for before in reversed(tokens[max(0, token.i - 3) : token.i]):
        if before.idx + len(before.text) != begin or not _KANJI.fullmatch(before.text):
            break
        longer = before.text + word
        if len(longer) > 3 or before.text in _BEFORE_NAME or before.text in _TITLES:
            break
        begin, word = int(before.idx), longer
    return begin if word and lists.family(word) > 0 else int(token.idx)


def _by_signs(tokens: list[Token], text: str, lists: Lists) -> list[Span]:
    """Names of no list, by their signs and by what stands about them."""
    found: list[Span] = []
    for hit in _TITLED.finditer(text):
        name = hit["name"]
        if is_somebody(name) and (name in lists.families or lists.family(name) > TITLED):
            found.append(Span(*hit.span("name"), KIND, FAIR))
    for hit in _SPACED.finditer(text):
        family, given = hit["family"], hit["given"]
        if family in _BEFORE_NAME | _TITLES or given in _TITLES | NOT_PERSONS:
            continue
        if lists.family(family) + lists.given(given) > SPACED:
            found.append(Span(*hit.span(), KIND, FAIR))
    starts = [token.idx for token in tokens]
    for hit in _KANJI.finditer(text):
        first, last = bisect.bisect_left(starts, hit.start()), bisect.bisect_left(starts, hit.end())
        word, tags = hit.group(), [token.tag_ for token in tokens[first:last]]
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) > len(ending):
                word = word.removesuffix(ending)
                break
        ordinary = (len(tags) == 1 and "固有名詞" not in tags[0]) or word.endswith(_PLACE_ENDINGS + _MEASURES)
        if ordinary or any("数詞" in tag for tag in tags):
            continue
        if (3 <= len(word) <= 6 and lists.full(word) > FULL) or (
            2 <= len(word) <= 3 and word == hit.group() and lists.given(word) > GIVEN
        ):
            found.append(Span(hit.start(), hit.start() + len(word), KIND, FAIR))
    return [*found, *_who_acts(tokens, lists)]


def _who_acts(tokens: list[Token], lists: Lists) -> list[Span]:
    """A family's name that is a place's as well, where somebody does or is told something."""
    found: list[Span] = []
    for token, particle, verb in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if not token.tag_.endswith(("地名-一般", "固有名詞-一般", "人名-姓")) or particle.tag_[:2] != "助詞":
            continue
        known = token.text in lists.families or (len(token.text) <= 3 and lists.family(token.text) > TITLED)
        if known and verb.text.startswith(_ACTS):
            found.append(Span(token.idx, token.idx + len(token.text), KIND, FAIR))
    return found


def _in_kana(tokens: list[Token], text: str, lists: Lists) -> list[Span]:
    """A family's and a given name in hiragana or in katakana, with or without a space."""
    found: list[Span] = []
    for run in _KANA_RUN.finditer(text):
        plain = _hiragana(run.group())
        behind_kanji = run.start() > 0 and _KANJI.fullmatch(text[run.start() - 1]) is not None
        for begin in _begins(plain):
            if begin == 0 and behind_kanji and "ぁ" <= run.group()[0] <= "ゖ":
                continue  # the end of a word that is written with kanji
            end, known = _read(plain, begin, lists)
            if end and not _is_grammar(tokens, run.start() + begin, run.start() + end, known=known):
                found.append(Span(run.start() + begin, run.start() + end, KIND, LIKELY))
                break
    return found


def _is_grammar(tokens: list[Token], start: int, end: int, *, known: bool) -> bool:
    """Whether what stands here is endings and particles, as ありません is, and no name."""
    inside = [token for token in tokens if start < token.idx + len(token.text) and token.idx < end]
    if not known and any(token.text in _GRAMMAR for token in inside):
        return True
    return all(token.tag_.startswith(_FUNCTIONS) for token in inside)


_TO_HIRAGANA = {sign: sign - 0x60 for sign in range(ord("ァ"), ord("ヶ") + 1)}


def _hiragana(text: str) -> str:
    return text.translate(_TO_HIRAGANA)


def _begins(run: str) -> list[int]:
    return [0] + [place + 1 for place, sign in enumerate(run[:12]) if sign in "はがをにのとへもやで "]


def _read(run: str, begin: int, lists: Lists) -> tuple[int, bool]:
    """Where a name ends that begins here, 0 where none does; and whether lists hold both of its parts.

    Behind it only a particle or a title may follow.
    """
    cuts = []
    for cut in range(min(len(run), begin + 6), begin + 1, -1):
        start = cut + 1 if run[cut : cut + 1] == " " else cut
        ends = [
            end
            for end in range(min(len(run), start + 6), start + 1, -1)
            if " " not in run[begin:cut] + run[start:end] and _may_end(run[end:])
        ]
        cuts += [(cut, start, end) for end in ends]
    for cut, start, end in cuts:
        if run[begin:cut] in lists.family_readings and run[start:end] in lists.given_readings:
            return end, True
    for cut, start, end in cuts:
        asked = READ - 1 if start > cut else READ
        if end - begin >= 5 and lists.read(run[begin:cut], run[start:end]) > asked:
            return end, False
    return 0, False


def _may_end(rest: str) -> bool:
    return not rest or rest.startswith(_AFTER_NAME)
