"""How the parts of a policy are called on the pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from omnigov.contracts import RedactionProfile
from omnigov.wording import FINDINGS

QUESTIONS = (
    gettext_noop("Is anybody or a vehicle at the gate?"),
    gettext_noop("Does this machine sound as usual?"),
    gettext_noop("What is this spoken report from the shop floor about?"),
    gettext_noop("What kind of thing does this picture show?"),
    gettext_noop("What kind of document is this?"),
    gettext_noop("What state is the product in?"),
)
"""What the built-in policies ask. The model is asked in English; pages say it in the reader's own too."""

FIELDS = {
    "question": _("The question"),
    "labels": _("Labels"),
    "stage": _("Stage"),
    "abstain_below": _("The model abstains below"),
    "reasons_max_tokens": _("Length of the model's reasons"),
    "attribution_steps": _("Steps of the explanation"),
    "deep_share": _("Share of the decisions that are explained thoroughly"),
    "pages_most": _("Pages that the model sees"),
    "pages_which": _("Which pages these are"),
    "text_tokens": _("Length of the text that the model reads"),
    "retention_days": _("Days that media are kept"),
    "limits_max_bytes": _("Bytes of a file"),
    "limits_max_pixels": _("Pixels of a picture"),
    "limits_max_side": _("Longest side of a picture"),
    "limits_max_frames": _("Pictures in a file"),
    "limits_max_pages": _("Pages of a document"),
    "limits_max_characters": _("Characters of a text"),
    "limits_max_seconds": _("Seconds of a recording"),
    "limits_max_channels": _("Channels of a recording"),
    "limits_max_rate": _("Samples a second of a recording"),
    "limits_max_video_seconds": _("Seconds of a video"),
    "limits_max_video_frames": _("Pictures of a video"),
    "limits_max_video_pixels": _("Pixels of each picture of a video"),
    "limits_max_streams": _("Streams of a video"),
    "review_below_confidence": _("A person looks below"),
    "review_sample_rate": _("Share drawn at random"),
    "review_high_severity": _("A person looks at high severity"),
    "review_badly_read": _("A person looks from this share of badly read writing"),
    "review_many_regions": _("A person looks from this number of hidden places"),
    "review_redaction_rate": _("Share of redacted copies drawn at random"),
    "review_verdicts_needed": _("People who have to agree"),
    "review_verdicts_most": _("People asked until it is escalated"),
    "review_blind": _("Nobody sees the others' verdicts before their own"),
    "review_due_hours": _("Hours within which a person answers"),
    "review_uphold_reason": _("Whoever upholds writes a reason, too"),
    "redaction_faces": _("Faces"),
    "redaction_text": _("Personal data in text"),
    "redaction_codes": _("QR codes and barcodes"),
    "redaction_seals": _("Seals (hanko)"),
    "redaction_screens": _("Lit screens"),
    "redaction_languages": _("Languages of the text"),
    "redaction_entities": _("Kinds in text"),
    "redaction_face_threshold": _("Faces from"),
    "redaction_text_threshold": _("Text from"),
    "redaction_padding": _("Margin"),
    "redaction_fill": _("Hidden by"),
    "redaction_second_look": _("Second look"),
    "redaction_templates": _("Form template"),
    "redaction_template_required": _("Only known forms"),
    "redaction_speakers": _("Speakers in each recording"),
    "redaction_smallest_face": _("Smallest face that is found in a video"),
    "redaction_tone": _("A tone where a recording is hidden"),
}
"""By the name that the ledger gives a field that changed: a part's name, then the field's."""

FILLS = {"solid": _("solid black"), "blur": _("blur (weak)"), "mosaic": _("mosaic (weak)")}
LANGUAGES = {"en": _("English"), "ja": _("Japanese")}

_GROUPS = (
    (
        _("Persons and how to reach them"),
        ("PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "LOCATION", "DATE_TIME", "SIGNATURE"),
    ),
    (_("Accounts and addresses on the network"), ("CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS", "URL")),
    (_("Japan"), tuple(kind for kind in FINDINGS if kind.startswith("JP_"))),
    (_("Documents and vehicles"), ("US_SSN", "MRZ", "LICENCE_PLATE")),
)


def kinds_by_group(profile: RedactionProfile) -> list[tuple[object, list[str]]]:
    """The kinds that can be looked for in text, in groups: the usual ones, and those of this profile."""
    usual = RedactionProfile().entities
    kinds = [*usual, *(kind for kind in profile.entities if kind not in usual)]
    groups = [(name, [kind for kind in members if kind in kinds]) for name, members in _GROUPS]
    grouped = {kind for _name, members in groups for kind in members}
    rest = [kind for kind in kinds if kind not in grouped]
    return [*groups, *([(_("Others"), rest)] if rest else [])]


def field_kinds() -> list[tuple[str, str]]:
    """What a field of a form may be: any field first, then what is hidden elsewhere too."""
    others = [kind for kind in FINDINGS if kind not in {"FORM_FIELD", "UNREADABLE_TEXT", "BY_HAND", "CODE"}]
    return [(kind, str(FINDINGS.get(kind, kind))) for kind in ("FORM_FIELD", *others)]
