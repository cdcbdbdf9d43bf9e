"""Spoken reports by rule, as examples for a head: five classes, English and Japanese, drawn by a seed.

Written after the reports that are held out (`held_out_reports.en.json`, `.ja.json`) were committed, and by
the same hand: no sentence is shared, and topics are what factories have in common. Say *generated* of them.
"""

from __future__ import annotations

import random
import re

KINDS = ("accident", "machine", "quality", "material", "other")

PLACES = {
    "en": (
        "the paint shop", "hall two", "the loading ramp", "cell five", "the warehouse", "the tool room",
        "the assembly line", "the yard", "the test bench", "the boiler house", "the clean room", "aisle nine",
    ),
    "ja": (
        "塗装場", "二号棟", "積み込み口", "五番セル", "倉庫", "工具室", "組立ライン", "構内", "試験台", "ボイラー室",
        "クリーンルーム", "九番通路",
    ),
}  # fmt: skip
SLOTS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "who": ("a worker", "an apprentice", "a colleague", "one of the team", "a contractor", "a driver"),
        "body": ("hand", "foot", "arm", "shoulder", "head", "eye", "leg", "thumb", "wrist"),
        "hurt": ("cut", "burnt", "bruised", "crushed", "sprained", "injured"),
        "machine": (
            "milling machine", "drill", "saw", "extruder", "filling machine", "printer", "oven", "crane",
            "dryer", "washer", "feeder", "screwdriver station", "laser", "blower",
        ),
        "part": ("motor", "gearbox", "valve", "sensor", "belt", "pump", "cylinder", "drive", "filter"),
        "product": (
            "brackets", "bottles", "covers", "shafts", "boxes", "cables", "plates", "gears", "tubes",
            "pouches", "frames", "caps",
        ),
        "flaw": (
            "dents", "stains", "burrs", "cracks", "streaks", "air holes", "bent edges", "missing holes",
            "wrong threads", "loose parts",
        ),
        "stuff": (
            "screws", "wire", "film", "granulate", "paint", "labels", "sheet metal", "oil", "cartons",
            "nuts", "tape", "filters", "timber",
        ),
        "count": ("two", "six", "ten", "a dozen", "thirty", "a hundred"),
    },
    "ja": {
        "who": ("作業者", "実習生", "同僚", "班の一人", "業者の人", "運転手"),
        "body": ("手", "足", "腕", "肩", "頭", "目", "すね", "親指", "手首"),
        "hurt": ("切りました", "やけどしました", "打撲しました", "はさまれました", "痛めました", "けがしました"),
        "machine": (
            "フライス盤", "ボール盤", "のこ盤", "押出機", "充填機", "印刷機", "炉", "クレーン", "乾燥機", "洗浄機",
            "供給機", "ねじ締め機", "レーザー", "送風機",
        ),
        "part": ("モーター", "減速機", "バルブ", "センサー", "ベルト", "ポンプ", "シリンダー", "駆動部", "フィルター"),
        "product": (
            "ブラケット", "ボトル", "カバー", "シャフト", "箱", "ケーブル", "プレート", "歯車", "チューブ", "袋",
            "フレーム", "キャップ",
        ),
        "flaw": (
            "へこみ", "しみ", "ばり", "割れ", "すじ", "気孔", "曲がり", "穴の抜け", "ねじ山の不良", "がたつき",
        ),
        "stuff": (
            "ねじ", "針金", "フィルム", "ペレット", "塗料", "ラベル", "板金", "油", "カートン", "ナット", "テープ",
            "ろ材", "木材",
        ),
        "count": ("二つ", "六つ", "十個", "十二個", "三十個", "百個"),
    },
}  # fmt: skip

SENTENCES: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "accident": (
            "There's been an accident in {place}, {who} has {hurt} a {body}.",
            "{who} is hurt, please send first aid to {place}.",
            "{who} fell in {place} and the {body} is swollen.",
            "Somebody's {body} got caught in the {machine} and it is bleeding.",
            "I've {hurt} my {body} on the {machine} and need a doctor.",
            "{who} was hit on the {body} by a falling box in {place}.",
            "An injury to report: {who} has a {hurt} {body}.",
            "It was close, the {machine} nearly hit {who} in {place}.",
            "{who} inhaled fumes in {place} and feels sick.",
            "There is a fire in {place}, everyone is out, {who} has a burnt {body}.",
            "{who} collapsed in {place}, call an ambulance.",
            "Acid splashed on the {body} of {who}, we are washing it off.",
            "{who} stepped on a nail in {place}, the {body} hurts badly.",
            "The floor in {place} is slippery and {who} went down hard.",
            "{who} got a shock from the {machine}, he is conscious.",
            "Near miss in {place}: a load dropped next to {who}.",
        ),
        "machine": (
            "The {machine} in {place} has broken down.",
            "The {part} of the {machine} makes a loud noise.",
            "Our {machine} won't start this morning.",
            "The {machine} shows an error and stops every few minutes.",
            "The {part} on the {machine} is leaking.",
            "The {machine} overheats, I think the {part} is worn.",
            "Please send maintenance, the {machine} is stuck.",
            "The {part} doesn't respond, so the {machine} stands still.",
            "The {machine} shakes when it runs fast.",
            "There is smoke from the {part} of the {machine}.",
            "The {machine} in {place} lost its settings and runs too slowly.",
            "A fuse has blown and the {machine} has no power.",
            "The {part} needs to be replaced, it squeals all the time.",
            "The {machine} keeps jamming since yesterday.",
            "The {machine} switches itself off and the screen stays dark.",
            "Air is escaping from the {part} in {place}.",
        ),
        "quality": (
            "The {product} have {flaw}, I have stopped the delivery.",
            "I found {flaw} on {count} of the {product}.",
            "The {product} from this shift don't meet the specification.",
            "{count} {product} are too short when I measure them.",
            "The inspection rejected the {product} because of {flaw}.",
            "The finish of the {product} is bad, you can see {flaw}.",
            "A customer sent back {product} with {flaw}.",
            "The {product} don't fit together, the dimension is wrong.",
            "The colour of the {product} differs from the sample.",
            "There are {flaw} in the whole lot of {product}.",
            "The {product} leak in the pressure test.",
            "The {product} are packed with the wrong print on them.",
            "Too many rejects today, mostly {flaw}.",
            "The {product} break when they are bent a little.",
            "The weight of the {product} isn't right.",
            "{count} {product} failed the final check.",
        ),
        "material": (
            "We are running out of {stuff} in {place}.",
            "The {stuff} has not been delivered.",
            "There is no {stuff} left, please bring some.",
            "We received the wrong {stuff}.",
            "The {stuff} was damaged in transport.",
            "The stock of {stuff} doesn't agree with the list.",
            "Please order {stuff}, it's only enough for today.",
            "{place} is waiting for {stuff}.",
            "The supplier is late with the {stuff}.",
            "{count} packs of {stuff} are missing from the delivery.",
            "The {stuff} is too old to be used.",
            "The shelf for {stuff} is empty.",
            "We need another pallet of {stuff} in {place}.",
            "The {stuff} that came is the wrong size.",
            "Where is the {stuff} for tomorrow's order?",
            "The delivery of {stuff} came without papers and is short.",
        ),
        "other": (
            "The meeting in {place} is at three o'clock.",
            "Who has the key for {place}?",
            "I will be late tomorrow because of the dentist.",
            "The shift plan for next month is on the wall.",
            "Could somebody call me back about my holidays?",
            "The canteen closes early on Friday.",
            "There are guests in {place} this afternoon.",
            "The light in the car park should be brighter.",
            "I left my jacket in {place}.",
            "Everything is fine in {place}, nothing to report.",
            "Please tell {who} that there is a parcel for him.",
            "Congratulations to the team in {place} for the good month.",
            "The telephone number of the office has changed.",
            "This message was recorded by mistake.",
            "The works council meets on Tuesday.",
            "When is the next safety training?",
        ),
    },
    "ja": {
        "accident": (
            "{place}で事故です。{who}が{body}を{hurt}。",
            "けが人が出ました。{place}に救急をお願いします。",
            "{who}が{place}で転んで、{body}が腫れています。",
            "{machine}に{body}をはさまれて出血しています。",
            "{machine}で{body}を{hurt}。病院に行きたいです。",
            "{place}で落ちてきた箱が{who}の{body}に当たりました。",
            "負傷の報告です。{who}が{body}を{hurt}。",
            "危うく{machine}が{who}にぶつかるところでした。",
            "{who}が{place}で煙を吸って気分が悪いそうです。",
            "{place}で火事です。避難しましたが{who}がやけどしました。",
            "{who}が{place}で意識を失いました。救急車をお願いします。",
            "薬品が{who}の{body}にかかり、洗っています。",
            "{who}が{place}で釘を踏んで、{body}がひどく痛みます。",
            "{place}の床がすべりやすく、{who}が強く転倒しました。",
            "{who}が{machine}で感電しました。意識はあります。",
            "ヒヤリハットです。{place}で荷物が{who}のすぐ横に落ちました。",
        ),
        "machine": (
            "{place}の{machine}が故障しました。",
            "{machine}の{part}から大きな音がします。",
            "今朝から{machine}が動きません。",
            "{machine}がエラーを出して数分ごとに止まります。",
            "{machine}の{part}から漏れています。",
            "{machine}が熱くなります。{part}が摩耗していると思います。",
            "{machine}が動かなくなったので保全をお願いします。",
            "{part}が反応せず、{machine}が停止しています。",
            "{machine}は速く回すと揺れます。",
            "{machine}の{part}から煙が出ています。",
            "{place}の{machine}の設定が消えて、動きが遅いです。",
            "ヒューズが切れて{machine}に電気が来ません。",
            "{part}がきしむので交換が必要です。",
            "昨日から{machine}がよく詰まります。",
            "{machine}が勝手に切れて、画面がつきません。",
            "{place}の{part}から空気が漏れています。",
        ),
        "quality": (
            "{product}に{flaw}があるので出荷を止めました。",
            "{product}のうち{count}に{flaw}を見つけました。",
            "この班の{product}は規格を満たしていません。",
            "{product}を測ると{count}が短すぎます。",
            "{flaw}のため、検査で{product}が不合格です。",
            "{product}の仕上がりが悪く、{flaw}が見えます。",
            "お客様から{flaw}のある{product}が返品されました。",
            "{product}の寸法が違って、はまりません。",
            "{product}の色が見本と違います。",
            "{product}のロット全体に{flaw}があります。",
            "{product}が耐圧試験で漏れました。",
            "{product}に間違った印刷がされています。",
            "今日は不良が多く、ほとんどが{flaw}です。",
            "{product}は少し曲げると折れます。",
            "{product}の重さが合いません。",
            "{count}の{product}が最終検査で落ちました。",
        ),
        "material": (
            "{place}の{stuff}がなくなりそうです。",
            "{stuff}がまだ納品されていません。",
            "{stuff}が残っていないので持ってきてください。",
            "注文と違う{stuff}が届きました。",
            "{stuff}が輸送中に傷みました。",
            "{stuff}の在庫が表と合いません。",
            "{stuff}を発注してください。今日の分しかありません。",
            "{place}は{stuff}待ちです。",
            "仕入れ先の{stuff}が遅れています。",
            "納品から{stuff}が{count}足りません。",
            "{stuff}が古くて使えません。",
            "{stuff}の棚が空です。",
            "{place}に{stuff}をもう一パレットお願いします。",
            "届いた{stuff}のサイズが違います。",
            "明日の注文の{stuff}はどこですか。",
            "{stuff}が伝票なしで届き、数も足りません。",
        ),
        "other": (
            "{place}の会議は三時からです。",
            "{place}の鍵はだれが持っていますか。",
            "明日は歯医者なので遅れます。",
            "来月の勤務表は壁に貼ってあります。",
            "休暇のことで折り返し電話をください。",
            "金曜日は食堂が早く閉まります。",
            "午後{place}にお客様が来ます。",
            "駐車場の明かりをもっと明るくしてほしいです。",
            "{place}に上着を忘れました。",
            "{place}は異常ありません。報告することはないです。",
            "{who}に荷物が届いていると伝えてください。",
            "{place}の皆さん、今月はよくできました。",
            "事務所の電話番号が変わりました。",
            "この録音は間違いです。",
            "火曜日に労使の会合があります。",
            "次の安全教育はいつですか。",
        ),
    },
}


TRIES = 200
"""Draws for each sentence that is wanted, until no other one is to be expected."""


def reports(language: str, a_kind: int, seed: int) -> list[tuple[str, str]]:
    """(kind, sentence), `a_kind` different ones of each kind, in random order. Raises ValueError for too many."""
    drawn = random.Random(f"{language} {seed}")  # noqa: S311 - no secret
    found = []
    for kind in KINDS:
        made: dict[str, None] = {}
        for _ in range(TRIES * a_kind):
            if len(made) == a_kind:
                break
            made[filled(drawn.choice(SENTENCES[language][kind]), language, drawn)] = None
        else:
            raise ValueError(f"there are no {a_kind} reports of the kind {kind} in {language}")
        found += [(kind, sentence) for sentence in made]
    drawn.shuffle(found)
    return found


def filled(pattern: str, language: str, drawn: random.Random) -> str:
    slots = {**SLOTS[language], "place": PLACES[language]}
    sentence = re.sub(r"\{(\w+)\}", lambda match: drawn.choice(slots[match[1]]), pattern)
    return sentence[0].upper() + sentence[1:]
