"""Where the pages are."""

from django.urls import include, path

from omnigov.accounts import views
from omnigov.ledger import tlog

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("omnigov.accounts.urls")),
    path("", include("omnigov.decisions.urls")),
    path("", include("omnigov.review.urls")),
    path("ledger/", include("omnigov.trail.urls")),
    path("export/", include("omnigov.exports.urls")),
    path("log/checkpoint", tlog.checkpoint),
    path("log/tile/entries/<path:place>", tlog.entries),
    path("log/tile/<int:level>/<path:place>", tlog.hashes),
    path("media/", include("omnigov.erasure.urls")),
    path("pseudonyms/", include("omnigov.pseudonyms.urls")),
    path("policies/", include("omnigov.policies.urls")),
    path("policies/", include("omnigov.studio.urls")),
    path("housekeeping/", include("omnigov.keeper.urls")),
    path("models/", include("omnigov.registry.urls")),
]
