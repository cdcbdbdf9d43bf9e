"""What people fill in to hand files in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from omnigov.accounts.models import Workspace
from omnigov.contracts.kinds import HEAD
from omnigov.intake.models import Batch
from omnigov.intake.services import NotTogether, recording_among
from omnigov.policies.models import PolicyVersion
from omnigov.policies.queries import current_versions, measurements_of
from omnigov.sentences import spoken

OPEN_QUESTION = "what-is-shown"
"""The built-in policy that needs to know nothing of whoever hands a file in."""


class BatchForm(forms.Form):
    """A new batch: what is asked of its files, and what it is called.

    `cleaned_data["policy"]` is the newest version of the chosen policy.
    """

    policy = forms.ChoiceField(label=_("What should be decided?"))
    name = forms.CharField(
        label=_("Name of the batch"),
        max_length=120,
        required=False,
        help_text=_("You may leave this empty: then the batch gets the date and time as its name."),
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        japanese = get_language() == "ja"
        self.versions = {version.policy.slug: version for version in current_versions(workspace)}
        field = self.fields["policy"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker, not the reader
        measured = measurements_of(self.versions.values())
        field.choices = [
            (slug, self._name(version, japanese=japanese, measured=version.pk in measured))
            for slug, version in self.versions.items()
        ]
        field.initial = self._usual(workspace)
        field.error_messages["invalid_choice"] = _("There is no such policy any more. Load the page again.")

    def _usual(self, workspace: Workspace) -> str | None:
        """What was asked here last; at first the open question about pictures, where there is that."""
        last = (
            Batch.objects.filter(workspace=workspace)
            .order_by("-created_at")
            .values_list("policy_version__policy__slug", flat=True)
        )
        return next((slug for slug in (*last[:1], OPEN_QUESTION) if slug in self.versions), None)

    @staticmethod
    def _name(version: PolicyVersion, *, japanese: bool, measured: bool) -> str:
        name = version.policy.name_ja if japanese else version.policy.name_en
        return name if measured else f"{name} ({_('not measured')})"

    def clean_policy(self) -> PolicyVersion:
        return self.versions[self.cleaned_data["policy"]]


ENCODINGS = (
    ("", _("found by itself")),
    ("Unicode", [("utf-8", "UTF-8"), ("utf-16-le", "UTF-16 LE"), ("utf-16-be", "UTF-16 BE")]),
    (
        _("Japanese"),
        [
            ("cp932", "Shift_JIS (Windows-31J)"),
            ("euc_jp", "EUC-JP"),
            ("iso2022_jp", "ISO-2022-JP (JIS)"),
        ],
    ),
    (_("Chinese"), [("gb18030", "GB 18030"), ("gbk", "GBK (GB 2312)"), ("big5", "Big5")]),
    (_("Korean"), [("euc_kr", "EUC-KR")]),
    (
        _("Western European"),
        [("cp1252", "Windows-1252"), ("latin_1", "ISO-8859-1 (Latin-1)"), ("iso8859_15", "ISO-8859-15")],
    ),
    (_("Central European"), [("cp1250", "Windows-1250")]),
    (_("Cyrillic"), [("cp1251", "Windows-1251"), ("koi8_r", "KOI8-R")]),
)
"""What the upload page offers, as other programs call it. The rest of `NAMED` can be told, or is rare."""


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once. An empty one is passed on: intake refuses it with a sentence of its own."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files = [file for file in data or [] if file]
        if not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return files


class FilesForm(BatchForm):
    """The same with files, and what texts among them are encoded in: for browsers without scripts."""

    encoding = forms.ChoiceField(
        label=_("Encoding of the texts"),
        choices=ENCODINGS,
        required=False,
        help_text=_(
            "Only where a text was refused because its encoding can't be told. It holds for all texts that "
            "are sent with it."
        ),
    )

    together = forms.BooleanField(
        label=_("These files are one report: a recording and its pictures"),
        required=False,
        help_text=_(
            "The recording and its pictures are then decided together. Each is redacted by itself first. One "
            "recording, and up to four pictures."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Not a class attribute: a form's `files` is what came in, and the field has the same name.
        self.fields["files"] = FilesField(
            label=_("Files"), error_messages={"required": _("Choose at least one file.")}
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("together") and cleaned.get("files"):
            heads = [_head(file) for file in cleaned["files"]]
            try:
                recording = recording_among(heads)
            except NotTogether as reason:
                raise forms.ValidationError(spoken("not_together", str(reason))) from None
            cleaned["files"].insert(0, cleaned["files"].pop(recording))
        return cleaned


def _head(file: UploadedFile[Any]) -> bytes:
    head = bytes(file.read(HEAD))
    file.seek(0)
    return head
