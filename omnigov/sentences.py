"""Sentences that services and workers write down, in the reader's language.

They are kept in English, as they were written, because a worker knows no reader. A page shows them through
`spoken`: word for word in English; in another language by translating the sentence, or, where it holds
numbers or names, a sentence that says the same without them. What nobody translated stays English:
better than a guess.
"""

from __future__ import annotations

from django.utils.translation import get_language, gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

BY_CODE = {
    # intake: why a file was refused
    "abandoned": _("The upload stopped half-way and was not taken up for a day. Send the file again."),
    "bomb": _("The file would grow far too much when opened. If it is one plain colour, send a smaller one."),
    "damaged": _("The file is damaged. Open it in the program that it is from, save it anew and send that."),
    "empty": _("The file is empty. Check that it was copied whole, and send it again."),
    "encrypted": _("The PDF is locked with a password. Save it without a password, and send that."),
    "encoding_unknown": _("There is no such encoding to choose. Choose another, or none."),
    "encoding_wrong": _(
        "The text is not in the encoding that was chosen. Choose none, or save it as UTF-8 and send that."
    ),
    "not_a_picture": _(
        "Only pictures can be handed in together with a recording, and this file is none. Send it by itself."
    ),
    "not_a_recording": _(
        "Pictures were handed in together with this file, and it is no recording. Send each by itself."
    ),
    "not_together": _("These files can't be handed in as one report. Send each by itself."),
    "not_media": _(
        "This is no medium that is taken here, whatever its name says. Send a picture, a PDF or a text."
    ),
    "not_text": _(
        "The text's encoding can't be told for sure. Save it as UTF-8 and send that, or send it again and "
        "choose its encoding under “More choices” on the upload page."
    ),
    "polyglot": _(
        "The file is a picture and something else at once. Open it in a picture editor, save the picture "
        "alone and send that."
    ),
    "too_many_characters": _("The text is longer than this policy takes. Split it and send the parts."),
    "too_many_findings": _(
        "More would have to be hidden in this file than one record holds. Split it and send the parts."
    ),
    "too_many_pages": _("The document has more pages than this policy takes. Split it and send the parts."),
    "too_long": _("The recording is longer than this policy takes. Split it and send the parts."),
    "too_short": _(
        "The recording is too short for anybody to say a word. Check that it was copied whole, and send it "
        "again."
    ),
    "too_many_channels": _(
        "The recording has more channels than this policy takes. Save it in stereo or mono."
    ),
    "too_high_a_rate": _(
        "The recording has more samples a second than this policy takes. Save it with 48,000."
    ),
    "too_many_streams": _("The file holds several recordings side by side. Save each as a file of its own."),
    "channels_cancel": _(
        "The recording's channels cancel each other out. Save one of the channels alone and send that."
    ),
    "changes": _("The recording changes its channels or its rate in the middle. Save it anew as one piece."),
    "video_too_long": _("The video is longer than this policy takes. Split it and send the parts."),
    "video_frames": _("The video has more frames than this policy takes. Split it and send the parts."),
    "video_changes": _("The video changes its size in the middle. Save it anew as one piece."),
    "video_streams": _(
        "The file holds more pictures, sounds, subtitles and attachments side by side than this policy "
        "takes. Save it with those that are needed."
    ),
    "no_frames": _(
        "There is no moving picture in the file. Check that it was copied whole, and send it again."
    ),
    "high_dynamic_range": _(
        "The video has a high dynamic range, which is not taken. Save it in standard colours (SDR, BT.709)."
    ),
    "no_sound": _("There is no sound in the file. Check that it was copied whole, and send it again."),
    "video": _(
        "This is a video, and only its sound alone could be taken. Send the sound as a file of its own."
    ),
    "too_long_a_side": _("The picture is too wide or too high. Send a smaller one."),
    "too_many_bytes": _("The file is larger than this policy takes. Send a smaller one."),
    "too_many_frames": _("The file holds several pictures. Send each picture as a file of its own."),
    "too_many_pixels": _("The picture has too many pixels. Send a smaller one."),
    "truncated": _(
        "The file ends before the picture does. It was probably cut off while being copied; send it again."
    ),
    "unsupported": _("This kind of file is not taken here. Send a picture, a PDF or a text."),
    # redaction: why a run is in quarantine
    "copy_broken": _(
        "The redacted copy can't be read back. Try again; if that fails, tell the administrator."
    ),
    "detector_failed": _(
        "A detector stopped while it looked for personal data. Try again; if it happens again, a person has "
        "to redact the file by hand."
    ),
    "detector_missing": _(
        "A detector of personal data did not load. Ask your administrator to mend that, then try again."
    ),
    "detector_silent": _(
        "A detector of personal data finds nothing even where it has to. Ask your administrator to mend "
        "that, then try again."
    ),
    "text_too_slow": _(
        "The text's analysis took too long and was ended. Split the text, or take out what repeats without "
        "end; else a person has to redact it by hand."
    ),
    "no_template": _(
        "The picture is none of the forms that the policy knows. Ask your steward to add this form, or "
        "redact the picture by hand."
    ),
    "still_found": _(
        "Personal data was still found in the redacted copy. A person has to redact it by hand."
    ),
    "region_outside": _("A region reaches beyond the picture or its pages. Correct the regions."),
    "regions_unusable": _("The regions can't be used. Correct them on the picture or in their JSON."),
    "unknown_kind": _(
        "The policy asks to hide something that no detector finds. Ask your steward to correct the policy."
    ),
    # decisions: why a run stopped, or why it has no explanation
    "attribution_failed": _("The explanation could not be computed. The decision stands without it."),
    "unexpected": _(
        "Something unexpected stopped this run. Try it again, and tell your administrator if it fails again."
    ),
    "worker_died": _(
        "The worker stopped several times while it worked on this file. Ask your administrator to look at "
        "the worker's log and memory, then try again."
    ),
    "worker_hung": _(
        "The worker made no progress with this file, several times, and was stopped. Ask your administrator "
        "to look at the worker's log, then try again."
    ),
    "not_looked_at": _(
        "The detectors could not look at this sample. Choose another one, or ask your administrator to look "
        "at the worker's log."
    ),
    "gpu_ended": _(
        "The worker's GPU ended several times while it worked on this file alone. Ask your administrator to "
        "look at the worker's log and the driver's, then try again."
    ),
    "labels_alike": _(
        "Two labels of this policy have the same words, so nothing could tell them apart. Give each label "
        "words of its own."
    ),
    "no_numbers": _(
        "The model's scores of this medium are not numbers, so nothing was decided. Try it again, and tell "
        "your administrator if it fails again."
    ),
    "trouble_lasted": _(
        "The database, the disk or the memory of the worker failed again and again. Ask your administrator, "
        "then try again."
    ),
    # why a run waits
    "moment": _("The worker's database, disk or memory failed. The file is tried again by itself."),
    "worker_unfit": _(
        "The worker can't do its work at present. Ask your administrator to look at its log; the file waits."
    ),
    "no_worker": _(
        "No worker is running that could take this file. Ask your administrator to start one; it waits."
    ),
    "no_model": _(
        "No worker holds the model version that this run asks for. Ask your administrator to start one that "
        "does; it waits."
    ),
    "ModelDiffers": _(
        "This run asks for another model version than the worker has. Ask your administrator for a worker "
        "with that version, or hand the file in again."
    ),
    "VaultDamaged": _(
        "The sealed original can't be opened. Tell your administrator, and send the file again."
    ),
    "KeyUnavailable": _("The keys of this file are gone, or do not open. Tell your administrator."),
    "EvidenceDamaged": _("A picture of this run is gone or was changed. Tell your administrator."),
    "WeightsUnavailable": _("A model file is missing. Ask your administrator to fetch the model files."),
}
"""By the code that stands beside the sentence."""


WORD_FOR_WORD = (
    gettext_noop("The database did not answer. The file is tried again by itself."),
    gettext_noop("The worker's memory did not suffice. The file is tried again by itself."),
    gettext_noop("The worker's disk could not be written or read. The file is tried again by itself."),
    gettext_noop("The folder of originals is not there, or is empty. The file is tried again by itself."),
    gettext_noop("A verdict is a compliance officer's."),
    gettext_noop("Choose the right label."),
    gettext_noop("That is the label the model chose. To agree with it, uphold the decision."),
    gettext_noop("You escalated this decision; another officer has to answer it."),
    gettext_noop("This form belongs to another decision. Load the page again."),
    gettext_noop("Only a run that failed or is in quarantine can be tried again."),
    gettext_noop("This run has begun or ended; only one that still waits can be cancelled."),
    gettext_noop("The log is empty: there is nothing to export yet."),
    gettext_noop("No entry fits what was asked for: the export would be empty, and nothing was written."),
    gettext_noop("Only an export that failed can be taken up again."),
    gettext_noop("This medium is erased; there is nothing left to look at."),
    gettext_noop("What is hidden can be corrected once the file is decided."),
    gettext_noop("No region was changed. Add one, move one or take one away."),
    gettext_noop("This file is not in quarantine any more. Load the page again."),
    gettext_noop("Draw what is to be hidden, or say that nothing personal is visible."),
    gettext_noop("You drew regions. Delete them, or redact by hand."),
    gettext_noop("Say whether you redact by hand or nothing personal is visible."),
    gettext_noop("Somebody changed this before you: another run is in its place. Load the page again."),
    gettext_noop("What is hidden is a compliance officer's to change."),
    gettext_noop("You handed this file in; another officer has to uncover what is in it."),
    gettext_noop("You handed this file in; another officer has to review it."),
    gettext_noop("You handed this file in; another officer has to erase it."),
    gettext_noop("Open the original first: whoever uncovers something has to have seen it."),
    gettext_noop("An officer let this file out of quarantine; another run is in its place."),
    gettext_noop("An officer's correction is not taken back; correct it once more instead."),
    gettext_noop("This decision was corrected; give your verdict on the one in its place."),
    gettext_noop("This medium is erased already; there is nothing left to hold."),
    gettext_noop("This file is being checked at this moment. Try again in a minute."),
    gettext_noop("This medium is erased; nobody can open it."),
    gettext_noop("No worker has checked this file yet. It can be opened after that."),
    gettext_noop("This medium is under a legal hold already."),
    gettext_noop("No legal hold stands on this medium."),
    gettext_noop("You handed this file in; another officer has to release the hold."),
    gettext_noop("A legal hold stands on this medium. Release it first."),
    gettext_noop("Write a reason: an outsider has to understand later why this was done."),
    gettext_noop(
        "Somebody published another version meanwhile. Look at what changed, and make your change anew."
    ),
    gettext_noop("Nothing differs from this version, so there is nothing to publish."),
    gettext_noop("This model version is of another stage than the policy."),
    gettext_noop("A steward opens a stage for a policy."),
    gettext_noop("Nobody has measured this policy at that stage yet. Measure it first, then open the stage."),
    gettext_noop("This offer was decided already, or a newer one is in its place. Load the page again."),
    gettext_noop("This version of the policy names no model. Publish the next one with a model version."),
    gettext_noop(
        "A form template is drawn on a PNG or JPEG picture. Save the form as one of them, and send that."
    ),
    gettext_noop("The picture that you drew on did not come back whole. Choose the sample again."),
    gettext_noop("The picture is too small to be a form. Send a larger one."),
    gettext_noop(
        "Hardly any print is left outside of the fields, so the form could not be known again. Draw smaller "
        "fields, or choose a sample with more lines and words."
    ),
    gettext_noop("This run has no redacted copy. Choose another one."),
    gettext_noop("An example is one file: hand in each by itself."),
    gettext_noop("A report is one recording and its pictures. Choose exactly one recording."),
    gettext_noop("A picture belongs to one recording of its own batch."),
    gettext_noop("The recording that this picture belongs to was refused."),
    gettext_noop("More pictures came than were announced with the recording."),
    gettext_noop("A legal hold stands on a file of the same report. Release it first."),
    gettext_noop("A picture of this report is still being sent. Try again when it has arrived."),
    gettext_noop("It waits for the pictures that belong to it: they are decided together."),
    gettext_noop(
        "A picture that belongs to this recording was stopped: it failed, or is in quarantine. The recording "
        "waits until the picture goes on."
    ),
    gettext_noop(
        "A picture that belongs to this recording was refused, was taken back or never came, so the report "
        "is not whole. Hand the recording and its pictures in again."
    ),
)
"""Sentences without numbers or names that people meet on a page: named here so that translators find them."""


def spoken(code: str, sentence: str) -> str:
    """The sentence as the reader should see it; empty stays empty."""
    if not sentence or (get_language() or "en").startswith("en"):
        return sentence
    translated = gettext(sentence)
    if translated == sentence and code in BY_CODE:
        return str(BY_CODE[code])
    return translated
