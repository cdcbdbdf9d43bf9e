"""The pages of the record. Their addresses are those of the ledger."""

from django.urls import path

from omnigov.trail import views

app_name = "trail"
urlpatterns = [
    path("", views.log, name="log"),
    path("trail/", views.trail, name="trail"),
    path("live/", views.live, name="live"),
    path("entries/<uuid:entry_id>/", views.entry, name="entry"),
    path("entries/<uuid:entry_id>/proof/", views.proof, name="proof"),
    path("entries/<uuid:entry_id>/bytes/", views.entry_bytes, name="bytes"),
]
