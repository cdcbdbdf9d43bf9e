"""The words that forms call their fields with: whose, what is asked, and what is nobody's."""

from __future__ import annotations

WHO_JA = (
    "申請|申込|申し込み|患|受診|受検|受験|参加|出席|欠席|受講|契約|代表|担当|保護|世帯主?|記入|配偶"
    "|被保険|社|職"
    "|従業|会|生徒|児童|園児|利用|使用|来訪|訪問|来場|来客|購入|注文|受取|受領|届出|請求|承認|決裁"
    "|確認|作成|報告"
    "|提出|依頼|発送|送付|連絡|責任|管理|運転|所有|借|貸|保証|相続|家族|学|講|医|口座名義|名義"
    "|緊急連絡先?|緊急時"
    "連絡先?|本|同伴|付添|紹介|推薦|面接|採用|応募|候補|委任|受任|代理|届|差出|配達|取扱|施術|検査"
    "|調査|立会|点検"
    "|登録|加入|被扶養|扶養|入居|宿泊|予約|通報|発見|勤務|出張|旅行|出向|精算|立替|支払|振込|贈|送|受付"
)
WHO_JA = rf"(?:{WHO_JA})(?:者|主|人|員|生|師|義人|義)?"
NAME_JA = (
    "(?:御|ご|お)?(?:氏名|名前|姓名|芳名|名)(?:カナ|かな|フリガナ|ふりがな|ローマ字|漢字)?"
    "|フリガナ|ふりがな|ﾌﾘｶﾞﾅ|カナ|かな|よみがな|読み仮名|よみかた"
)
ROLES_JA = (
    "(?:申請|申込|申し込み|届出|依頼|請求|担当|承認|決裁|確認|作成|報告|提出|記入|代表|責任|管理|保護"
    "|契約|受取"
    "|受領|利用|使用|参加|出席|受講|受診|所有|取扱|点検|立会|紹介|診察|検査|代理|差出|相続|推薦|応募"
    "|届|立替)(?:者|人)"
    "|担当|係員?|主治医|担当医|医師|看護師|薬剤師|講師|教員|患者|社員|職員|従業員|世帯主|配偶者|本人"
    "|上長|上司|所属長"
    "|課長|部長|店長|施設長|宛名|宛先|名宛人|氏|姓|名|署名|記名|サイン|緊急連絡先?"
)
BLOCK_JA = (
    "(?:御|ご|お)?(?:届け?先|送り?先|配達先|配送先|送付先|納品先|納入先|依頼主|送り主|贈り主|発送元"
    "|差出人|請求先"
    "|送り状宛先|注文主|受取人|荷受人|荷送人|購入者|注文者)(?:様|情報)?"
)
PHONE_JA = (
    "(?:自宅|携帯|勤務先|緊急|昼間|日中|固定|連絡先?|会社|緊急時)?(?:の)?(?:御|ご|お)?"
    "(?:電話|連絡先|携帯|TEL|Tel|tel|FAX|ファックス|ファクス|スマホ|内線)(?:番号|先)?(?:電話"
    "|携帯)?(?:番号)?"
)
MAIL_JA = "(?:電子|[EeＥ]-?|携帯)?(?:メール|mail|MAIL|Mail)(?:アドレス|address)?|メアド"
ADDRESS_JA = (
    "(?:現|御|ご|お|自宅|会社|勤務先|届け?先|送付先|申請者|申込者|契約者|請求先)?(?:の)?"
    "(?:住所|所在地|居所|住居地|居住地|本籍地?|出生地|連絡先住所|転居先|旧住所|新住所)"
)
POST_JA = "〒|郵便番号|郵便|〒番号"
BIRTH_JA = "(?:御|ご|お)?(?:生年月日|誕生日|出生年月日|生まれ|出生日)"
NUMBER_JA = {
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
NEUTRAL_JA = (
    "性別|年齢|職業|職種|所属|部署名?|部門|課|班|係名|組|学年|学部|学科|役職|会社名?|勤務先名?|学校名?"
    "|店舗名?|支店名?"
    "|病院名?|団体名?|施設名?|品名|品目|内容品?|商品名?|製品名?|型番|件名|題名|書類名|科目名?|数量"
    "|個数|単位|単価|金額"
    "|合計|小計|税|消費税|備考|摘要|日付|年月日|申請日|申込日|記入日|日時|時間|時刻|開始|終了|出勤"
    "|退勤|休憩|曜日|希望"
    "|希望日|目的|利用目的|理由|内容|症状|本日の症状|アレルギー|既往歴|服薬|服用中の薬|来院の理由|続柄"
    "|国籍|血液型|身長"
    "|体重|申込区分|区分|種別|種類|希望コース|コース|行先|行き先|出張先|経路|区間|交通費|宿泊費|その他"
    "|番号|No\\.?|№"
    "|印|押印|捺印|承認印|領収書?|請求書|見積書|納品書|問診票|申込書|申請書|但し|但|支払方法|趣味|資格"
    "|学歴|職歴|意見"
    "|ご意見|質問|回答|出欠|参加|不参加|状況|結果|判定|点数|評価|有無|はい|いいえ|有|無|男|女"
)

PERSON_EN = (
    "name of (?:the )?(?:applicant|client|patient|customer|employee|student|child|member|participant"
    "|insured"
    "|parent|guardian|holder|owner|person|claimant|visitor|guest|tenant|contact)|claimant|participant"
    "|attendee|visitor|guest|member|volunteer|student"
    "|pupil|physician|doctor|dentist|nurse|witness|payee|tenant|landlord|insured|policy ?holder"
    "|beneficiary|driver"
    "|manager|supervisor|instructor|teacher|interviewer|interviewee|cashier|clerk|representative"
    "|author|host"
    "|escort|owner|holder|parent|child|spouse|partner|next of kin|emergency contact|contact person"
    "|account holder"
    "|(?:parent|mother|father)(?: ?(?:/|or|and|&) ?(?:legal )?guardian)?|person in charge"
    "|responsible person"
    "|(?:referred|approved|authori[sz]ed|requested|submitted|checked|received|served|prepared|created"
    "|verified"
    "|completed|issued|reported|signed|witnessed|ordered|delivered|filled (?:in|out)) by"
    "|(?:employee|staff|student|member|patient|customer|client|visitor|badge|membership)"
    " ?(?:id|no|number|#)\\.?(?: ?no\\.?)?"
)
BLOCK_EN = (
    "(?:ship(?:ped|ping)?|bill(?:ed|ing)?|deliver(?:ed|y)?|invoice[d]?|sold|remit|send|mail) ?to|consignee"
    "|consignor|shipper|(?:shipping|billing|delivery|return) address|recipient|sender|addressee|to|from"
)
PHONE_EN = (
    "(?:(?:home|work|mobile|cell|daytime|evening|contact|emergency|office)(?: contact)? )*"
    "(?:(?:tele)?phone|mobile|cell|tel|fax|contact)(?: ?(?:no|number|nr|#))\\.?"
    "|(?:home|work|mobile|cell|daytime|evening|emergency)? ?(?:tele)?phone|mobile|cell(?:phone)?"
    "|tel\\.?|fax"
)
MAIL_EN = "(?:(?:your|work|home|contact) )?e-?mail(?: ?(?:address|id))?"
ADDRESS_EN = (
    "(?:(?:home|street|mailing|postal|current|permanent|residential|work|business|your|full) )*"
    "address(?: line ?\\d)?|residence|city|town|zip(?: ?code)?|post(?:al)? ?code|place of birth"
    "|state/zip|city,? state,?(?: zip)?"
)
BIRTH_EN = "(?:date|day) of birth|birth ?da(?:te|y)|d\\.?o\\.?b\\.?|born(?: on)?"
NEUTRAL_EN = (
    "date|time|day|company|team|department|dept\\.?|division|position|job title|title|occupation|item|items"
    "|description|qty|quantity|unit|unit price|price|amount|total|sub ?total|tax|notes?|remarks?|comments?"
    "|sex|gender|age|relationship|reason|reason for visit|visit|purpose|no\\.?|number|skills?|journey"
    "|cost cent(?:re|er)|main concern|allergies|medication|symptoms|school|grade|class|course"
    "|organi[sz]ation|nationality|status"
    "|marital status|signature|initials|yes|no|other|in|out|time in|time out|hours|weight|height|blood type"
    "|order(?: no\\.?)?|invoice(?: no\\.?)?|receipt|payment|currency|project|location|room|site|event"
    "|session"
)

# Known as they are alone: a slip more, and "Tutor" would be a Mr Tudor's label.
PERSON_EXACT = (
    "(?:連帯|身元)?保証人|身元引受人|法定代理人|後見人|賃[貸借]人|貸主|借主|売主|買主|施主|建築主|荷主"
    "|お?客様名?|顧客名?"
    "|父親?|母親?|夫|妻|祖父|祖母|兄弟姉妹|兄弟|姉妹|児童|園児|同居人|同居者|家族|同伴者|(?:ご"
    "|御)?紹介者?|立会人?"
    "|(?:園|校|院|所|室|局|係|班|組|支店|工場|社|会|理事|事務|隊|団|委員|学|学部|科|町会|自治会|区|次"
    "|副社|副会)長"
    "|主任|主査|専務|常務|取締役|理事|監事|委員|幹事|会計|書記|起案|起案者|検印|審査|受付者"
    "|受付担当者?|(?:工事|営業|販売|経理|総務)担当者?"
    "|(?:project|line|account|office|site|store|shop|case|team|general|care|area|duty|branch|property"
    "|hiring)"
    " (?:manager|lead|leader|supervisor|worker|officer)"
    "|reviewer|approver|request[eo]r|submitter|preparer|assignee|nominee|guarantor|signatory"
    "|co-?applicant|co-?signer"
    "|co-?ordinator|director|officer|secretary|treasurer|chair(?:man|woman|person)|principal"
    "|head ?teacher|trainer"
    "|trainee|apprentice|intern|candidate|assessor|appraiser|inspector|technician|engineer|operator|caller"
    "|complainant|defendant|plaintiff|informant|donor|debtor|creditor|borrower|lender|buyer|seller"
    "|purchaser|lessee"
    "|lessor|executor|trustee|translator|interpreter|surgeon|consultant|midwife|therapist|pharmacist"
    "|carer|caregiver"
    "|key ?worker|case ?worker|social worker|solicitor|attorney|agent|broker|advis[eo]r|bearer"
    "|passenger|travell?er"
    "|respondent|sponsor|referee|proposer|seconder|delegate|speaker|organi[sz]er|mentor|mentee|tutor"
    "|resident"
    "|occupant|householder|head of household|subscriber|claim handler"
    "|(?:customer|client|site|billing|technical|main|primary|second|secondary|alternate|alternative"
    "|first|other) contact"
    "|(?:authori[sz]ed|responsible) (?:person|signatory|signature)"
    "|(?:assigned|allocated|reports?|addressed|transferred) to|(?:handled|sold|taken|drawn|written"
    "|designed|inspected"
    "|tested|recorded|entered|logged|reviewed|accepted|collected|picked|packed|examined|interviewed"
    "|assessed|supervised"
    "|confirmed|certified|notified|nominated|proposed|seconded|sponsored|audited|assisted|performed"
    "|conducted) by"
    "|(?:owner|driver|keeper|name|signature|operator|user|holder|parent|guardian) of (?:the )?[a-z]{3,12}"
    "|(?:full |print(?:ed)? )?names? ?(?:and|&|/) ?(?:title|position|role|signature|company|surname)"
    "|(?:approver|reviewer|requester|manager|supervisor|driver|operator|technician|owner|holder|buyer"
    "|seller|agent"
    "|witness|spouse|child|teacher|doctor|member|visitor|guest|host|passenger|candidate|student|pupil"
    "|user|author)"
    "(?:'s)? (?:full )?names?"
)
NEUTRAL_EXACT = (
    "工期|物件名|建物名|契約金額|会員種別|受付番号|受付日|再発行の理由|貸出日|返却日?|返却予定日|場所"
    "|工事名|工事場所|納期|有効期限"
    "|vehicle|damage|insurer|garage|system|priority|version|summary|serial(?: no\\.?)?|product"
    "|products|due date|policy no\\.?"
    "|cost|discount|balance|delivery date|order date|invoice date|terms|reference(?: no\\.?)?|details"
    "|category|code"
)
# A firm's, a team's or a ware's name is asked for.
FIRM = (
    "会社名?|勤務先名?|法人名|団体名|店舗名?|支店名?|病院名|学校名|施設名|所属|部署名?|部門|課|班|組"
    "|company(?: name)?|firm|organi[sz]ation|employer|team|department|dept\\.?|division|branch"
    "|institution|school"
    "|business name|agency|insurer|supplier"
    "|品名|品目|商品名?|製品名?|内容品|物品名?|備品名?|items?|products?|article"
)
_OF_FORMS = (
    "packing|delivery|shipping|dispatch|order|expenses?|travel|mileage|visitors?|guest|attendance"
    "|membership|volunteer"
    "|patient|client|customer|employee|staff|student|intake|admissions?|enroll?ment|registration"
    "|application|incident"
    "|accident|insurance|claim|absence|change|purchase|service|repair|maintenance|inspection|medical|health"
    "|consent|feedback|evaluation|new|annual|monthly|weekly|daily|access|payment|credit|refund|return"
    "|request|complaints?|contact|event|course|training|library|booking|reservation|meeting|job|tax"
    "|rental|lease"
    "|parking|sign[- ]?in|sign[- ]?out"
)
# What a form is called, of such words alone: to the English model a Packing Slip is a person.
TITLE = (
    rf"(?:(?:{_OF_FORMS}) ){{1,3}}(?:slip|note|form|report|sheet|log|register|record|application"
    rf"|registration"
    "|questionnaire|request|order|invoice|receipt|statement|claim|card|certificate|sign[- ]?in"
    "|sign[- ]?out|survey"
    "|checklist|roster|schedule|agreement|contract|waiver|permit|information|details|summary|history"
    "|notice)"
)
