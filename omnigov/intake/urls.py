"""Uploads."""

from django.urls import path

from omnigov.intake import tus, views

app_name = "intake"
urlpatterns = [
    path("upload/", views.upload, name="upload"),
    path("uploads/", tus.uploads, name="uploads"),
    path("uploads/<uuid:submission_id>/", tus.upload_resource, name="upload-resource"),
]
