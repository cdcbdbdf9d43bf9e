"""Japanese: complete, compiled from its source, and true to its placeholders."""

from __future__ import annotations

import ast
import gettext
import re

import polib
import pytest
from django.conf import settings
from django.utils import translation

from omnigov.sentences import BY_CODE, spoken

FOLDER = settings.LOCALE_PATHS[0] / "ja" / "LC_MESSAGES"
MESSAGES = polib.pofile(str(FOLDER / "django.po"))
PLACES = re.compile(r"%\(\w+\)s|(?:NUMBER|DONE|ALL|REFUSED|KIND|FROM|UNTIL|LEFT|TOP|WIDTH|HEIGHT|LENGTH)")
CALLED = re.compile(r"""{% (?:block)?trans(?:late)? (?P<quote>["'])(?P<text>.+?)(?P=quote)""")


def test_the_compiled_file_is_made_from_the_source() -> None:
    """Mend it with: python -c "import polib; polib.pofile('….po').save_as_mofile('….mo')" """
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in MESSAGES:
        if message.msgid_plural:
            assert compiled.ngettext(message.msgid, message.msgid_plural, 1) == message.msgstr_plural[0]
        else:
            assert compiled.gettext(message.msgid) == message.msgstr, message.msgid


def test_nothing_is_untranslated_or_guessed() -> None:
    assert [message.msgid for message in MESSAGES if not message.translated() or message.fuzzy] == []


def test_placeholders_are_kept() -> None:
    for message in MESSAGES:
        for text in [message.msgstr, *message.msgstr_plural.values()]:
            if text:
                assert set(PLACES.findall(text)) == set(PLACES.findall(message.msgid)), message.msgid


def test_every_text_of_the_templates_is_in_the_source() -> None:
    known = {message.msgid for message in MESSAGES}
    for template in (settings.BASE_DIR / "templates").rglob("*.html"):
        for found in CALLED.finditer(template.read_text(encoding="utf-8")):
            assert found["text"] in known, f"{template.name}: {found['text']}"


def test_every_plain_sentence_that_people_meet_is_translated() -> None:
    """Sentences that services raise word for word; those with numbers go by their code."""
    known = {message.msgid for message in MESSAGES}
    inner = {
        "A file that was refused has no run.",
        "A run is recorded after it was redacted and inferred.",
        "This upload has ended.",
    }
    for file in ("decisions/services.py", "review/corrections.py", "review/services.py", "review/views.py"):
        tree = ast.parse((settings.BASE_DIR / "omnigov" / file).read_text(encoding="utf-8"))
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "NotPossible":
                sentence = ast.literal_eval(call.args[0])
                assert sentence in known | inner, sentence


def test_every_code_of_intake_and_redaction_has_a_sentence() -> None:
    """Their sentences hold numbers and names, so a reader of Japanese gets the code's."""
    for folder, error in (("omnigov/intake", "Refused"), ("workers/redaction", "Quarantined")):
        for file in (settings.BASE_DIR / folder).rglob("*.py"):
            for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if (
                    isinstance(call, ast.Call)
                    and getattr(call.func, "id", "") == error
                    and len(call.args) == 2
                ):
                    code = ast.literal_eval(call.args[0])
                    assert code in BY_CODE, f"{file.name}: {code}"


@pytest.mark.parametrize(
    ("code", "sentence", "japanese"),
    [
        (
            "empty",
            "The file is empty. Check that it was copied whole, and send it again.",
            "ファイルが空です",
        ),
        ("too_many_bytes", "The file has 41.0 MB; up to 40 MB are taken.", "このポリシーで受け付ける大きさ"),
        ("", "Choose the right label.", "正しいラベルを選んでください。"),
        ("unheard_of", "Something new.", "Something new."),
        ("empty", "", ""),
    ],
)
def test_a_sentence_is_spoken_in_the_readers_language(code: str, sentence: str, japanese: str) -> None:
    with translation.override("en"):
        assert spoken(code, sentence) == sentence
    with translation.override("ja"):
        assert spoken(code, sentence).startswith(japanese)
        assert bool(spoken(code, sentence)) is bool(japanese)
