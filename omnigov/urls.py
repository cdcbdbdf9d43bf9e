"""Where the pages are."""

from django.urls import include, path

from omnigov.accounts import views

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("omnigov.accounts.urls")),
    path("", include("omnigov.intake.urls")),
    path("", include("omnigov.decisions.urls")),
    path("ledger/", include("omnigov.ledger.urls")),
    path("policies/", include("omnigov.policies.urls")),
    path("models/", include("omnigov.registry.urls")),
]
