"""How people say what tells them apart: in speech and forms, in both languages; and what does not."""

from __future__ import annotations

import pytest

from workers.anonymity.dates import dates
from workers.anonymity.groups import anonymity
from workers.anonymity.nations import CONTINENTS, COUNTRIES, PEOPLES, nation
from workers.anonymity.numbers import kanji, ordinal, year
from workers.anonymity.quasi import exact, found, wider


def said(text: str, kind: str) -> set[str]:
    return set(found(text).get(kind, ()))


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("She's forty-two years old.", "42"),
        ("aged sixty-one", "61"),
        ("a forty-year-old man", "40"),
        ("He is forty.", "40"),
        ("I'm 34, and tired", "34"),
        ("I just turned thirty", "30"),
        ("my son is four", "4"),
        ("at the age of twelve", "12"),
        ("42 years of age", "42"),
        ("a woman of 42", "42"),
        ("an 18-month-old baby", "1"),
        ("M/34 with a cough", "34"),
        ("Jane Ashworth, 34, of Leeds", "34"),
        ("[PERSON_1], 34, of Leeds", "34"),
        ("in her late thirties", "30s"),
        ("in my 60s", "60s"),
        ("a thirty-something teacher", "30s"),
        ("an octogenarian", "80s"),
        ("teenagers", "10s"),
        ("Age\n34\n", "34"),
        ("四十二歳", "42"),
        ("百二歳の祖母", "102"),
        ("三十代の女性", "30s"),
        ("生後6か月の乳児", "0"),
        ("還暦を迎えた", "60"),
        ("はたちのとき", "20"),
        ("田中容疑者（４２）", "42"),
        ("年齢は42です", "42"),
        ("年齢　42", "42"),
    ],
)
def test_ages_are_read_in_figures_and_in_words(text: str, age: str) -> None:
    assert age in said(text, "AGE")


@pytest.mark.parametrize(
    "text",
    [
        "You must be 18 years or older.",
        "18歳以上の方は入場できます。",
        "It turned 30 degrees.",
        "I am one of them.",
        "Page 34 of 50, and figure (34) shows it.",
        "10代目の店主",
        "The order of 34, a big one.",
    ],
)
def test_numbers_that_are_nobodys_age_are_not_counted(text: str) -> None:
    assert said(text, "AGE") == set()


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("67/M with pain", "m"),
        ("34歳(男)", "m"),
        ("女の子", "f"),
        ("性別は女", "f"),
        ("a trans woman", "f"),
        ("Gender: nonbinary", "x"),
    ],
)
def test_sexes(text: str, sex: str) -> None:
    assert said(text, "SEX") == {sex}
    assert said("性別　男・女", "SEX") == set()  # nobody has ticked one


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Her date of birth is 3 May 1977.", "1977-05-03"),
        ("DOB 05/03/1977", "1977-05-03"),
        ("D.O.B. 25.12.1977", "1977-12-25"),
        ("Date of birth\n3 May 1977", "1977-05-03"),
        ("1977-05-03 (date of birth)", "1977-05-03"),
        ("(b. 1977)", "1977"),
        ("She was born in Ghent on 3 May 1977", "1977-05-03"),
        ("born in Leeds in 1977", "1977"),
        ("On 3 May 1977 she was born", "1977-05-03"),
        ("born on the third of May 1977", "1977-05-03"),
        ("I was born in nineteen seventy-seven", "1977"),
        ("born 5/3/77", "1977-05-03"),
        ("born '77", "1977"),
        ("birthdate: 19770503", "1977-05-03"),
        ("my birthday is May 3rd", "--05-03"),
        ("May 3 is my birthday", "--05-03"),
        ("生年月日　昭和52年5月3日", "1977-05-03"),
        ("生年月日は昭和五十二年五月三日です", "1977-05-03"),
        ("生年月日\n一九七七年五月三日", "1977-05-03"),
        ("S52.5.3生", "1977-05-03"),
        ("昭52.5.3生", "1977-05-03"),
        ("1977年5月3日、大阪で生まれた", "1977-05-03"),
        ("昭和52年大阪生まれ", "1977"),
        ("77年生まれ", "1977"),
        ("平成元年の早生まれ", "1989"),
        ("誕生日は5月3日です", "--05-03"),
    ],
)
def test_dates_of_birth_in_all_their_writings(text: str, date: str) -> None:
    assert date in said(text, "BIRTH_DATE")


@pytest.mark.parametrize(
    "text",
    [
        "The meeting in 1999 was long.",
        "She was born in Leeds and moved to York in 1999.",
        "生徒は5月3日に来る。",
        "5月3日生放送",
        "1977年生産の車",
        "1977年大学生になった",
    ],
)
def test_other_days_are_nobodys_birth(text: str) -> None:
    assert said(text, "BIRTH_DATE") == set()


def test_a_day_without_a_year_has_no_wider_class() -> None:
    assert [wider("BIRTH_DATE", "--05-03", level) for level in range(3)] == ["--05-03", "", ""]
    assert [wider("STAY", "--05-03", level) for level in range(3)] == ["--05-03", "--05", ""]


def test_a_form_whose_era_is_circled_says_a_date_all_the_same() -> None:
    assert exact("BIRTH_DATE", "明・大・昭・平 52年") == {"明・大・昭・平 52年"}
    assert exact("BIRTH_DATE", "明・大・昭・平 52年", labelled=False) == set()
    assert wider("BIRTH_DATE", "明・大・昭・平 52年", 1) == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("my zip code is 02139", "02139"),
        ("Postcode 2000", "2000"),
        ("郵便番号は564-0001", "5640001"),
        ("〒5640001", "5640001"),
        ("東京都新宿区新宿1-2-3 160-0022", "1600022"),
        ("Chiyoda, Tokyo 160-0022", "1600022"),
        ("Ottawa K1A 0B1", "K1A0B1"),
        ("1017 AB Amsterdam", "1017AB"),
        ("Sydney NSW 2000", "2000"),
        ("Hauptstr. 5, 10115 Berlin", "10115"),
        ("D-10115 Berlin", "10115"),
        ("00-950 Warszawa", "00950"),
        ("01310-100 São Paulo", "01310100"),
        ("12 rue de la Paix\n75002 Paris", "75002"),
        ("Bahnhofstrasse 1\n8001 Zürich", "8001"),
        ("Drottninggatan 5, 111 51 Stockholm", "11151"),
        ("12 Elm Street\nSpringfield\n12345", "12345"),
        ("12 Elm Street, Springfield,\n OH\n 45501", "45501"),
        ("Springfield, Ohio 45501", "45501"),
        ("Montevideo, Uruguay 11000", "11000"),
        ("75001, France", "75001"),
        ("Mumbai - 400001", "400001"),
    ],
)
def test_postal_codes_of_many_countries(text: str, code: str) -> None:
    assert code in said(text, "POSTAL_CODE")


@pytest.mark.parametrize(
    "text",
    [
        "The phone number is 555-1234.",
        "Call 555-1234 today.",
        "電話は123-4567です",
        "口座番号 123-4567",
        "The bill was 12345 yen.",
        "Invoice\n12345",
        "Room 1204 AB is closed.",
        "Open until 1130 PM",
        "On May 3, 2021 Paris was hot.",
        "Japan 2020 was cancelled.",
        "12 Elm Street, Flat 1234",
    ],
)
def test_other_numbers_are_no_postal_code(text: str) -> None:
    assert said(text, "POSTAL_CODE") == set()


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("She is a Frenchwoman.", "french"),
        ("the Germans next door", "german"),
        ("a tall Slovene engineer", "slovene"),
        ("My wife is Brazilian and", "brazilian"),
        ("he's french", "french"),
        ("a Finn", "finnish"),
        ("Many Poles live here", "polish"),
        ("British-born", "british"),
        ("The American said no", "american"),
        ("his Kenyan passport", "kenyan"),
        ("the Peruvian embassy", "peruvian"),
        ("the Hungarian government", "hungarian"),
        ("She comes from Nigeria", "nigerian"),
        ("I'm originally from Uzbekistan.", "uzbek"),
        ("born and raised in Chile", "chilean"),
        ("a citizen of the Netherlands", "dutch"),
        ("Nationality: JAPANESE", "japanese"),
        ("Nationality\nViet Nam", "vietnamese"),
        ("country of origin: Syria", "syrian"),
        ("Nationality: GBR", "gbr"),
        ("国籍はペルーです", "peruvian"),
        ("国籍・地域　ベトナム", "vietnamese"),
        ("韓国籍", "korean"),
        ("米国籍を取得", "american"),
        ("日系ブラジル人", "brazilian"),
        ("ネパール出身の留学生", "nepalese"),
        ("ウクライナからの難民", "ukrainian"),
        ("ミャンマー大使館", "burmese"),
        ("台湾から来た", "taiwanese"),
    ],
)
def test_nations_by_their_people_and_where_somebody_is_from(text: str, people: str) -> None:
    assert people in said(text, "NATIONALITY")


@pytest.mark.parametrize(
    "text",
    [
        "She speaks French and German.",
        "The report was written in Japanese.",
        "He ordered French fries, Danish pastry and Greek wine.",
        "Polish the table.",
        "Finn and Dane met Scot.",
        "Turkey is a bird, and China plates broke.",
        "We moved to Italy in 2001",
        "BlackRock Latin American Holdings wrote",
        "12 German Street, Ghent",
        "日本語で話す。中国地方の天気。英和辞典。アメリカンコーヒー。日本政府。",
        "仏像を見る。孤独籍",
    ],
)
def test_languages_dishes_and_names_are_no_nationality(text: str) -> None:
    assert said(text, "NATIONALITY") == set()


def test_each_nation_has_one_name_and_a_continent() -> None:
    assert {*PEOPLES.values(), *COUNTRIES.values()} == set(CONTINENTS)
    assert nation("イギリス人") == nation("United Kingdom") == nation("Brits") == "british"
    assert nation("nowhere") == ""
    assert wider("NATIONALITY", nation("Slovenia"), 1) == "Europe"
    assert said("lives in Columbus", "PLACE") == {"/columbus"}  # which ends like "US"


def test_numbers_in_words() -> None:
    assert [ordinal(words) for words in ("first", "eighth", "ninth", "twenty-first")] == [1, 8, 9, 21]
    assert [year(words) for words in ("nineteen oh four", "two thousand and three", "twenty ten")] == [
        1904,
        2003,
        2010,
    ]
    assert [kanji(signs) for signs in ("十", "四十二", "百二", "一九七七", "百十五")] == [
        10,
        42,
        102,
        1977,
        115,
    ]
    assert dates("It took twenty five minutes") == []


def test_no_field_of_the_report_holds_a_day_without_its_year() -> None:
    report = anonymity([found("my birthday is May 3rd"), found("誕生日は5月3日")])
    assert report.groups is not None
    assert report.groups.k == 2
    assert "05-03" not in report.model_dump_json()
