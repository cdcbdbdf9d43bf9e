"""A newer text of the product, and another model, as a steward meets them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from omnigov import contracts
from omnigov.contracts import Stage
from omnigov.policies.models import Builtin, BuiltinState
from omnigov.registry.services import model_version_register


@pytest.fixture
def offer(cast: Any) -> Builtin:
    version = cast.policy_version
    redaction = version.spec.redaction.model_copy(update={"seals": False})
    spec = version.spec.model_copy(update={"redaction": redaction})
    return Builtin.objects.create(
        policy=version.policy,
        body=spec.model_dump(mode="json"),
        digest=contracts.digest_of(spec),
        state=BuiltinState.OFFERED,
    )


def path(cast: Any, what: str) -> str:
    return f"/policies/{cast.policy_version.policy.slug}/1/{what}/"


def test_the_list_leads_a_steward_to_what_is_offered(client: Client, cast: Any, offer: Builtin) -> None:
    client.force_login(cast.steward)
    assert path(cast, "offer") in client.get("/policies/").content.decode()
    page = client.get(path(cast, "offer")).content.decode()
    assert "hides less" in page
    assert "Decline it" in page
    client.force_login(cast.officer)
    assert path(cast, "offer") not in client.get("/policies/").content.decode()
    assert client.get(path(cast, "offer")).status_code == 403
    client.force_login(cast.outsider)
    assert client.get(path(cast, "offer")).status_code == 404


def test_it_is_published_with_a_reason(client: Client, cast: Any, offer: Builtin) -> None:
    client.force_login(cast.steward)
    assert (
        client.post(
            path(cast, "offer"), {"step": "publish", "reason": "Yes.", "offer": offer.digest}
        ).status_code
        == 422
    )
    given = {"step": "publish", "reason": "Seals are print here.", "sure": "on", "offer": offer.digest}
    assert client.post(path(cast, "offer"), given).headers["Location"].endswith("/2/")
    newest = cast.policy_version.policy.versions.first()
    assert (newest.number, newest.spec.redaction.seals) == (2, False)


def test_it_is_declined_with_a_reason(client: Client, cast: Any, offer: Builtin) -> None:
    client.force_login(cast.steward)
    assert (
        client.post(path(cast, "offer"), {"step": "decline", "reason": "", "offer": offer.digest}).status_code
        == 422
    )
    given = {"step": "decline", "reason": "We need it.", "offer": offer.digest}
    assert client.post(path(cast, "offer"), given).status_code == 302
    offer.refresh_from_db()
    assert (offer.state, offer.decided_by, offer.reason) == ("declined", cast.steward, "We need it.")
    assert client.get(path(cast, "offer")).status_code == 404
    assert cast.policy_version.policy.versions.count() == 1


@pytest.mark.parametrize("step", ["publish", "decline"])
def test_only_what_was_looked_at_is_decided(client: Client, cast: Any, offer: Builtin, step: str) -> None:
    client.force_login(cast.steward)
    page = client.get(path(cast, "offer")).content.decode()
    assert offer.digest in page
    Builtin.objects.filter(pk=offer.pk).update(state=BuiltinState.OVERTAKEN)
    spec = offer.spec.model_copy(update={"question": "Is it another question?"})
    newer = Builtin.objects.create(
        policy=offer.policy,
        body=spec.model_dump(mode="json"),
        digest=contracts.digest_of(spec),
        state=BuiltinState.OFFERED,
    )
    given = {"step": step, "reason": "Seals are print here.", "sure": "on", "offer": offer.digest}
    answer = client.post(path(cast, "offer"), given)
    assert (answer.status_code, "a newer one is in its place" in answer.content.decode()) == (409, True)
    assert "Seals are print here." in answer.content.decode()
    assert newer.digest in answer.content.decode()
    newer.refresh_from_db()
    assert newer.state == BuiltinState.OFFERED
    assert cast.policy_version.policy.versions.count() == 1


def test_a_steward_says_how_many_decisions_are_explained_thoroughly(client: Client, cast: Any) -> None:
    client.force_login(cast.steward)
    slug = cast.policy_version.policy.slug
    assert path(cast, "explained") in client.get(f"/policies/{slug}/1/").content.decode()
    assert 'value="0"' in client.get(path(cast, "explained")).content.decode()
    given = {"deep_share": "2.5", "reason": "The auditors want some."}
    assert client.post(path(cast, "explained"), {**given, "deep_share": "101"}).status_code == 422
    assert client.post(path(cast, "explained"), {**given, "deep_share": "0"}).status_code == 409
    assert client.post(path(cast, "explained"), given).status_code == 302
    version = cast.policy_version.policy.versions.get(number=2)
    assert version.spec.deep_share == 25_000
    assert "2.5 %" in client.get(f"/policies/{slug}/2/").content.decode()
    assert client.post(path(cast, "explained"), given).status_code == 409, "somebody published meanwhile"
    client.force_login(cast.officer)
    assert client.post(path(cast, "explained"), given).status_code == 403


def test_another_model_is_asked_from_the_next_version_on(client: Client, cast: Any) -> None:
    newer = model_version_register(
        contracts.ModelVersion(name="newer", stage=Stage.IMAGE_TEXT, config_digest="2" * 64, files=())
    )
    client.force_login(cast.steward)
    slug = cast.policy_version.policy.slug
    assert path(cast, "model") in client.get(f"/policies/{slug}/1/").content.decode()
    assert "newer" in client.get(path(cast, "model")).content.decode()
    given = {"model_version": str(newer.pk), "reason": "Measured."}
    assert client.post(path(cast, "model"), {**given, "reason": ""}).status_code == 422
    assert client.post(path(cast, "model"), given).status_code == 302
    assert newer.digest in client.get(f"/policies/{slug}/2/").content.decode()
    client.force_login(cast.officer)
    assert client.post(path(cast, "model"), given).status_code == 403
