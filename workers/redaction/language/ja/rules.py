"""People in Japanese text by how they are addressed.

Each rule works on text in NFKC (`workers.redaction.core.normal`). Fields of a row are parted by tabs.
"""

from __future__ import annotations

import regex

from workers.redaction.core.spans import Rule

# Addressed politely, but nobody in particular.
_NOBODY = frozenset(
    [
        *("客", "皆", "奥", "神", "王", "若", "殿", "患者", "子", "主人", "父", "母", "兄", "姉", "嬢", "仏"),
        *("各", "貴", "店員", "医者", "お客", "お子", "保護者"),
    ]
)


# 仕様 and 模様 are words, and 担当者様 is whoever it is.
_NO_NAME = ("仕", "模", "者", "係", "各位")
_WORDS = frozenset(["同", "多", "異", "有", "一", "今", "両", "ユーザー", "オーナー", "メーカー", "スタッフ"])


def is_somebody(text: str) -> bool:
    bare = text.strip()
    return bare not in _NOBODY | _WORDS and not bare.endswith(_NO_NAME)


# Whom a message is addressed to, but a group: @Support Team.
_GROUPS = ("Team", "Group", "Desk", "Support", "Channel", "Staff", "All", "Members", "Everyone", "Office")

RULES = (
    Rule(
        "PERSON",
        regex.compile(
            r"(?<![\p{Latin}\d._%+\-])@(?<value>\p{Lu}[\p{Ll}'’\-]+ \p{Lu}[\p{Ll}'’\-]+)(?![\p{Latin}\d@.])"
        ),
        0.7,
        lambda text: not text.endswith(_GROUPS),
    ),
    Rule(
        "PERSON",
        regex.compile(
            # A given name in kana may follow, but not a particle.
            r"(?<value>[\p{Han}々]{1,5}(?: ?[\p{Han}々]{1,4}| ?(?![のはがをにへとも])\p{Hiragana}{2,5}?"
            r"| ?[\p{Katakana}ー]{2,8})?|\p{Katakana}[\p{Katakana}ー・ ]{1,14}|\p{Hiragana}{2,8}?)"
            r" ?(?:様|さま|さん|サン|殿|氏(?!名)|くん|ちゃん)(?!\p{Han})"
        ),
        0.75,
        is_somebody,
    ),
)
