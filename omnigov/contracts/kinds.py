"""The kinds of medium, one row each: how one is told, what limits it, and which files know it.

To add one: a file in `workers/media`, one in `workers/redaction/kinds`, a viewer in
`templates/review/viewers`, and its row here. CONTRIBUTING.md walks through it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

HEAD = 2048  # bytes of a file that `begins` is shown


@dataclass(frozen=True)
class MediumKind:
    """One kind of medium. Files are named and not imported: most bring a library along, the web has none."""

    name: str
    begins: re.Pattern[bytes]  # matches the head of each file of this kind, and may match others'
    limits: tuple[str, ...]  # the fields of `Limits` that hold for it
    copies: Mapping[str, tuple[str, ...]]  # media types of its redacted copies, and how their names end
    medium: str  # module of `workers.media`: its contract is `Medium` in `workers.media.kinds`
    redactor: str  # module of `workers.redaction.kinds`: its contract is `Redactor` in `redactors` there
    viewer: str  # template that shows its redacted copy


_PDF = rb"[\s\S]{0,1019}%PDF-"  # readers of PDF look for its header in the first 1,024 bytes
_TIFF = rb"II[*+]\0|MM\0[*+]"

# A byte of zero is in no text but those of wide characters: with their mark, or with nothing but ASCII first.
_WIDE = rb"\xff\xfe|\xfe\xff|\0\0\xfe\xff|(?:[\t\n\r -~]\0{1,3}){4}|(?:\0{1,3}[\t\n\r -~]){4}"

KINDS = (
    MediumKind(
        name="document",
        begins=re.compile(rb"%b|%b" % (_PDF, _TIFF)),
        limits=("max_bytes", "max_pages"),  # a page is drawn as large as the other limits let it
        copies={"application/pdf": (".pdf",)},
        medium="workers.media.document",
        redactor="workers.redaction.kinds.document",
        viewer="review/viewers/document.html",
    ),
    MediumKind(
        name="picture",
        begins=re.compile(
            rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF[\s\S]{4}WEBP|BM[\s\S]{4}\0{4}|%b" % _TIFF
        ),
        limits=("max_bytes", "max_pixels", "max_side", "max_frames"),
        copies={"image/jpeg": (".jpg", ".jpeg"), "image/png": (".png",)},
        medium="workers.media.picture",
        redactor="workers.redaction.kinds.picture",
        viewer="review/viewers/picture.html",
    ),
    MediumKind(
        name="video",  # before sound: one container holds both, and what shows moving pictures is a video
        begins=re.compile(
            rb"\0[\s\S]{3}(?:ftyp|moov|mdat|wide|free|skip)|\x1a\x45\xdf\xa3|RIFF[\s\S]{4}AVI "
        ),
        limits=(
            *("max_bytes", "max_video_seconds", "max_video_frames", "max_video_pixels", "max_streams"),
            *("max_channels", "max_rate"),
        ),
        copies={"video/mp4": (".mp4",)},
        medium="workers.media.video",
        redactor="workers.redaction.kinds.video",
        viewer="review/viewers/video.html",
    ),
    MediumKind(
        name="sound",
        begins=re.compile(
            rb"RIFF[\s\S]{4}WAVE|fLaC|OggS|\0[\s\S]{3}ftyp|\x1a\x45\xdf\xa3|ID3[\2-\4]"
            rb"|\xff[\xf0\xf1\xf8\xf9\xe2\xe3\xf2\xf3\xfa\xfb]"
        ),
        limits=("max_bytes", "max_seconds", "max_channels", "max_rate"),
        copies={"audio/flac": (".flac",)},
        medium="workers.media.sound",
        redactor="workers.redaction.kinds.sound",
        viewer="review/viewers/sound.html",
    ),
    MediumKind(
        name="text",  # the last one: what has no mark of its own
        begins=re.compile(rb"%b|[^\0]*\Z" % _WIDE),
        limits=("max_bytes", "max_characters"),
        copies={"text/plain; charset=utf-8": ()},
        medium="workers.media.text",
        redactor="workers.redaction.kinds.whole_text",
        viewer="review/viewers/text.html",
    ),
)


def of_copy(media_type: str) -> MediumKind:
    """The kind whose redacted copies are of this media type. Raises `LookupError`."""
    for kind in KINDS:
        if media_type in kind.copies:
            return kind
    raise LookupError(f"No kind of medium has redacted copies of the type {media_type}.")
