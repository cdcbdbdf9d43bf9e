"""What the codes of records are called on the pages: states, findings, kinds of entries, rules, and so on."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

STATES = {
    "uploading": ("info", "upload", _("Uploading")),
    "checking": ("info", "work", _("Being checked")),
    "accepted": ("info", "clock", _("Waiting")),
    "refused": ("stop", "cross", _("Refused")),
    "received": ("info", "clock", _("Waiting")),
    "redacting": ("info", "work", _("Hiding personal data")),
    "inferring": ("info", "work", _("Deciding")),
    "attributing": ("info", "work", _("Explaining")),
    "recorded": ("ok", "check", _("Recorded")),
    "kept": ("ok", "check", _("Kept as an example")),
    "joined": ("ok", "check", _("Part of a report")),
    "quarantined": ("wait", "lock", _("In quarantine")),
    "failed": ("stop", "cross", _("Failed")),
    "cancelled": ("quiet", "minus", _("Cancelled")),
    "erased": ("quiet", "minus", _("Erased")),
    "not_needed": ("quiet", "check", _("No review needed")),
    "waiting": ("wait", "eye", _("Waits for review")),
    "reviewed": ("ok", "check", _("Reviewed")),
    "escalated": ("wait", "flag", _("Escalated")),
    "corrected": ("quiet", "swap", _("Corrected")),
    "by_hand": ("wait", "boxes", _("Redacted by hand by an officer")),
    "uphold": ("ok", "check", _("Upheld")),
    "overturn": ("stop", "swap", _("Overturned")),
    "escalate": ("wait", "flag", _("Escalated")),
    "taken_back": ("quiet", "minus", _("Taken back")),
    "released": ("ok", "check", _("Released")),
    "rejected": ("stop", "cross", _("Rejected")),
    "sent_on": ("info", "swap", _("Sent on")),
    "nothing": ("quiet", "minus", _("Nothing further done")),
    "sent_back": ("wait", "again", _("With the operator")),
    "answered": ("ok", "check", _("Answered")),
    "closed": ("quiet", "minus", _("Closed")),
    "open": ("wait", "eye", _("Waits for review")),
}
"""Tone, icon and word of a state: never the colour alone."""

FINDINGS = {
    "FACE": _("Face"),
    "PERSON": _("Name of a person"),
    "EMAIL_ADDRESS": _("E-mail address"),
    "PHONE_NUMBER": _("Telephone number"),
    "CREDIT_CARD": _("Payment card number"),
    "IBAN_CODE": _("Bank account number"),
    "IP_ADDRESS": _("Network address"),
    "US_SSN": _("US social security number"),
    "URL": _("Web address"),
    "LOCATION": _("Place"),
    "DATE_TIME": _("Date or time"),
    "JP_MY_NUMBER": _("My Number (Japan)"),
    "JP_POSTAL_CODE": _("Postal code (Japan)"),
    "JP_ADDRESS": _("Address (Japan)"),
    "JP_CORPORATE_NUMBER": _("Corporate number (Japan)"),
    "JP_DRIVING_LICENCE": _("Driving licence number (Japan)"),
    "JP_PASSPORT": _("Passport number (Japan)"),
    "JP_HEALTH_INSURANCE": _("Health insurance number (Japan)"),
    "JP_RESIDENCE_CARD": _("Residence card number (Japan)"),
    "JP_PENSION_NUMBER": _("Pension number (Japan)"),
    "JP_BANK_ACCOUNT": _("Bank account (Japan)"),
    "MRZ": _("Machine-readable zone of a passport or card"),
    "SIGNATURE": _("Signature"),
    "LICENCE_PLATE": _("Licence plate"),
    "CODE": _("QR code or barcode"),
    "SEAL": _("Seal impression"),
    "SCREEN": _("Lit screen"),
    "SPEECH": _("Speech that was not understood"),
    "UNCLEAR_WORD": _("Word heard in two ways"),
    "SEVERAL_VOICES": _("Several people speaking at once"),
    "SPOKEN_NUMBER": _("Spoken number"),
    "SPELLED_LETTERS": _("Spelled letters"),
    "BY_HAND": _("Hidden by a person"),
    "FORM_FIELD": _("Field of a form"),
    "UNREADABLE_TEXT": _("Text that could not be read"),
}

KINDS = {
    "decision": _("Decision"),
    "attribution": _("Explanation"),
    "deep_attribution": _("Thorough explanation"),
    "review": _("Review"),
    "verdict_taken_back": _("Verdict taken back"),
    "case": _("Case"),
    "absence_set": _("Absence"),
    "disposition": _("What was done after a verdict"),
    "letter_made": _("Letter made"),
    "known_answer_placed": _("Known answer put in"),
    "quarantine": _("Quarantine"),
    "run_failed": _("Failed run"),
    "export": _("Export"),
    "sign_in": _("Sign-in"),
    "run_timed_out": _("Worker stopped: no progress"),
    "sign_in_locked": _("Sign-in locked"),
    "sign_in_unlocked": _("Sign-in unlocked"),
    "sign_in_refused": _("Refused sign-in"),
    "sign_out": _("Sign-out"),
    "password_set": _("New password"),
    "role_given": _("Role given"),
    "policy_published": _("Policy published"),
    "example_added": _("Example added"),
    "example_removed": _("Example removed"),
    "evaluated": _("Policy measured"),
    "adapted": _("Model adapted to a policy"),
    "promotion_proposed": _("Promotion proposed"),
    "promoted": _("Promotion decided"),
    "stage_opened": _("Stage opened for a policy"),
    "builtin_declined": _("Newer text of a policy declined"),
    "model_registered": _("Model registered"),
    "key_made": _("Key in use"),
    "file_refused": _("File refused"),
    "run_queued": _("Run queued"),
    "run_step": _("Step of a run"),
    "redaction_corrected": _("Redaction corrected"),
    "quarantine_released": _("Released from quarantine"),
    "run_retried": _("Run tried again"),
    "run_cancelled": _("Run cancelled"),
    "original_opened": _("Original opened"),
    "reidentified": _("Person behind a pseudonym shown"),
    "hold_placed": _("Legal hold placed"),
    "hold_released": _("Legal hold released"),
    "erasure": _("Erasure"),
    "policy_stopped": _("Policy stopped"),
    "policy_resumed": _("Policy goes on"),
    "engagement_begun": _("Engagement"),
    "engagement_ended": _("End of an engagement"),
    "sample_drawn": _("Sample drawn"),
    "sample_sheet": _("Sheet of a sample"),
}

ROLES = {
    "vision_tower": _("Vision tower"),
    "connector": _("Connector"),
    "space": _("Shared space of pictures and words"),
    "language_model": _("Language model"),
    "tokenizer": _("Tokenizer"),
    "sound_tower": _("Sound tower"),
    "sound_connector": _("Sound connector"),
    "sound_kinds": _("What tells kinds of sound"),
    "clip_connector": _("Connector of clips"),
    "object_detector": _("The detector of persons and vehicles"),
}

VOICES = {
    "model": _("The model alone"),
    "head": _("What was adapted to this policy"),
    "text": _("The reader of writing"),
    "detectors": _("The detectors"),
    "sound": _("What tells kinds of sound"),
    "objects": _("The detector of persons and vehicles"),
}

COUNTED = {
    "lines": _("lines"),
    "badly_read": _("badly read"),
    "turns": _("turns"),
    "heard_badly": _("heard badly"),
    "empty": _("nothing to decide by"),
    "instructions": _("tells what to answer"),
    "unlike": _("of another kind than the examples"),
    "speech": _("stretches of speech"),
    "music": _("stretches of music"),
    "alarm": _("stretches of an alarm"),
    "machine": _("stretches of a machine"),
    "other": _("stretches of another sound"),
}

RULES = {
    "not_measured": _(
        "How often the model is right under this policy was never measured, so a person looks at every "
        "decision."
    ),
    "high_severity": _("A wrong decision on this label does much harm, so a person always looks."),
    "low_confidence": _("The model's confidence is below the limit that the policy sets."),
    "abstained": _("The model was not sure enough to decide, and abstained."),
    "sample": _("It was drawn at random: the policy has a share of all decisions looked at."),
    "corrected": _("A person changed what is hidden, so the new decision is looked at."),
    "badly_read": _(
        "Much of what is written or said was understood badly, so something personal may have been left: a "
        "person looks at the redacted copy."
    ),
    "many_regions": _("Very many places are hidden, so a person looks at the redacted copy."),
    "redaction_sample": _("It was drawn at random: the policy has a share of all redacted copies looked at."),
}

SHORTFALLS = {
    "detector_missing": _("it did not load"),
    "detector_failed": _("it stopped with an error"),
    "detector_silent": _("it found nothing in a picture made for it to find something in"),
    "still_found": _("Personal data was still found after the last look, and was hidden."),
    "unknown_kind": _("The policy asks to hide something that no detector finds."),
    "no_template": _("the picture is none of the forms that the policy knows"),
}

STEPS = {
    "redaction": _("Time to hide"),
    "inference": _("Time to decide"),
    "attribution": _("Time to explain"),
    "recording": _("Time to record"),
}

MEDIA = {
    "picture": ("picture", _("Picture")),
    "document": ("pages", _("Document")),
    "text": ("text", _("Text")),
    "sound": ("sound", _("Recording")),
    "video": ("video", _("Video")),
}
"""Icon and word of a kind of medium."""

FORMATS = {
    "plain": _("plain text"),
    "markdown": _("Markdown"),
    "csv": _("table (CSV)"),
    "json": _("JSON"),
    "json_lines": _("JSON, a record a line"),
    "xml": _("XML"),
    "subtitles": _("subtitles"),
    "mail": _("e-mail"),
}

PLAYERS = {
    "question": _("Words of the question"),
    "pictures": _("Pictures"),
    "sound": _("What is heard"),
    "text": _("Text of the file"),
}
