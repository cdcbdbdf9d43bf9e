"""What the web app and the GPU side say to each other: frozen pydantic models, no Django, no torch."""

from omnigov.contracts.decision import (
    AttributionResult,
    InferenceResult,
    LabelScore,
    ModelVersion,
    TokenShare,
    WeightFile,
)
from omnigov.contracts.first_bytes import plainly_taken
from omnigov.contracts.media import Area, Interval, Place, Span, Track
from omnigov.contracts.policy import (
    Fill,
    FormField,
    FormTemplate,
    Label,
    Limits,
    PolicySpec,
    RedactionProfile,
    ReviewRule,
    Severity,
    Stage,
)
from omnigov.contracts.records import MILLION, Frozen, digest_of, digest_of_stored
from omnigov.contracts.redaction import (
    Detector,
    Finding,
    ReadValue,
    ReadValues,
    RedactionEdits,
    RedactionResult,
    Region,
    Shortfall,
)
from omnigov.contracts.steps import Hook, Quarantined, Refused

__all__ = [
    "MILLION",
    "Area",
    "AttributionResult",
    "Detector",
    "Fill",
    "Finding",
    "FormField",
    "FormTemplate",
    "Frozen",
    "Hook",
    "InferenceResult",
    "Interval",
    "Label",
    "LabelScore",
    "Limits",
    "ModelVersion",
    "Place",
    "PolicySpec",
    "Quarantined",
    "ReadValue",
    "ReadValues",
    "RedactionEdits",
    "RedactionProfile",
    "RedactionResult",
    "Refused",
    "Region",
    "ReviewRule",
    "Severity",
    "Shortfall",
    "Span",
    "Stage",
    "TokenShare",
    "Track",
    "WeightFile",
    "digest_of",
    "digest_of_stored",
    "plainly_taken",
]
