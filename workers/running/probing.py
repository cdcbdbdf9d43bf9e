"""One look at a whole upload, before anything of it is decoded. Needs no model and no detector."""

from __future__ import annotations

from omnigov.contracts import Hook, Refused
from omnigov.decisions import services
from omnigov.decisions.leases import Claim
from omnigov.decisions.models import Run
from omnigov.erasure.services import holds_go_over
from omnigov.intake import vault
from omnigov.intake.digests import Digests
from omnigov.intake.models import Submission
from workers.media.kinds import kind_of, probe
from workers.media.source import Source


def check_one(claim: Claim, hook: Hook) -> None:
    """Tells the file's type from its content, holds it against the policy's limits, and takes its digests.

    However large it is, a piece of it is in memory at a time.
    """
    run = Run.objects.select_related("asset__workspace", "policy_version", "submission").get(pk=claim.run_id)
    digests = Digests(run.asset.workspace, run.asset_id)
    with vault.Original(run.asset_id, length=run.asset.size) as original:
        source = Source(lambda start, end: b"".join(original.pieces(start, end)), len(original))
        hook("checking", progress=0)
        try:
            found = probe(source, run.policy_version.spec.limits, run.submission.encoding)
            _as_announced(run.submission, kind_of(source).name)
        except Refused as refusal:
            services.check_refuse(claim, refusal)
            return
        done = 0
        for piece in original.pieces():
            digests.update(piece)
            done += len(piece)
            hook("checking", progress=done / len(original))
    checked = services.Checked(
        found.media_type, found.width, found.height, digests.recognition, digests.commitment
    )
    services.check_accept(claim, checked, goes_over=holds_go_over)


def _as_announced(submission: Submission, kind: str) -> None:
    """Raises `Refused` where the file is not what it was handed in as: a recording, a picture beside one."""
    if submission.beside_id and kind != "picture":
        raise Refused(
            "not_a_picture",
            "Only pictures can be handed in together with a recording, and this file is none. Send it by "
            "itself.",
        )
    if submission.with_pictures and kind != "sound":
        raise Refused(
            "not_a_recording",
            "Pictures were handed in together with this file, and it is no recording. Send each by itself.",
        )
