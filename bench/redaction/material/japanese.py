"""Japanese texts to put people into: groups by what they are, each group on one side only.

Braces and brackets are as in `english.py`; `full` is 山田太郎, `spaced` 山田 太郎, `family`, `given`,
`kana` (カタカナ), `hira` (ひらがな), `romaji` (Taro Yamada), `capitals` (YAMADA TARO); `other` is another
person's full name and `other_family` that one's family name.
"""

DEVELOPMENT: dict[str, tuple[str, ...]] = {
    "旅館": (
        "本日のお泊まりは{family}様ご一行六名です。",
        "{full}と名乗る方から忘れ物の問い合わせあり。折り返し{phone}。",
        "夕食は{other_family}さんが部屋までお持ちしました。",
        "領収書の宛名は{full}でお願いします、とのこと。",
    ),
    "整備工場": (
        "代車は{family}へ貸し出し中、返却は<金曜>。",
        "見積りは{email}に送ってほしいそうです。",
        "オイル交換済 引取り {spaced}",
        "納車先　{address}",
    ),
    "図書館": (
        "延滞三冊、{full}、連絡つかず。",
        "読み聞かせは{given}ちゃんのお母さんが担当。",
        "寄贈者銘板には「{full}」と彫る。",
        "{other}と{family}が閉架の鍵を持っている。",
    ),
    "社内チャット": (
        "{family}さんこれ見といて",
        "ごめん、{given}が熱出したので早退します",
        "@{romaji} レビューお願いします",
        "了解です、{other_family}にも転送しました",
    ),
}

HELD_OUT: dict[str, tuple[str, ...]] = {
    "賃貸": (
        "敷金は退去後に{full}の口座へ返します。",
        "二階の{family}が夜中に洗濯機を回すので困っています。",
        "鍵は隣の{other}に預けました。",
        "連帯保証人を{other}（{birth}生）とする。",
        "{address}の物件、現況は空き家です。",
        "雨漏りの件、{family}夫人がお怒りです。",
        "借主{full}は、貸主{other}に対し賃料を支払う。",
    ),
    "診療所": (
        "{full}、血糖値やや高め、三か月後に再検。",
        "{kana}　ペニシリン禁",
        "付き添いは長男の{other}さん、同居。",
        "{birth}生まれ、既往に喘息。",
        "左の下腹を押すと{given}ちゃんは泣いた。",
        "紹介状は{email}にも控えを送る。",
        "採血管に{spaced}とあるが依頼票がない。",
    ),
    "倉庫": (
        "四番バースは{family}がどかすまで使えない",
        "棚卸し　Ａ班：{full}、{other}",
        "夜勤は{family}→{other_family}の順で交代。",
        "フォークの免許切れ　{spaced}",
        "パレット七枚不足、{family}確認済み",
        "指を切った{full}に応急手当をした。",
        "荷受けの判子は{other_family}が押した。",
    ),
    "裁判": (
        "被控訴人{full}の主張には理由がない。",
        "{address}に居住する{full}は、次のとおり陳述する。",
        "証人{other}は、法廷で{family}を指さした。",
        "遺言者は、長女{full}に土地を相続させる。",
        "原告　{spaced}\n被告　{other}",
        "本件について{family}の代理人が異議を述べた。",
    ),
    "学校": (
        "{given}くんが給食のあとに吐きました。",
        "欠席：{full}（歯医者）、{other}（連絡なし）",
        "お迎えは祖父の{other}さん、合言葉は「やかん」。",
        "三年二組{full}、努力賞。",
        "{hira}さんは九九を全部覚えました。",
        "四班の班長は{full}、副班長は{other}。",
        "バスは八時発、{given}の母の携帯は{phone}。",
    ),
    "町内会": (
        "ごみ当番は第一週が{family}、第二週が{other_family}です。",
        "{full}宅の柿の木が道にはみ出している。",
        "餅つきの臼は{other}から借りる。",
        "回覧：{family}→{other_family}→集会所",
        "夏祭りの会計は{full}が引き継いだ。",
        "香典返しは{address}の{full}まで。",
    ),
    "ヘルプデスク": (
        "{email} のパスワードを再設定しました。",
        "VPN更新後に{romaji}がログインできない",
        "ノートPC T14　{full}より{other}へ移管",
        "三階の{family}の向かいの席、IPは{ip}",
        "{full}のメールボックスが容量超過です。",
        "回避策は{other_family}が見つけた。Wikiの印刷の頁を参照。",
    ),
    "銀行": (
        "{full}から{other}への送金が二件続いている。",
        "声の主は{kana}で通したが、生年月日は{birth}ではなかった。",
        "変更後のカードは{card}",
        "名義　{kana}\n記号の読み間違いに注意",
        "委任状により{other}が窓口に来店。",
        "相続人は{full}ほか二名。",
    ),
    "地元紙": (
        "近所の人は{full}容疑者について「静かな人」と話した。",
        "彫刻家の{full}が、町に青銅の鷺を贈った。",
        "「牛乳を買いに出ただけ」と{family}は笑う。",
        "四十年店に立った{given}さんが、今月で前掛けを外す。",
        "消防が煙突から{full}を助け出した。",
        "一番大きなかぼちゃを育てたのは、{full}＝同町＝だった。",
    ),
    "手紙": (
        "{given}へ。ばらが咲き、猫に蚤がわいています。",
        "追伸　{other_family}によろしく。",
        "かしこ\n{full}",
        "拾った方は{full}（{phone}）までお返しください。",
        "夕方の汽車で着くと{given}に伝えて。",
        "草々　{spaced}",
    ),
    "議事録": (
        "欠席は{full}、進行は{other}。",
        "{family}が屋根の見積りを三社から取る。",
        "{other_family}は棄権した。",
        "{full}は夏祭りのあとに退任することで一致。",
        "発議{family}、賛同{other_family}、可決。",
        "（{family}）駐車場の件は次回に。",
    ),
    "mixed": (
        "{full} joined the call late; 議事録は後で。",
        "Shipping label: {capitals}, {town}",
        "FYI {family}-san is out until Monday",
        "{romaji} <{email}> より転送",
        "署名欄に{romaji}とあるのは{full}本人です。",
    ),
}

NOBODY: dict[str, tuple[str, ...]] = {
    "development": (
        "四半期監査はハルデン運送の二拠点が対象です。",
        "生地は一時間ほど休ませます。",
        "カーネルの更新で漏れは直った。",
    ),
    "held-out": (
        "明水人材と果樹園生命の年金制度が統合された。",
        "会議室「けやき」の映写機が故障、「かえで」を使うこと。",
        "Falcon SDK 3.2.1ではPython 3.9の対応を終了します。",
        "M8のボルトは座金をはさみ、22 N·mで締める。",
        "冬物処分、寝具は最大四割引き。",
        "注文4471-C　カッター十二本、ドライバー三本",
        "誤り0x80070005、共有フォルダーに接続できません。",
        "港通りは舗装工事のため通行止めです。",
        "第四章ではベイズ推定とマルコフ連鎖を扱う。",
        "食器用洗剤、黒パン、オリーブ、レモン一個。",
        "勝利の鍵は守備にあると解説者は述べた。",
        "光回線の工事は午前中に終わる予定です。",
        "豊かな森と清い水を次の世代へ。",
        "部長以下、全員が資料に目を通すこと。",
    ),
}
