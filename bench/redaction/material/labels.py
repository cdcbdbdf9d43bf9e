"""What forms ask for: labels as packages carry them, and labels of forms that were written down here.

Each group (one package, or one kind of form) is on one side only, and a label that two groups share is the
held-out part's alone (`labels_of`). Of a package the short labels of its own address books, forms and
tables were taken as they stand; single words and short phrases, none of its texts.

`name` asks for a person, `kana` for the reading, `birth`, `address`, `town`, `post`, `phone`, `mail`,
`account`, `number` (a number that one organisation knows a person by); `nobody` asks for what is nobody's.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Group(NamedTuple):
    source: str
    licence: str
    split: str  # "development" | "held-out"
    language: str
    labels: dict[str, str]  # what is asked: labels, between bars


GROUPS = (
    # --- from packages ---------------------------------------------------------------------------------
    Group(
        "libkf5contacts-data 5.103 (Debian)",
        "LGPL-2.1+",
        "development",
        "ja",
        {
            "phone": "勤務先電話|車載電話|自宅電話",
            "address": "優先住所|自宅住所 番地|勤務先住所 番地",
            "post": "自宅住所 郵便番号",
            "nobody": "勤務先ファクス",
        },
    ),
    Group(
        "gnucash-common 4.13 (Debian)",
        "GPL-2+",
        "development",
        "ja",
        {
            "name": "納品担当者|支払担当者|会社連絡先担当者|所有者名|従業員名|得意先名",
            "address": "納品先住所|支払先住所",
            "phone": "納品先電話|住所電話",
            "number": "従業員番号",
            "account": "受取人口座番号",
            "nobody": "仕入先番号|請求のまとめ|摘要|予算名",
        },
    ),
    Group(
        "govuk-frontend 6.6.0, nhsuk-frontend 10.6.1 (npm)",
        "MIT",
        "development",
        "en",
        {
            "name": "Name 2|Have you changed your name?",
            "address": "Full address|What is your address?|Address line 1",
            "town": "Town or city",
            "birth": "What is your birthday?",
            "phone": "Mobile phone number",
            "number": "National Insurance number|What is your NHS number?",
            "nobody": "Can you provide more detail?|Which option?|Weight, in kilograms|"
            "Cost per item, in pounds",
        },
    ),
    Group(
        "pretix 2026.8.0 (PyPI), its Japanese catalogue",
        "AGPL-3.0",
        "held-out",
        "ja",
        {
            "name": "参加者の名前|口座名義人の名前|呼び名|カード名義人|支払い者の名前|受益者|"
            "請求書の受取人|口座名義人名|請求先住所の宛名",
            "address": "参加者の住所（番地）|参加者の詳細な住所|町丁・番地|口座名義人の住所|町域番地",
            "town": "参加者の都市|参加者住所（市区町村）",
            "post": "参加者の郵便番号",
            "mail": "参加者のメールアドレス|連絡先メール|電子メールアドレス",
            "account": "口座番号",
            "nobody": "参加者の会社|支払い方法の名称|製品名|座席名|クォータ名|イベント名",
        },
    ),
    Group(
        "django-oscar 4.2.1 (PyPI), its Japanese catalogue",
        "BSD-3-Clause",
        "held-out",
        "ja",
        {
            "name": "顧客氏名|請求先名|配送先名|投稿者名",
            "address": "配送先住所|請求先住所|住所 1",
            "phone": "ご連絡先電話番号",
            "mail": "ゲストメールアドレス",
            "nobody": "商品名|数量|単価 (税込)|配送方法名|注文メモ",
        },
    ),
    Group(
        "evolution-common 3.46.4 (Debian), its Japanese catalogue",
        "LGPL-2.1+",
        "held-out",
        "ja",
        {
            "name": "苗字|あだ名|配偶者|アシスタント|マネージャー|出席者",
            "birth": "誕生日|記念日",
            "phone": "仕事の電話|得意先の電話|アシスタントの電話|その他の電話",
            "nobody": "担当部署|開始日|期日",
        },
    ),
    Group(
        "libreoffice-l10n-ja 7.4.7, thunderbird-l10n-ja 153.8 (Debian)",
        "MPL-2.0",
        "held-out",
        "ja",
        {
            "name": "表示名|作成者|送信者と受信者|ミドルネーム|デジタル署名者",
            "address": "差出人の住所|受取人住所|返信住所|配達ラベル",
            "town": "市町村名番地",
            "phone": "自宅電話/携帯電話|ポケットベル",
            "mail": "返信先アドレス",
            "nobody": "役職|部門|ファイル名|書名|分類",
        },
    ),
    Group(
        "pretix 2026.8.0, indico 3.2.9 (PyPI), English",
        "AGPL-3.0, MIT",
        "held-out",
        "en",
        {
            "name": "Attendee name|Account holder|Calling name|Card holder|Invoice recipient|"
            "Accompanying persons|Full Name (no title)|Payer name|Speaker",
            "address": "Street and Number|Full attendee address|Invoice address",
            "town": "Attendee city",
            "mail": "Notification sender address|Contact email",
            "account": "Account number",
            "nobody": "Ticket name|Affiliation|Seat name|Capacity|Price (with currency)",
        },
    ),
    Group(
        "uswds 3.14.0 (npm)",
        "CC0-1.0",
        "held-out",
        "en",
        {
            "name": "First or given name|Last or family name|Preferred name|I prefer to be addressed as",
            "nobody": "For example|Select one",
        },
    ),
    Group(
        "evolution-common 3.46.4, gnucash-common 4.13 (Debian), English",
        "LGPL-2.1+, GPL-2+",
        "held-out",
        "en",
        {
            "name": "Spouse|Assistant|Nickname|Billing Contact|Shipping Contact|Owner's Name|Sender|Payee",
            "birth": "Birthday|Anniversary",
            "phone": "Business Phone 2|Callback Phone|Car Phone|Assistant Phone",
            "address": "Shipping Address 1|Payment Address",
            "number": "Employee Number",
            "nobody": "Memo|Discount|Terms|Vendor ID|Completion date",
        },
    ),
    # --- written down here on 2026-11-29, as such forms have them --------------------------------------
    Group(
        "town hall, leave, lodging: written here",
        "ours",
        "development",
        "ja",
        {
            "name": "窓口に来られた方|必要な方のお名前|筆頭者|代筆者|休暇取得者|業務代行者|ご宿泊者|"
            "同宿される方",
            "birth": "明治・大正・昭和・平成　生",
            "address": "本籍|前泊地の住所",
            "phone": "日中つながる番号|休暇中の連絡先",
            "number": "職員コード|旅券の番号",
            "nobody": "使いみち|枚数|休暇の種類|ご到着予定時刻|残日数",
        },
    ),
    Group(
        "clinic, school, labour: written here",
        "ours",
        "held-out",
        "ja",
        {
            "name": "受診される方|付き添いの方|かかりつけ医|園児名|お迎えに来る人|学級担任|被扶養者|"
            "事業主|被保険者|世帯主|続柄の方のお名前|立会人|記入した人|旧姓",
            "kana": "読み方（カタカナ）|ヨミガナ",
            "birth": "お誕生日|生まれた年月日|出生日",
            "address": "お住まい|帰省先|通学路の起点|送り先",
            "phone": "つながりやすい番号|勤め先の電話|緊急時の電話",
            "mail": "お知らせを受け取るアドレス",
            "number": "診察券番号|受験番号|学籍番号",
            "nobody": "お困りの症状|いつから|好きな遊び|給食の希望|所定労働時間|賃金の形態|通院歴",
        },
    ),
    Group(
        "housing, haulage, meetings: written here",
        "ours",
        "held-out",
        "ja",
        {
            "name": "賃借人|連帯保証人|入居予定者|荷送人|荷受人|乗務員|点呼執行者|発表者|座長|記録|施主|"
            "現場代理人|作業責任者|見届け人",
            "address": "物件の所在|荷卸し地|現在の住まい",
            "phone": "配達時の連絡先|運転手の携帯",
            "post": "〒番号",
            "number": "乗務員証番号",
            "account": "家賃引落口座",
            "nobody": "間取り|築年数|積載量|車種|工期|議題|次回の予定|天候|走行距離",
        },
    ),
    Group(
        "hotel, garage, leave: written here",
        "ours",
        "development",
        "en",
        {
            "name": "Lead guest|Party leader|Keyholder|Driver|Absence reported by|Cover arranged with",
            "birth": "Guest's birthday",
            "address": "Where are you travelling from?|Garaged at",
            "phone": "Daytime number|Roadside contact",
            "number": "Loyalty card",
            "nobody": "Arrival time|Room type|Mileage|Make and model|Type of leave",
        },
    ),
    Group(
        "court, school, clinic: written here",
        "ours",
        "held-out",
        "en",
        {
            "name": "Plaintiff|Defendant|Attorney for|Next of kin|Pupil|Form tutor|To be collected by|"
            "Usual GP|Carer|Deponent|Executor|Maiden name|Who lives with you?|Godparents",
            "birth": "Born|Child's birthday",
            "address": "Place of residence|Last known address|Where does the child live?",
            "phone": "Best number to reach you|Out-of-hours number",
            "mail": "Where should we write to you?",
            "number": "Hospital number|Candidate number|Inmate no.",
            "nobody": "Cause of action|Allergies|Favourite toys|Dose|Hearing room|Relief sought|"
            "Swims unaided",
        },
    ),
    Group(
        "haulage, letting, travel: written here",
        "ours",
        "held-out",
        "en",
        {
            "name": "Consignee|Shipper|Notify party|Tenant|Landlord|Letting agent|Lead passenger|"
            "Travelling with|Surname as in passport|Line manager|Leaver|Handed over to|"
            "Inspected by|Witnessed by",
            "address": "Collection point|Property to let|Forwarding address|Residing at",
            "phone": "Driver's mobile|Number on the day",
            "mail": "Send confirmation to",
            "number": "Frequent flyer no.|Payroll no.",
            "account": "Rent paid from",
            "nobody": "Gross weight|Incoterms|Furnished|Board basis|Notice period|Seals intact|Meter reading",
        },
    ),
)


def plain(label: str) -> str:
    """Without what two ways to write one label differ by."""
    return re.sub(r"[\W_]|の", "", label.lower())


def labels_of(part: str, language: str) -> list[tuple[str, str, str]]:
    """What is asked, the label and its group; a label that both parts have is the held-out one's."""

    def of(split: str) -> list[tuple[str, str, str]]:
        return [
            (asked, label, group.source)
            for group in GROUPS
            if (group.split, group.language) == (split, language)
            for asked, labels in group.labels.items()
            for label in labels.split("|")
        ]

    mine = of(part)
    if part == "development":
        taken = {plain(label) for _, label, _ in of("held-out")}
        mine = [one for one in mine if plain(one[1]) not in taken]
    return mine
