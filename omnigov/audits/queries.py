"""All that reads samples."""

from __future__ import annotations

import uuid

from django.db.models import Count, Q

from omnigov.accounts.models import Workspace
from omnigov.audits.models import Mark, Sample, SampleItem


def sample_of(workspace: Workspace, id_: uuid.UUID) -> Sample | None:
    return (
        Sample.objects.filter(workspace=workspace, pk=id_)
        .select_related("batch", "policy", "drawn_by")
        .first()
    )


def samples_of(workspace: Workspace, most: int) -> list[Sample]:
    """The newest samples, each with how many of its lines are filled in."""
    found = Sample.objects.filter(workspace=workspace).select_related("batch", "policy", "drawn_by")
    return list(
        found.annotate(
            looked=Count("items", filter=~Q(items__mark=Mark.OPEN)),
            findings=Count("items", filter=Q(items__mark=Mark.FINDING)),
        )[:most]
    )


def drawn_before(sample: Sample) -> int:
    """How many samples of the same population were drawn before it."""
    same = {name: getattr(sample, name) for name in ("population_kind", "since", "until", "batch", "policy")}
    return Sample.objects.filter(
        workspace=sample.workspace_id,
        drawn_at__lt=sample.drawn_at,
        **{
            (f"{name}__isnull" if value is None else name): (value if value is not None else True)
            for name, value in same.items()
        },
    ).count()


def lines_of(sample: Sample, after: int, most: int) -> tuple[list[SampleItem], bool]:
    """Lines of the sheet from the one after `after` on, and whether there are more."""
    found = list(sample.items.filter(number__gt=after).order_by("number")[: most + 1])
    return found[:most], len(found) > most


def subjects_of(sample: Sample) -> set[uuid.UUID]:
    """What the sample's entries are about, and the sample itself: what an export of it selects."""
    return {sample.id, *sample.items.values_list("subject", flat=True)}


def rate_below(size: int) -> float:
    """The share of faults that a sample of this size without any rules out with 95 % confidence.

    1 - 0.05^(1/n): at a higher share, a sample of n drawn with replacement would hold one in 95 of 100 draws.
    Drawn without replacement, as here, it is no higher.
    """
    return float(1 - 0.05 ** (1 / size))
