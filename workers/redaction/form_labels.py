"""What forms call their fields, known again though OCR slipped over a sign.

`rules` finds labels in text that was read well, and needs their wording as it is. Here a label is what fills
a box of text, or begins one; its words are put together from whose it is and what is asked, so that it need
not have been listed; and one sign in four or more may be wrong.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

import regex

from workers.redaction import rules
from workers.redaction.spans import TIMEOUT

NEUTRAL = "NEUTRAL"  # labels of what is not personal


class Label(NamedTuple):
    """The first `end` characters of a text are a label; `kind` is what it asks for."""

    kind: str
    end: int
    whole: bool  # nothing stands behind it in the same text
    block: bool  # of an addressee: name, street and more stand below each other
    sure: bool = True  # read without a slip
    colon: bool = False


_WHO_JA = (
    "申請|申込|申し込み|患|受診|受検|受験|参加|出席|欠席|受講|契約|代表|担当|保護|世帯主?|記入|配偶|被保険|社|職"
    "|従業|会|生徒|児童|園児|利用|使用|来訪|訪問|来場|来客|購入|注文|受取|受領|届出|請求|承認|決裁|確認|作成|報告"
    "|提出|依頼|発送|送付|連絡|責任|管理|運転|所有|借|貸|保証|相続|家族|学|講|医|口座名義|名義|緊急連絡先?|緊急時"
    "連絡先?|本|同伴|付添|紹介|推薦|面接|採用|応募|候補|委任|受任|代理|届|差出|配達|取扱|施術|検査|調査|立会|点検"
    "|登録|加入|被扶養|扶養|入居|宿泊|予約|通報|発見|勤務|出張|旅行|出向|精算|立替|支払|振込|贈|送|受付"
)
_WHO_JA = rf"(?:{_WHO_JA})(?:者|主|人|員|生|師|義人|義)?"
_NAME_JA = (
    "(?:御|ご|お)?(?:氏名|名前|姓名|芳名|名)(?:カナ|かな|フリガナ|ふりがな|ローマ字|漢字)?"
    "|フリガナ|ふりがな|ﾌﾘｶﾞﾅ|カナ|かな|よみがな|読み仮名|よみかた"
)
_ROLES_JA = (
    "(?:申請|申込|申し込み|届出|依頼|請求|担当|承認|決裁|確認|作成|報告|提出|記入|代表|責任|管理|保護|契約|受取"
    "|受領|利用|使用|参加|出席|受講|受診|所有|取扱|点検|立会|紹介|診察|検査|代理|差出|相続|推薦|応募|届|立替)(?:者|人)"
    "|担当|係員?|主治医|担当医|医師|看護師|薬剤師|講師|教員|患者|社員|職員|従業員|世帯主|配偶者|本人|上長|上司|所属長"
    "|課長|部長|店長|施設長|宛名|宛先|名宛人|氏|姓|名|署名|記名|サイン|緊急連絡先?"
)
_BLOCK_JA = (
    "(?:御|ご|お)?(?:届け?先|送り?先|配達先|配送先|送付先|納品先|納入先|依頼主|送り主|贈り主|発送元|差出人|請求先"
    "|送り状宛先|注文主|受取人|荷受人|荷送人|購入者|注文者)(?:様|情報)?"
)
_PHONE_JA = (
    "(?:自宅|携帯|勤務先|緊急|昼間|日中|固定|連絡先?|会社|緊急時)?(?:の)?(?:御|ご|お)?"
    "(?:電話|連絡先|携帯|TEL|Tel|tel|FAX|ファックス|ファクス|スマホ|内線)(?:番号|先)?(?:電話|携帯)?(?:番号)?"
)
_MAIL_JA = "(?:電子|[EeＥ]-?|携帯)?(?:メール|mail|MAIL|Mail)(?:アドレス|address)?|メアド"
_ADDRESS_JA = (
    "(?:現|御|ご|お|自宅|会社|勤務先|届け?先|送付先|申請者|申込者|契約者|請求先)?(?:の)?"
    "(?:住所|所在地|居所|住居地|居住地|本籍地?|出生地|連絡先住所|転居先|旧住所|新住所)"
)
_POST_JA = "〒|郵便番号|郵便|〒番号"
_BIRTH_JA = "(?:御|ご|お)?(?:生年月日|誕生日|出生年月日|生まれ|出生日)"
_NUMBER_JA = {
    "JP_MY_NUMBER": "個人番号|マイナンバー|マイナンバー(?:カード)?番号",
    "JP_DRIVING_LICENCE": "(?:運転)?免許証?(?:の)?番号|運転免許証?",
    "JP_PASSPORT": "旅券番号|パスポート番号",
    "JP_HEALTH_INSURANCE": "保険証?(?:の)?番号|被?保険者(?:証)?(?:記号)?番号|記号番号|記号",
    "JP_RESIDENCE_CARD": "在留カード(?:の)?番号",
    "JP_PENSION_NUMBER": "基礎?年金番号",
    "JP_BANK_ACCOUNT": "口座番号|振込先口座|普通預金口座",
    # A number that one organisation knows one person by.
    "PERSON": "(?:社員|職員|従業員|会員|学籍|学生|生徒|患者|診察券|利用者|お客様|顧客|受験|登録者)(?:証)?"
    "(?:の)?(?:番号|コード|ID|No\\.?)",
}
_NEUTRAL_JA = (
    "性別|年齢|職業|職種|所属|部署名?|部門|課|班|係名|組|学年|学部|学科|役職|会社名?|勤務先名?|学校名?|店舗名?|支店名?"
    "|病院名?|団体名?|施設名?|品名|品目|内容品?|商品名?|製品名?|型番|件名|題名|書類名|科目名?|数量|個数|単位|単価|金額"
    "|合計|小計|税|消費税|備考|摘要|日付|年月日|申請日|申込日|記入日|日時|時間|時刻|開始|終了|出勤|退勤|休憩|曜日|希望"
    "|希望日|目的|利用目的|理由|内容|症状|本日の症状|アレルギー|既往歴|服薬|服用中の薬|来院の理由|続柄|国籍|血液型|身長"
    "|体重|申込区分|区分|種別|種類|希望コース|コース|行先|行き先|出張先|経路|区間|交通費|宿泊費|その他|番号|No\\.?|№"
    "|印|押印|捺印|承認印|領収書?|請求書|見積書|納品書|問診票|申込書|申請書|但し|但|支払方法|趣味|資格|学歴|職歴|意見"
    "|ご意見|質問|回答|出欠|参加|不参加|状況|結果|判定|点数|評価|有無|はい|いいえ|有|無|男|女"
)

_PERSON_EN = (
    "name of (?:the )?(?:applicant|client|patient|customer|employee|student|child|member|participant|insured"
    "|parent|guardian|holder|owner|person|claimant|visitor|guest|tenant|contact)|claimant|participant|attendee|visitor|guest|member|volunteer|student"
    "|pupil|physician|doctor|dentist|nurse|witness|payee|tenant|landlord|insured|policy ?holder"
    "|beneficiary|driver"
    "|manager|supervisor|instructor|teacher|interviewer|interviewee|cashier|clerk|representative|author|host"
    "|escort|owner|holder|parent|child|spouse|partner|next of kin|emergency contact|contact person"
    "|account holder"
    "|(?:parent|mother|father)(?: ?(?:/|or|and|&) ?(?:legal )?guardian)?|person in charge|responsible person"
    "|(?:referred|approved|authori[sz]ed|requested|submitted|checked|received|served|prepared|created"
    "|verified"
    "|completed|issued|reported|signed|witnessed|ordered|delivered|filled (?:in|out)) by"
    "|(?:employee|staff|student|member|patient|customer|client|visitor|badge|membership)"
    " ?(?:id|no|number|#)\\.?(?: ?no\\.?)?"
)
_BLOCK_EN = (
    "(?:ship(?:ped|ping)?|bill(?:ed|ing)?|deliver(?:ed|y)?|invoice[d]?|sold|remit|send|mail) ?to|consignee"
    "|consignor|shipper|(?:shipping|billing|delivery|return) address|recipient|sender|addressee|to|from"
)
_PHONE_EN = (
    "(?:(?:home|work|mobile|cell|daytime|evening|contact|emergency|office)(?: contact)? )*"
    "(?:(?:tele)?phone|mobile|cell|tel|fax|contact)(?: ?(?:no|number|nr|#))\\.?"
    "|(?:home|work|mobile|cell|daytime|evening|emergency)? ?(?:tele)?phone|mobile|cell(?:phone)?|tel\\.?|fax"
)
_MAIL_EN = "(?:(?:your|work|home|contact) )?e-?mail(?: ?(?:address|id))?"
_ADDRESS_EN = (
    "(?:(?:home|street|mailing|postal|current|permanent|residential|work|business|your|full) )*"
    "address(?: line ?\\d)?|residence|city|town|zip(?: ?code)?|post(?:al)? ?code|place of birth"
    "|state/zip|city,? state,?(?: zip)?"
)
_BIRTH_EN = "(?:date|day) of birth|birth ?da(?:te|y)|d\\.?o\\.?b\\.?|born(?: on)?"
_NEUTRAL_EN = (
    "date|time|day|company|team|department|dept\\.?|division|position|job title|title|occupation|item|items"
    "|description|qty|quantity|unit|unit price|price|amount|total|sub ?total|tax|notes?|remarks?|comments?"
    "|sex|gender|age|relationship|reason|reason for visit|visit|purpose|no\\.?|number|skills?|journey"
    "|cost cent(?:re|er)|main concern|allergies|medication|symptoms|school|grade|class|course"
    "|organi[sz]ation|nationality|status"
    "|marital status|signature|initials|yes|no|other|in|out|time in|time out|hours|weight|height|blood type"
    "|order(?: no\\.?)?|invoice(?: no\\.?)?|receipt|payment|currency|project|location|room|site|event|session"
)


class _Words(NamedTuple):
    kind: str
    exact: regex.Pattern[str]
    slips: tuple[regex.Pattern[str], regex.Pattern[str]]  # one sign is wrong; two are
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


def _words(kind: str, words: str, *, block: bool = False) -> _Words:
    flags = regex.IGNORECASE | regex.BESTMATCH
    return _Words(
        kind,
        regex.compile(rf"(?:{words})", regex.IGNORECASE),
        (regex.compile(rf"(?:{words}){{e<=1}}", flags), regex.compile(rf"(?:{words}){{e<=2}}", flags)),
        block,
    )


_LEXICON = (
    _words(NEUTRAL, f"{_NEUTRAL_JA}|{_NEUTRAL_EN}"),
    _words("PERSON", f"{_BLOCK_JA}|{_BLOCK_EN}", block=True),
    _words(
        "PERSON",
        rf"(?:{_WHO_JA})?(?:の)?(?:{_NAME_JA})|{_ROLES_JA}|{_NUMBER_JA['PERSON']}|{_PERSON_EN}"
        rf"|(?:{_PERSON_EN})(?:'s)? name|{_known('PERSON')}",
    ),
    _words("PHONE_NUMBER", rf"{_PHONE_JA}|{_PHONE_EN}|{_known('PHONE_NUMBER')}"),
    _words("EMAIL_ADDRESS", rf"{_MAIL_JA}|{_MAIL_EN}|{_known('EMAIL_ADDRESS')}"),
    _words("JP_ADDRESS", rf"{_ADDRESS_JA}|{_known('JP_ADDRESS')}"),
    _words("LOCATION", rf"{_ADDRESS_EN}|{_known('LOCATION')}"),
    _words("JP_POSTAL_CODE", rf"{_POST_JA}|{_known('JP_POSTAL_CODE')}"),
    _words("DATE_TIME", rf"{_BIRTH_JA}|{_BIRTH_EN}|{_known('DATE_TIME')}"),
    *(
        _words(kind, rf"{words}|{_known(kind)}" if _known(kind) else words)
        for kind, words in _NUMBER_JA.items()
        if kind != "PERSON"
    ),
)

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
    "PERSON": "氏名|お名前|者名|フリガナ|ふりがな",
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
        ("PERSON", rf"(?:{_WHO_JA})?(?:お|ご|御)?(?:氏名|名前|芳名)|フリガナ|ふりがな|よみがな|読み仮名"),
        ("DATE_TIME", "生年月日"),
        ("PHONE_NUMBER", "(?:携帯)?電話番号"),
        ("JP_ADDRESS", "(?:現|ご|お)?住所"),
        ("JP_POSTAL_CODE", "郵便番号"),
        ("EMAIL_ADDRESS", "メールアドレス"),
        ("JP_HEALTH_INSURANCE", r"記号(?=[ :：・]?\d)"),
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
_HONORIFIC = regex.compile(r"[(（]?(?:様|殿|先生)[)）]?\.?")


def whole(text: str) -> Label | None:
    """What the text is a label of where it holds a label and nothing else, else None."""
    bare = text.strip(_EDGE + ":：;")
    found = None if _COLON.search(bare) else _judged(bare)
    if found is None:
        return None
    words, sure = found
    colon = _COLON.search(text.rstrip(_EDGE)[-1:]) is not None
    return Label(words.kind, len(text), True, words.block, sure, colon)


def leading(text: str) -> Label | None:
    """The label that the text begins with, before a colon or a wide gap, with its value behind."""
    for cut in regex.finditer(r"[:：]|\s{2,}|\t| (?=\S)", text, timeout=TIMEOUT):
        head, rest = text[: cut.start()], text[cut.end() :]
        if not rest.strip(_EDGE) or len(head) > LONGEST:
            continue
        found = _judged(head.strip(_EDGE))
        if found is None:
            continue
        words, sure = found
        colon = ":" in cut.group() or "：" in cut.group()
        # A space parts words of English as well: there only a Japanese label, read well, ends at one.
        if not colon and (not sure or not _is_japanese(head) or len(head.strip()) < 2):
            continue
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


def _judged(text: str) -> tuple[_Words, bool] | None:
    """The words that the text is, and whether each sign was read right; None where it is no label."""
    for form in dict.fromkeys((text, _MARKS.sub("", text), _NOTE.sub("", text))):
        plain = " ".join(unicodedata.normalize("NFKC", form).split()).strip(_EDGE)
        if not plain:
            continue
        tight = plain.replace(" ", "") if _is_japanese(plain) else plain
        for words in _LEXICON:
            if words.exact.fullmatch(tight, timeout=TIMEOUT):
                return words, True
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
                if words.slips[many].fullmatch(folded, timeout=TIMEOUT):
                    return words, False
    return None


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
