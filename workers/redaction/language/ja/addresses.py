"""Japanese addresses, from the prefecture or the town to the room, and not into the sentence behind.

東京都渋谷区道玄坂2丁目10番7号 第一ビル5階, 京都市中京区烏丸通御池下る虎屋町566-1,
札幌市北区北24条西5丁目. An address is a place that a prefecture leads to, or one that a block's number
closes, or a corner of Kyoto's. Behind these there may be a building. What goes on without a word of a
sentence up to the end of its field belongs to it, as on a form. The text is in NFKC; tabs part fields.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from workers.redaction.core.spans import TIMEOUT, Span

KIND = "JP_ADDRESS"
WITH_PREFECTURE, WITH_TOWN, BLOCK_ALONE = 0.9, 0.85, 0.8

# Hiragana that begin no part of a place's name: particles and endings.
_GRAMMAR = (
    "における|において|について|により|による|には|では|とは|から|まで|より|など|です|でし|ます|まし|した|する|して|という"
    "|のは|のが|のを|への|での|ある|いる|あり|この|その|ので|また|および|として|でき|こと|もの|ほか|だけ|にて|にあ|にお|ならび"
)
_SIGN = r"[\p{Han}\p{Katakana}ー々ヶケヵ]"
# 丸の内, 霞が関, 上る; あきる野, みなとみらい.
_KANA = (
    r"(?:[のがつ](?=\p{Han})|(?<=[上下入])る"
    rf"|(?!{_GRAMMAR})[\p{{Hiragana}}ー]{{2,6}}(?=[\p{{Han}}\p{{Katakana}}\d]))"
)
_AREA = rf"(?:{_SIGN}|{_KANA}|(?<={_SIGN}) (?={_SIGN}|\d))"
_NUMBER = r"(?:\d{1,4}|[〇一二三四五六七八九十百]{1,4})"
_UNIT = r"(?:丁目|番地割?|番町?|地割|号(?![機車線館俸])|条通?|線(?=[東西南北])|-|ノ|の(?=\d))"
_STEP = rf"[東西南北]?{_NUMBER} ?{_UNIT}"
_BLOCK = (
    rf"{_STEP}(?: ?{_STEP}){{0,4}}"
    r"(?: ?[東西南北]?\d{1,4}(?![\d%円個件名人年月日時分回本台階F.,:]))?"
)
_CORNER = r"(?:(?:上|下|東入|西入)[るル]|[東西]入)"
# 区分 and 市場 are no parts of a place.
_TOWN = r"(?:市(?![場販況民価街])|区(?![分画間別域切])|町(?!工場|内会|民)|村(?![民])|郡)"
_PREFECTURE = r"(?:東京都|北海道|(?:京都|大阪)府|(?<!\p{Han})\p{Han}{2,3}県)"
_HOUSE = (
    "ビル(?:ディング)?|マンション|ハイツ|コーポ|アパート|タワー|レジデンス|メゾン|ハウス|プラザ|パーク|棟|荘|寮|団地|会館|館|センター"
    "|スクエア|ヒルズ|ガーデン|コート|パレス|テラス|ヴィラ|シティ|住宅|県営|市営"
)
_ROOM = "号室|号棟|階|室|棟|F"
# With its room; hiragana stand in it before and behind its kind alone: ひまわり荘201, コーポさくら101号室.
_BUILDING = (
    rf"(?: ?(?:{_SIGN}|[A-Za-z\d・&'’.\-]|(?<=\d) (?=\d)|(?<={_HOUSE}) (?=\d)"
    rf"|(?!{_GRAMMAR})[\p{{Hiragana}}ー]{{2,6}}(?={_HOUSE})"
    rf"|(?<={_HOUSE})(?!{_GRAMMAR})[\p{{Hiragana}}ー]{{2,6}}(?= ?\d)){{1,26}}"
    rf"(?<=(?:{_HOUSE})[\p{{Hiragana}}\p{{Katakana}}\p{{Han}}ー]{{0,8}} ?"
    rf"(?:[A-Z]?\d{{1,4}}(?:-\d{{1,4}})?)(?:号|{_ROOM})?|(?:{_HOUSE})|\d(?:{_ROOM})))"
)
_CLOSED = rf"(?:{_BLOCK}|{_CORNER})"
_TAIL = (
    rf"(?:{_AREA}{{0,14}}?{_CLOSED}){{0,3}}"
    rf"(?:{_AREA}{{1,8}}(?<=町)(?:\d{{1,4}}(?:-\d{{1,4}})*)?)?{_BUILDING}?"
)
_ADDRESSES = (
    (
        regex.compile(
            rf"{_PREFECTURE} ?{_AREA}{{1,10}}?{_TOWN}"
            rf"(?:{_AREA}{{0,20}}?{_CLOSED}{_TAIL}|(?:{_SIGN}{{1,8}}?{_TOWN})?{_SIGN}{{0,8}})"
        ),
        WITH_PREFECTURE,
    ),
    (regex.compile(rf"{_AREA}{{1,12}}?{_TOWN}{_AREA}{{0,20}}?{_CLOSED}{_TAIL}"), WITH_TOWN),
    (regex.compile(rf"{_AREA}{{1,12}}?\d{{1,3}} ?(?:丁目|番地){_TAIL}"), BLOCK_ALONE),
)
# What stands in a sentence and in no address.
_SENTENCE = regex.compile(
    r"[。、!?「」『』()（）:;,]|[はがをにでとへも](?![\p{Katakana}])|です|ます|した|する|から|まで|より|など|の(?!\d)"
)
_REST = regex.compile(r"[^\t]*")
LONGEST_REST = 40  # signs of a building that no word tells


def find(text: str) -> Iterator[Span]:
    """Every address; the same one may come up more than once."""
    for pattern, score in _ADDRESSES:
        for hit in pattern.finditer(text, timeout=TIMEOUT):
            yield Span(hit.start(), _end(text, hit.end()), KIND, score)


def _end(text: str, end: int) -> int:
    """Where the address ends: with its field, where nothing of a sentence stands behind it."""
    rest = _REST.match(text, end)
    behind = rest.group().rstrip() if rest else ""
    cut = _SENTENCE.search(behind, timeout=TIMEOUT)
    if cut is None and len(behind) <= LONGEST_REST:
        return end + len(behind)
    return end
