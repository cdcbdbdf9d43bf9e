"""Texts as Japanese companies keep them, and some of other countries, made by rule.

Nothing here is taken from the code under test: its own sentences, its own names, its own heads of tables.
What is for development and what is held out share neither sentences nor names nor heads.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass

SHORTEST = 500  # bytes in Shift_JIS


@dataclass(frozen=True)
class Text:
    content: str
    names: tuple[str, ...]  # of persons, as they are written in it
    manner: str


@dataclass(frozen=True)
class _Words:
    families: tuple[str, ...]
    givens: tuple[str, ...]
    kana: tuple[str, ...]
    letters: tuple[str, ...]
    minutes: tuple[str, ...]
    logs: tuple[str, ...]
    heads: tuple[tuple[str, ...], ...]
    wares: tuple[str, ...]
    towns: tuple[str, ...]
    notes: tuple[str, ...]


DEVELOPMENT = _Words(
    families=("山下", "河合", "菊地", "松永", "髙木", "川﨑", "内藤", "渡邊", "水野", "黒田", "浜田", "古賀"),
    givens=(
        "康平",
        "真由美",
        "孝之",
        "さくら",
        "敦子",
        "祐介",
        "典子",
        "瑛太",
        "ゆかり",
        "浩二",
        "千尋",
        "茂",
    ),
    kana=("ﾔﾏｼﾀ ｺｳﾍｲ", "ｶﾜｲ ﾏﾕﾐ", "ｷｸﾁ ﾀｶﾕｷ", "ﾏﾂﾅｶﾞ ｻｸﾗ", "ﾅｲﾄｳ ﾕｳｽｹ", "ﾐｽﾞﾉ ﾉﾘｺ"),
    letters=(
        "いつもお世話になっております。{who}です。先日ご依頼いただいた{ware}の件で、納期が{day}日ほど延びる見込みとなりました。",
        "急なお願いで恐縮ですが、{town}の現場まで{ware}を届けていただけないでしょうか。受け取りは{who}が行います。",
        "請求書の金額に誤りがありましたので、正しいものを改めてお送りします。ご確認のほどよろしくお願いいたします。",
        "来週の打ち合わせは{day}日の午後二時からに変更いたします。資料は前日までに共有フォルダへ置いてください。",
        "なお、{who}は今月末で退職いたします。後任については決まり次第ご連絡差し上げます。",
        "見積もりの有効期限は発行から三十日です。それを過ぎた場合は、あらためてお申し付けください。",
    ),
    minutes=(
        "一、前回の議事録を確認し、異議なく承認された。",
        "二、{who}より売上の推移について説明があった。前年同月比で{day}％の増加である。",
        "三、{ware}の在庫が不足しているため、追加の発注を行うこととした。",
        "四、{town}支店の移転について意見を交換した。結論は次回に持ち越す。",
        "五、{who}が安全衛生の担当を引き継ぐ。",
        "以上をもって閉会とした。次回は{day}日に開催する。",
    ),
    logs=(
        "2024/05/{day:02d} 09:{day:02d} 受注処理を開始しました 件数={day}",
        "2024/05/{day:02d} 10:{day:02d} 警告: {ware}の単価が登録されていません",
        "2024/05/{day:02d} 11:{day:02d} 担当者 {who} がログインしました",
        "2024/05/{day:02d} 12:{day:02d} バックアップが正常に終了しました（所要時間 {day} 秒）",
        "2024/05/{day:02d} 13:{day:02d} エラー: {town}倉庫との通信に失敗、再試行します",
    ),
    heads=(
        ("管理番号", "氏名", "フリガナ", "拠点", "数量", "メモ"),
        ("No", "ご担当者", "カナ", "納品先", "個数", "備考欄"),
    ),
    wares=("電動ドリル", "コピー用紙", "ステンレス板", "ＬＥＤ照明", "事務机", "六角ボルト", "接着剤"),
    towns=("高松", "浜松", "長岡", "弘前", "八王子", "岡崎"),
    notes=("至急", "要確認", "午前中着希望", "①梱包済", "返品あり", "Ｂ棟２階", "特になし", "株式会社経由"),
)
HELD_OUT = _Words(
    families=(
        "石田",
        "大橋",
        "中嶋",
        "柴田",
        "邊見",
        "宮﨑",
        "久保田",
        "齋藤",
        "野村",
        "堀江",
        "瀧澤",
        "岩本",
    ),
    givens=("亮太", "美咲", "恵", "龍之介", "まどか", "正人", "容子", "翔", "みのり", "和彦", "桃子", "篤"),
    kana=("ｲｼﾀﾞ ﾘｮｳﾀ", "ｵｵﾊｼ ﾐｻｷ", "ｼﾊﾞﾀ ﾏﾄﾞｶ", "ｸﾎﾞﾀ ｶｽﾞﾋｺ", "ﾉﾑﾗ ﾖｳｺ", "ﾎﾘｴ ｱﾂｼ"),
    letters=(
        "平素は格別のご高配を賜り、厚く御礼申し上げます。弊社{who}より{ware}の試験成績書をお送りいたします。",
        "先週の{town}での展示会では大変お世話になりました。ご興味をお持ちいただいた{ware}について、別紙の通りご案内します。",
        "ご注文の品は本日発送いたしました。到着まで{day}日程度かかる場合がございます。",
        "不具合の原因を調べましたところ、部品の取り付け向きが逆になっておりました。対策は添付の報告書をご覧ください。",
        "契約の更新については、{who}までお電話いただければすぐに手続きいたします。",
        "年末年始の休業期間は下記の通りです。期間中のお問い合わせには休み明けに順次お答えします。",
        "駐車場が混み合いますので、なるべく電車やバスをお使いくださいますようお願い申し上げます。",
    ),
    minutes=(
        "■議題１　新しい勤怠システムの導入時期について",
        "・{who}：試験運用を{day}日間行い、問題がなければ全社へ広げたい。",
        "・現場からは入力の手間が増えるとの声が多い。操作説明会を開く。",
        "■議題２　{ware}の値上げへの対応",
        "・仕入先を{town}の業者に切り替える案が出た。{who}が見積もりを取る。",
        "■議題３　その他　来客用の湯のみが足りない。総務で手配する。",
        "（文責：{who}）",
    ),
    logs=(
        "[{day:02d}/Jun/2023] 情報: 夜間バッチを起動しました ジョブ番号={day}",
        "[{day:02d}/Jun/2023] 情報: 利用者「{who}」のパスワードを再発行",
        "[{day:02d}/Jun/2023] 注意: ディスク使用率が{day}％を超えています",
        "[{day:02d}/Jun/2023] 障害: 帳票「{ware}一覧」を印刷できませんでした。プリンタを確認してください",
        "[{day:02d}/Jun/2023] 情報: {town}営業所へデータを送信 完了",
    ),
    heads=(
        ("伝票番号", "顧客名", "ﾌﾘｶﾞﾅ", "配送地域", "点数", "特記事項"),
        ("行", "申込者", "よみ", "会場", "人数", "連絡欄"),
        ("ID", "社員氏名", "カナ氏名", "勤務地", "日数", "理由"),
    ),
    wares=(
        "温度計",
        "ゴム手袋",
        "業務用洗剤",
        "フォークリフト",
        "ネジ（Ｍ６）",
        "冷凍コロッケ",
        "光ケーブル",
        "養生テープ",
    ),
    towns=("福山", "郡山", "彦根", "都城", "北見", "鳥栖", "三島"),
    notes=("再送", "㈱経由で依頼", "金額未定", "～月末", "雨天中止", "前払い", "三割引", "棚Ａ－３", "破損"),
)
PARTS = {"development": DEVELOPMENT, "reported": HELD_OUT}


def japanese(split: str, count: int, seed: int) -> list[Text]:
    """So many texts of 500 bytes or more in Shift_JIS: letters, minutes, logs and tables, in turn."""
    words, source = PARTS[split], random.Random(f"{split} {seed}")
    return [_MANNERS[number % len(_MANNERS)](words, source) for number in range(count)]


def short(split: str, count: int, seed: int) -> list[Text]:
    """One line or two of such texts: little to tell an encoding by."""
    source = random.Random(f"short {split} {seed}")
    texts = []
    for text in japanese(split, count, seed):
        lines = [line for line in text.content.splitlines() if line.strip()]
        some = source.sample(lines, k=min(len(lines), source.choice((1, 1, 2))))
        content = "\n".join(some)
        texts.append(Text(content, tuple(name for name in text.names if name in content), text.manner))
    return texts


def _person(words: _Words, source: random.Random) -> str:
    return source.choice(words.families) + source.choice(("", " ", "　")) + source.choice(words.givens)


def _filled(lines: tuple[str, ...], words: _Words, source: random.Random) -> tuple[str, list[str]]:
    names, made = list[str](), list[str]()
    for line in lines:
        who = _person(words, source)
        made.append(
            line.format(
                who=who,
                ware=source.choice(words.wares),
                town=source.choice(words.towns),
                day=source.randint(1, 28),
            )
        )
        names += [who] if who in made[-1] else []
    return "\n".join(made), names


def _long_enough(lines: tuple[str, ...], words: _Words, source: random.Random, *, mixed: bool) -> Text:
    content, names = "", list[str]()
    while len(content.encode("cp932")) < SHORTEST:
        some = tuple(source.sample(lines, len(lines))) if mixed else lines
        more, who = _filled(some, words, source)
        content, names = content + more + "\n", names + who
    return Text(content, tuple(names), "")


def _letter(words: _Words, source: random.Random) -> Text:
    to = _person(words, source)
    text = _long_enough(words.letters, words, source, mixed=True)
    return Text(f"{to} 様\n\n{text.content}\n敬具\n", (to, *text.names), "letter")


def _minutes(words: _Words, source: random.Random) -> Text:
    text = _long_enough(words.minutes, words, source, mixed=False)
    return Text(f"議事録\n\n{text.content}", text.names, "minutes")


def _log(words: _Words, source: random.Random) -> Text:
    text = _long_enough(tuple(source.choices(words.logs, k=12)), words, source, mixed=False)
    return Text(text.content, text.names, "log")


def _table(words: _Words, source: random.Random) -> Text:
    out, names = io.StringIO(), list[str]()
    write = csv.writer(out, delimiter=source.choice(",,,;\t"), lineterminator=source.choice(("\r\n", "\n")))
    write.writerow(source.choice(words.heads))
    while len(out.getvalue().encode("cp932")) < SHORTEST:
        who = _person(words, source)
        names.append(who)
        row = (source.randint(1000, 9999), who, source.choice(words.kana), source.choice(words.towns))
        write.writerow((*row, source.randint(1, 90), source.choice(words.notes)))
    return Text(out.getvalue(), tuple(names), "table")


def _bank(words: _Words, source: random.Random) -> Text:
    """Lines of transfers, as banks write them: all in half-width kana, under a line in kanji."""
    rows = ["振込データ 明細"]
    while len("\n".join(rows).encode("cp932")) < SHORTEST:
        kana = source.choice(words.kana)
        rows.append(
            f"2 0{source.randint(100, 999)} ﾎﾝﾃﾝ 1 {source.randint(1_000_000, 9_999_999)} {kana} "
            f"{source.randint(1, 90)}000"
        )
    return Text("\r\n".join(rows), (), "bank")


_MANNERS: tuple[Callable[[_Words, random.Random], Text], ...] = (
    _letter,
    _table,
    _minutes,
    _log,
    _table,
    _bank,
)

# Lines of other countries, to be written in their own old encodings.
FOREIGN = {
    "gbk": (
        "您好，我是张伟，昨天寄出的合同请查收，谢谢。",
        "王小明负责本次会议记录，地点在北京市朝阳区建国路。",
        "客户李娜反映货物还没有送到，请尽快处理这个问题。",
        "产品名称：不锈钢螺丝，数量：一百，备注：急用",
    ),
    "big5": (
        "您好，我是陳志明，昨天寄出的合約請查收，謝謝。",
        "林淑芬負責本次會議記錄，地點在台北市信義路。",
        "客戶黃美玲反映貨物還沒有送到，請儘快處理。",
        "產品名稱：不鏽鋼螺絲，數量：一百，備註：急用",
    ),
    "koi8_r": (
        "Здравствуйте, меня зовут Иван Петров, договор отправлен вчера.",
        "Ответственный: Смирнова Ольга, телефон уточняется.",
        "Товар ещё не доставлен, просим срочно разобраться.",
        "Наименование; Количество; Примечание",
    ),
    "cp1251": (
        "Здравствуйте, меня зовут Иван Петров, договор отправлен вчера.",
        "Ответственный: Смирнова Ольга, телефон уточняется.",
        "Товар ещё не доставлен, просим срочно разобраться.",
        "Наименование; Количество; Примечание",
    ),
    "latin_1": (
        "Bonjour, je suis Hélène Lefèvre, le contrat a été envoyé hier.",
        "Jürgen Müller übernimmt die Prüfung der Anlage in Köln.",
        "El señor Núñez llamará mañana por la tarde.",
        "Café crème; quantité; à côté",
        "Noël Åström",
    ),
    "cp1252": (
        "The tenant’s letter – dated May – says “no” to Zoë Brontë.",
        "Señor Muñoz’s café opens at 9 — ask for José.",
        "It’s Renée’s turn.",
    ),
    "euc_kr": (
        "안녕하세요, 저는 김민수입니다. 어제 보낸 계약서를 확인해 주세요.",
        "담당자 박지은, 회의는 서울 본사에서 합니다.",
        "제품명; 수량; 비고",
    ),
}
