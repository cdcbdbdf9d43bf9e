"""What tickets, logs and lists of parts hold, and nobody's data is; and what still is a date or a place."""

from __future__ import annotations

import pytest

from omnigov.contracts import RedactionProfile
from tests.workers.redaction.language.conftest import found_by_rules, shared
from workers.redaction.core.normal import normal
from workers.redaction.language import implausible


def hidden(text: str) -> list[str]:
    row = normal(text).text
    places = {
        place
        for span in shared().find([row], RedactionProfile(), of_one_text=True)[0]
        for place in range(span.start, span.end)
    }
    marked = "".join(sign if place in places else "\0" for place, sign in enumerate(row))
    return [run for run in marked.split("\0") if run]


@pytest.mark.parametrize(
    "text",
    [
        "Serial TH-3504/2-748080226, firmware 2.3.4",
        "kernel: [111891.6698] usb 1-50: new device number 69",
        "checksum 080d444b761 ok, wrote block 12 of 44",
        "検算 a7524bf59f4588f2ab2d5d84a320 一致",
        "(追跡 cde5cbe643eb)",
        "auth: 設定を読み込みました 版=2.2.2 行数=55",
        "UA-8827;ガスケット;51;607,729円",
        "Keys",
        "Keys: under the mat",
        "Driver note: leave with the porter",
        "Halden Freight will collect it.",
        "Build 6033391 failed",
        "pid 123456, port 8080",
        "size 10485760 bytes",
        "order 4711 was paid",
        "We met @ the station, 3 apples @ 40p each.",
        "Lunch @ noon. then we go on",
        "npm install lodash@4.17.21, uses: actions/checkout@v4",
        "load average 0.27 1.84 2.18",
        "Supplier part TN-2353A replaces AS-1408/2 from lot 65 on.",
        "Loaded 10485760 bytes from cache_73.bin",
        "user.id=764910 session=b99698b25f7a result=ok",
        'level=info msg="conveyor rejected" module=billing',
        "product_name: filter element, file_name: report_53937.csv, host_name: node-9",
        "Product name: hex bolt",
        "event name\tcolumn_name\tQty",
        "小計749,354円、消費税39,041円、合計325,048円",
        "空き容量 79 GB、使用率 71%",
        "mailer を再起動します。",
        "Everybody is asked to read the contract before the next session.",
        'Traceback: File "/srv/app/x.py", line 3, in handle_request',
        "Name of part: gasket; type name: CN-992B",
        "npm ERR! code CU-501",
        "仕様の変更点を一覧にまとめ、全員に回す。",
        "台車の模様について質問があった。",
        "検証に失敗: 期待値 2145、実際 1199",
        "皆様のご協力をお願いします。",
        "Cheapest offer was 13 units, including delivery.",
        "Workaround: set the limit to 9, then restart.",
        "ご担当者様へ転送しました。",
        "ヒューズを68本追加で購入する。",
        "第64区画のヒューズは失敗しました。",
        "53号機の平座金を交換し、32番の配線を直した。",
        "位置5:平座金(CB-1901B)74",
        "Item 60: The work order was closed.",
        "Housing\tPaint RAL 7016\t3",
        "kernel: [168019.667714525] usb 1-39: reset",
        "after 8 retries (trace 0461237294b727f5d445fb0461237294)",
    ],
)
def test_nothing_is_hidden_in_it(text: str) -> None:
    assert hidden(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("It happened on 3 May 2019 at noon", "3 May 2019"),
        ("控えは14 October 2014となっています", "14 October 2014"),
        ("Call me on +49 153 04210038 please", "+49 153 04210038"),
        ("フロントは+49 153 04210038へ", "+49 153 04210038"),
        ("@Sota Minami レビューお願いします", "Sota Minami"),
        ("National Insurance: QQ 12 34 56 C", "QQ 12 34 56 C"),
        ("NHS number: 485 777 3456", "485 777 3456"),
        ("Loyalty card number 60341122", "60341122"),
        ("従業員番号 A-4512", "A-4512"),
        ("Sara Paint RAL 7016", "Sara Paint RAL"),
        ("電話は0461237294です", "0461237294"),
        ("平座健一さんが来た", "平座健一"),
        ("valid until 2026-11-29, then not", "2026-11-29"),
        ("on 12/24/2026 we close", "12/24/2026"),
        ("see you on Tuesday then", "Tuesday"),
        ("taro @ example . co.jp", "taro @ example . co.jp"),
        ("write to root@10.0.0.5 now", "root@10.0.0.5"),
        ("write to hanako@intranet now", "hanako@intranet"),
        ("mail anna@example.com. then call", "anna@example.com"),
        ("ring (03)1234-5678 soon", "(03)1234-5678"),
        ("in Lisbon it rains", "Lisbon"),
        ("本多様へお送りしました。", "本多様"),
        ("My zip code is 9100", "9100"),
        ("my postal code is EC1A 1BB, please", "EC1A 1BB"),
        ("the office in Laurel Springs 8021 is open", "Laurel Springs 8021"),
        ("the last amount for cc 676183824959 please", "676183824959"),
        ("97 111421-Office, 0394 9130281-Fax", "97 111421"),
        ("customer_name: Odile Pruett", "Odile Pruett"),
        ("Company contact name: Odile Pruett", "Odile Pruett"),
    ],
)
def test_what_is_somebodys_is_still_found(text: str, value: str) -> None:
    assert value in hidden(text)


def test_the_sentence_behind_an_english_address_stays() -> None:
    text = "Address: 12 St. Mary's Road, Brookhaven. Please call before you come."
    assert found_by_rules(text, "LOCATION") == ["12 St. Mary's Road, Brookhaven"]


@pytest.mark.parametrize(
    ("found", "in_a_text", "on_a_form"),
    [
        ("904412", False, True),
        ("6033391", False, True),
        ("01385 986698", True, True),
        ("4711", False, False),
        ("3 May", True, True),
    ],
)
def test_a_number_that_a_model_takes_for_a_day(found: str, in_a_text: bool, on_a_form: bool) -> None:
    """Of a form its label may be unknown, and a telephone's is one anywhere; an id in a text is nobody's."""
    for of_text, stays in ((True, in_a_text), (False, on_a_form)):
        gone = implausible.is_nothing("DATE_TIME", found, frozenset(), found, 0, of_text=of_text)
        assert gone != stays


@pytest.mark.parametrize("words", ["Undo History", "Close Tab", "Lock Tab to Dock", "Cancel QK", "Offset Y"])
def test_captions_in_a_picture_are_nobodys(words: str) -> None:
    captions = shared()._models.captions
    assert implausible.is_caption(words, f"File\t{words}\tEdit", 5, captions)


@pytest.mark.parametrize(
    "name",
    [
        *("Rose Stone", "Baker", "LI WEI", "J. Baker", "Winston Churchill", "Grant", "Mark Field", "NG"),
        # Nouns of the model's dictionary, which holds people as well.
        *("Adams", "Campbell", "Hughes", "O'Connor", "Blake Gibbs", "Palmer Walters", "Anderson", "Hayes"),
    ],
)
def test_names_that_are_words_are_no_captions(name: str) -> None:
    captions = shared()._models.captions
    assert not implausible.is_caption(name, name, 0, captions)
    assert not implausible.is_caption(name, f"Visitor\t{name}", 8, captions)
    assert not implausible.is_heading(name, f"{name}: hello", 0, captions)
