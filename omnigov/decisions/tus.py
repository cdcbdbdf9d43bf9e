"""Resumable uploads: the tus protocol 1.0.0, core and the creation extension (https://tus.io).

POST   /uploads/      Upload-Length, Upload-Metadata: filename, batch, encoding (of a text, where its
                      bytes don't say it for sure)                       → 201 with Location
                      A spoken report: the recording says in `pictures` how many belong to it, and each of
                      these says in `beside` the recording's own id, the last part of its Location
HEAD   /uploads/ID/   → Upload-Offset: where to go on
PATCH  /uploads/ID/   Upload-Offset and the bytes from there on          → 204 with the new Upload-Offset
GET    /uploads/ID/   (ours) → JSON: what became of the file, for the page to show

What the house refuses is answered with JSON that holds the sentence.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import uuid
from collections.abc import Callable
from functools import wraps
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from omnigov.accounts.middleware import MemberRequest
from omnigov.accounts.models import Role
from omnigov.decisions.uploads import upload_append
from omnigov.intake.models import Submission
from omnigov.intake.queries import batch_of, submission_of
from omnigov.intake.services import NotTogether, UploadConflict, UploadGone, upload_begin
from omnigov.sentences import spoken

VERSION = "1.0.0"
CHUNK_TYPE = "application/offset+octet-stream"
METADATA_MAX = 4096


class _Answer(Exception):
    """Ends the request with this answer."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.response = JsonResponse({"sentence": sentence}, status=status)
        for name, value in headers.items():
            self.response[name.replace("_", "-")] = value


def _tus(
    view: Callable[..., HttpResponse],
) -> Callable[..., HttpResponse]:
    """Asks for an operator and for the protocol's version. A script can't follow a page to sign in on,
    so whoever is not signed in gets 401 here."""

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            membership = cast(MemberRequest, request).membership
            if not request.user.is_authenticated:
                raise _Answer(401, _("You are signed out. Sign in again, then choose the same files."))
            if membership is None or not membership.may(Role.OPERATOR):
                raise _Answer(403, _("Your role does not include handing in files."))
            asks = request.method not in {"OPTIONS", "GET"}
            if asks and request.headers.get("Tus-Resumable") != VERSION:
                raise _Answer(412, f"This server speaks tus {VERSION}.", Tus_Version=VERSION)
            response = view(request, *args, **kwargs)
        except _Answer as answer:
            response = answer.response
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    return checked


@require_http_methods(["POST", "OPTIONS"])
@_tus
def uploads(request: MemberRequest) -> HttpResponse:
    """OPTIONS says what is spoken here; POST begins an upload in a batch."""
    if request.method == "OPTIONS":
        response = HttpResponse(status=204)
        response["Tus-Version"] = VERSION
        response["Tus-Extension"] = "creation"
        return response
    length = _number(request, "Upload-Length")
    metadata = _metadata(request.headers.get("Upload-Metadata", ""))
    batch = None
    with contextlib.suppress(ValueError):
        batch = batch_of(request.workspace, uuid.UUID(metadata.get("batch", "")))
    if batch is None:
        raise _Answer(404, _("This batch is not there. Load the page again, and send the files anew."))
    if batch.label and not request.membership.may(Role.STEWARD):
        raise _Answer(403, _("Your role does not include handing in files."))
    try:
        submission = upload_begin(
            batch=batch,
            name=metadata.get("filename", ""),
            length=length,
            by=request.user,
            encoding=metadata.get("encoding", ""),
            beside=_recording(request, metadata.get("beside", "")),
            with_pictures=_pictures(metadata.get("pictures", "")),
        )
    except NotTogether as reason:
        raise _Answer(422, spoken("not_together", str(reason))) from None
    if submission.state == Submission.State.REFUSED:
        status = 413 if submission.refusal_code == "too_many_bytes" else 422
        raise _Answer(status, spoken(submission.refusal_code, submission.refusal_sentence))
    response = HttpResponse(status=201)
    response["Location"] = reverse("decisions:upload-resource", args=[submission.id])
    response["Upload-Offset"] = "0"
    return response


@require_http_methods(["HEAD", "PATCH", "GET"])
@_tus
def upload_resource(request: MemberRequest, submission_id: uuid.UUID) -> HttpResponse:
    """HEAD says where the upload stands, PATCH goes on from there, GET says what became of it."""
    submission = submission_of(request.workspace, submission_id)
    if submission is None:
        raise _Answer(404, _("This upload is not there."))
    if request.method == "GET":
        return JsonResponse(
            {
                "state": submission.state,
                "sentence": spoken(submission.refusal_code, submission.refusal_sentence),
                "seen_before": submission.seen_before,
            }
        )
    if request.method == "PATCH":
        submission = _append(request, submission)
        status = 204
    else:
        # An upload that was refused by its first bytes is gone; one that was refused when whole has arrived.
        if submission.state == Submission.State.REFUSED and submission.offset < submission.length:
            raise _Answer(410, _("This upload has ended."))
        status = 200
    response = HttpResponse(status=status)
    response["Upload-Offset"] = str(submission.offset)
    response["Upload-Length"] = str(submission.length)
    return response


def _recording(request: MemberRequest, text: str) -> Submission | None:
    """The upload that this one is a picture of; None where none is named."""
    if not text:
        return None
    with contextlib.suppress(ValueError):
        if found := submission_of(request.workspace, uuid.UUID(text)):
            return found
    raise _Answer(422, _("The recording that this picture belongs to is not there. Send both anew."))


def _pictures(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise _Answer(400, "pictures must be a number, zero or more.")
    return int(text)


def _append(request: HttpRequest, submission: Submission) -> Submission:
    if request.content_type != CHUNK_TYPE:
        raise _Answer(415, f"A chunk is sent as {CHUNK_TYPE}.")
    offset = _number(request, "Upload-Offset")
    # Not `request.body`: the request would keep the bytes, and stays itself, in a cycle of references, until
    # the collector's next full round. Under a long upload dozens of chunks lay in memory.
    chunk = request.read()
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    if len(chunk) > most:
        raise _Answer(413, f"A chunk may have up to {most} bytes; send smaller ones.")
    try:
        done = upload_append(submission_id=submission.id, offset=offset, chunk=chunk)
    except UploadConflict as conflict:
        raise _Answer(409, str(conflict), Upload_Offset=str(conflict.offset)) from None
    except UploadGone:
        raise _Answer(410, _("This upload has ended.")) from None
    if done.state == Submission.State.REFUSED:
        raise _Answer(422, spoken(done.refusal_code, done.refusal_sentence))
    return done


def _number(request: HttpRequest, header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise _Answer(400, f"{header} must be a number, zero or more.")
    return int(text)


def _metadata(header: str) -> dict[str, str]:
    """`key base64,key base64`, as tus has it."""
    if len(header) > METADATA_MAX:
        raise _Answer(400, "Upload-Metadata is too long.")
    found = {}
    for pair in header.split(","):
        key, _space, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise _Answer(400, "Upload-Metadata must be keys with values in base64 of UTF-8.") from None
    return found
