"""How texts say what tells people apart: for each kind the patterns; `value` is what is said."""

from __future__ import annotations

from collections.abc import Iterable

import regex

from workers.anonymity import nations, numbers, words
from workers.anonymity import postal as quasi_postal
from workers.anonymity.dates import DATE, DATE_WITH_YEAR


def _either(terms: Iterable[str]) -> str:
    """Longest first: Latin words stand alone, Japanese ones may stand in a row of signs."""
    escaped = [regex.escape(term, literal_spaces=True) for term in sorted(terms, key=len, reverse=True)]
    latin = "|".join(term for term in escaped if term.isascii())
    japanese = "|".join(term for term in escaped if not term.isascii())
    return rf"(?:(?<![\p{{L}}])(?:{latin})(?![\p{{L}}])|{japanese or '(?!)'})"


_NUMBER = rf"(?:\d{{1,3}}|(?i:a hundred|one hundred(?: and {numbers.WORDS})?)|{numbers.WORDS})"
_KIN = (
    "son|daughter|mother|father|mum|mom|dad|wife|husband|brother|sister|child|baby|boy|girl|patient|grandson"
    "|granddaughter|grandmother|grandfather|niece|nephew|girlfriend|boyfriend"
)
_WHO = (
    r"(?i:\b(?:he|she|I|who) (?:is|was|am)|\b(?:he|she|I)['’](?:s|m|ll be)|\bthey were"
    rf"|\b(?:{_KIN}) (?:is|was|turned))"
)
_BIRTH = r"(?:date|day|year|month) of birth|birth[ -]?(?:date|day|year)|d\.?o\.?b\.?|b-day"
# Between "born" and its date nothing else happens.
_GAP = r"(?:(?!\b(?:and|but|moved|came|left|when|before|after|until|who)\b)[^.;:\n\d])"
_PERSON = r"(?:man|woman|boy|girl|gentleman|lady|male|female)"
FREE: dict[str, list[str]] = {
    "AGE": [
        # "18 years or older" is a rule and nobody's age; so is 18歳以上.
        rf"(?<![\d.])(?P<value>{_NUMBER}(?:[ ]and a half)?)[ -]?(?i:years?[ -]olds?|years? (?:of age|young)"
        r"|yrs?\.?[ -]old|y/o|y\.o\.|yo)(?!\p{L})(?! (?i:or|and) (?i:older|over|above|younger|under))",
        rf"(?<![\d.])(?P<value>{_NUMBER}[ -](?i:months?))[ -](?i:olds?|of age)(?!\p{{L}})",
        rf"(?i:\bage[ds]?(?: of| is| was|:)?|\b(?:just )?turn(?:ed|ing|s))\s(?P<value>{_NUMBER})(?![\d.,]*\d)"
        r"(?! (?i:degrees|percent|minutes|times|people|away|of|out|or older|and over|to \d)|[%°])",
        rf"{_WHO}(?: (?:now|only|just|about|almost|nearly|already|barely|around))? (?!(?i:one\b))"
        rf"(?P<value>\d{{1,2}}|{numbers.WORDS})"
        r"(?=[.,;!?\n]|$| (?:and|but|when|now|then|at the time|last|this|next|in \p{L})\b)(?![.,]\d)",
        rf"(?i:\b(?:man|woman|boy|girl|child|person|patient|male|female|mother|father|widow|widower) of) "
        rf"(?P<value>{_NUMBER})(?! \p{{Ll}}*s\b)",
        # As newspapers write it: Jane Ashworth, 34, of Leeds; a hidden name counts as one.
        r"(?:\p{Lu}\p{Ll}+ \p{Lu}[\p{L}'’-]+|-{5,}), (?P<value>\d{1,2})"
        r"(?=,? (?:of|from|who|was|is|says?|said|told|has|lives?)\b|, (?:an?|the)\b)",
        r"(?:\p{Lu}\p{Ll}+ \p{Lu}[\p{L}'’-]+|-{5,}|\p{Han}{2,5}(?:さん|氏)?) ?\((?P<value>\d{1,2})\)",
        r"(?<![\p{L}\d.])(?P<value>\d{1,2})[ ]?(?:yo?)?[ ]?/[ ]?[MFmf](?![\p{L}\d/])",
        r"(?<![\p{L}\d])[MF][ ]?/[ ]?(?P<value>\d{1,2})(?![\d/.])",
        rf"(?P<value>(?<![\d-])(?:\d{{1,3}}|{numbers.KANJI}))[ ]?[歳才](?!月|以上|以下|未満|\p{{Han}}代)",
        rf"(?P<value>生後[ ]?(?:\d{{1,2}}|{numbers.KANJI})[ ]?[かヶカケ箇ヵ]月)",
        rf"(?:年齢|年令)(?:は|が|\s)\s?(?P<value>\d{{1,3}}|{numbers.KANJI})(?![\d年月])",
        r"(?P<value>二十歳|はたち|ハタチ|還暦|古希|古稀|喜寿|傘寿|米寿|卒寿|白寿|アラサー|アラフォー|アラフィフ|アラ還)",
        r"(?<![\d.-])(?P<value>(?:[1-9]0[ ]?|[二三四五六七八九]?十)代)(?![理表目])",
        r"(?i:\bin (?:his|her|their|my|your) (?:very )?"
        r"(?:(?:early|mid|late|middle|upper)[ -]?(?:to[ -]late[ -])?)?)"
        r"(?P<value>(?i:(?:twen|thir|for|fif|six|seven|eigh|nine)ties)|\d0['’]?s|(?i:teens))\b",
        r"(?P<value>(?i:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty)-?something|\d0-something))\b",
        r"\b(?P<value>(?i:teenagers?|teenaged?|(?:sexa|septua|octo|nona)genarian|centenarian))\b",
    ],
    "SEX": [
        rf"\b(?P<value>(?i:{_PERSON}))\b(?!-made)",
        r"\b(?P<value>Mr|Mrs|Ms|Miss)\b",
        r"\b(?P<value>(?i:trans(?:gender)? (?:man|woman)|transgender|non-?binary|intersex))\b",
        r"(?P<value>男性|女性|男児|女児|男子|女子|[男女]の(?:子|人|方))",
        r"性別(?:は|が|\s)\s?(?P<value>[男女]性?)(?![・/\p{Han}])",
        r"(?<=[(/・、,歳代][ ]?)(?<![男女][・/])(?P<value>[男女])(?![・/][男女])(?=[)/・、,。\s]|$)",
        r"(?<=\d(?:yo?)?[ ]?/[ ]?)(?P<value>[MF])(?![\p{L}\d/])",
        r"(?<![\p{L}\d])(?P<value>[MF])(?=[ ]?/[ ]?\d{1,2}(?![\d/.]))",
    ],
    "BIRTH_DATE": [
        r"(?i:\bborn|\bb\.)(?: (?i:on|in|around|about|circa|back in|early in|late in|the year|a \p{L}+))*,? "
        rf"(?:the )?(?P<value>{DATE_WITH_YEAR})",
        rf"(?i:\bborn) {_GAP}{{1,50}}?,? (?i:on|in) (?:the )?(?P<value>{DATE_WITH_YEAR})",
        rf"(?i:\bborn)(?: {_GAP}{{1,40}}?)? on (?:the )?(?P<value>{DATE})",
        rf"(?P<value>{DATE_WITH_YEAR}),? (?:[\p{{L}}'’]+,? ){{0,4}}?(?i:was|were|am|is) born\b",
        rf"(?i:\b(?:{_BIRTH}))(?i:[^.;\n\d]{{0,30}}?\b(?:is|was|as|on|falls on|of|in)\b)?"
        rf"[\s:,='(]{{0,4}}(?:the )?(?P<value>{DATE})",
        rf"(?P<value>{DATE})(?i:,? (?:is|was|for|as|\(|being|it['’]s)? ?(?:my|his|her|their|our|the|your)? ?"
        rf"(?:\p{{L}}+ )?(?:{_BIRTH}))(?!\p{{L}})",
        rf"[*＊][ ]?(?P<value>{DATE_WITH_YEAR})",
        rf"(?P<value>{DATE})[ ]?(?:\([^()]{{1,12}}\)[ ]?)?(?:の[春夏秋冬])?[にのがは、]{{0,2}}"
        rf"(?:[\p{{Han}}ァ-ヴー々ヶ]{{1,12}}(?:で|に|にて)、?)?(?:産まれ|早?(?:生まれ|生れ)|生(?![活産徒命物き計憎理花還鮮存態涯息気地肉演放])|出生|誕生)",
        rf"(?P<value>{DATE})(?:に|、)?[\p{{Han}}ァ-ヴー]{{1,8}}(?:生まれ|生れ)",
        rf"(?:生年月日|誕生日|生年|出生日|出生年月日)[^\d\n。明大昭平令一二{{}}]{{0,10}}[\s]?(?P<value>{DATE})",
    ],
    "POSTAL_CODE": quasi_postal.PATTERNS,
    "PLACE": [
        rf"(?P<value>(?:{'|'.join(words.PREFECTURES)})(?:\p{{Han}}{{1,5}}?郡)?"
        r"(?:[\p{Han}ヶケのぁ-んァ-ヴ]{1,6}?[市区町村])?)",
        rf"(?P<value>{'|'.join(sorted(words.CITIES, key=len, reverse=True))})",
        r"(?P<value>[\p{Han}ヶケ]{1,4}[市区町村])(?:在住|出身|内の|に住|の住民|民)",
        rf"(?P<value>\p{{Lu}}\p{{L}}+(?: \p{{Lu}}\p{{L}}+)?, (?:{'|'.join(words.STATES.values())}))\b",
        rf"(?P<value>(?:\p{{Lu}}\p{{L}}+(?: \p{{Lu}}\p{{L}}+)?, )?(?:{'|'.join(words.STATES)}))\b",
        r"(?i:\b(?:lives?|living|lived|resid(?:es?|ing|ent)|native|grew up|born)) (?i:in|of|near|from) "
        r"(?P<value>\p{Lu}\p{Ll}+(?:[ -]\p{Lu}\p{Ll}+){0,2})",
    ],
    "OCCUPATION": [
        rf"(?P<value>(?i:{_either(words.OCCUPATIONS)}))(?!['’]s licen[cs]e)",
        rf"(?P<value>(?:\b\p{{L}}[\p{{Ll}}-]+ ){{0,2}}\b(?i:{'|'.join(words.HEADS)}))\b",
        r"(?i:\bworks?|\bworked|\bworking|\bemployed) (?i:as an?) (?P<value>\p{L}+(?: \p{L}+)?)",
    ],
    "EMPLOYER": [
        r"(?i:\bworks?|\bworked|\bworking|\bemployed) (?i:at|for|by) (?:(?i:the) )?"
        r"(?P<value>\p{Lu}[\p{L}&.'-]+(?: (?:\p{Lu}[\p{L}&.'-]+|of|and|&))*)",
        r"(?P<value>\p{Lu}[\p{L}&-]+(?: \p{Lu}[\p{L}&-]+)* "
        r"(?:Inc|Ltd|LLC|Corp|GmbH|plc|University|Hospital))\b",
        r"(?P<value>(?:\p{Lu}[\p{L}&.-]*,? (?:and )?){1,5}"
        r"(?:Inc\.?|Corporation|Company|Limited|Bancorp|Holdings?|Group|Co\.? ?Ltd|S\.?A\.?|NV|AG|AB|BV|SE"
        r"|PLC|SpA|ASA))"
        r"(?![\p{L}\d])",
        r"(?P<value>(?:株式会社|有限会社|合同会社)[\p{Han}ァ-ヴー\p{Lu}\p{Ll}]{1,15}|"
        r"[\p{Han}ァ-ヴー\p{Lu}\p{Ll}]{1,15}(?:株式会社|有限会社|合同会社))",
        r"(?P<value>[\p{Han}ァ-ヴー]{2,12}(?:大学|病院|高校|高等学校|中学校|小学校|工場|製作所|銀行))",
    ],
    "NATIONALITY": nations.PATTERNS,
    "FAMILY_STATUS": [
        r"\b(?P<value>(?i:married|divorced|widow(?:ed|er)?|unmarried|remarried|separated from"
        r"|single (?:mother|father|parent)|(?:ex-?)?(?:wife|husband|spouse)|fianc[ée]e?"
        r"|civil partner(?:ship)?|common-law partner|cohabiting|never married|engaged to be married"
        r"|newly-?weds?|childless))\b",
        r"(?i:\b(?:is|am|was) )(?P<value>(?i:single))\b",
        r"\b(?P<value>(?i:(?:mother|father|parent) of \p{L}+|(?:one|two|three|four|five|six|seven|\d) "
        r"(?:children|kids|sons|daughters)|pair of twins|twins|triplets))\b",
        r"(?P<value>既婚|未婚|独身|離婚|離別|死別|再婚|婚約者|配偶者|シングル(?:マザー|ファザー)|[母父]子家庭|双子"
        r"|(?<![\p{Han}])[妻夫](?![\p{Han}])|子(?:ども|供)?が?[ ]?[\d一二三四五六]人"
        r"|[\d一二三四五六]児の[母父]|事実婚|内縁|別居中|寡婦|寡夫|バツ(?:イチ|ニ)|新婚|既婚者|子なし|独り身)",
    ],
    "ILLNESS": [rf"(?P<value>(?i:{_either(words.ILLNESSES)}))"],
    "RARE_ROLE": [
        rf"(?P<value>(?i:{_either(words.ROLES)}))",
        r"(?i:\bthe )(?P<value>(?i:only|first) (?i:female|male|black|asian|japanese|foreign|woman|man)\b)",
        r"(?P<value>唯一の|初の女性|最年少|最高齢)",
    ],
    "STAY": [
        r"(?i:\b(?:admitted|discharged|hospitali[sz]ed|checked in|checked out|arrived|stayed|entered)\b)"
        rf"[^.\n]{{0,30}}?(?P<value>{DATE})",
        rf"(?P<value>{DATE})[ ]?(?:に|から|より|～|まで)?"
        r"(?:入院|退院|入所|退所|来院|来日|入国|宿泊|滞在|転入|転出)",
        rf"(?:入院|退院|入所|退所|来院|来日|入国|滞在)[^。\n]{{0,6}}?(?P<value>{DATE})",
    ],
}
