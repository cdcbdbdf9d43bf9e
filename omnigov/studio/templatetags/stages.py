"""Policies on the page of models and stages, which stands below policies and knows nothing of them."""

from __future__ import annotations

from django import template

from omnigov.accounts.models import Workspace
from omnigov.contracts import Stage
from omnigov.policies.models import PolicyVersion
from omnigov.policies.queries import current_versions

register = template.Library()


@register.simple_tag
def policies_at(stage: Stage, workspace: Workspace) -> list[PolicyVersion]:
    """The workspace's policies whose newest version is asked at this stage."""
    return [each for each in current_versions(workspace) if each.spec.stage is stage]


@register.simple_tag
def policies_elsewhere(stage: Stage, workspace: Workspace) -> list[PolicyVersion]:
    """The others, for which a steward may open it."""
    return [each for each in current_versions(workspace) if each.spec.stage is not stage]
