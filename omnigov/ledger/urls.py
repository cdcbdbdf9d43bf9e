"""The record."""

from django.urls import path

from omnigov.ledger import views

app_name = "ledger"
urlpatterns = [
    path("", views.log, name="log"),
    path("trail/", views.trail, name="trail"),
    path("entries/<uuid:entry_id>/", views.entry, name="entry"),
    path("entries/<uuid:entry_id>/proof/", views.proof, name="proof"),
    path("entries/<uuid:entry_id>/bytes/", views.entry_bytes, name="bytes"),
]
