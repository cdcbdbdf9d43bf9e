"""Uploads and batches."""

from django.urls import path

from omnigov.intake import tus, views

app_name = "intake"
urlpatterns = [
    path("upload/", views.upload, name="upload"),
    path("uploads/", tus.uploads, name="uploads"),
    path("uploads/<uuid:submission_id>/", tus.upload_resource, name="upload-resource"),
    path("batches/", views.batches, name="batches"),
    path("batches/<uuid:batch_id>/", views.batch, name="batch"),
    path("batches/<uuid:batch_id>/progress/", views.batch_progress, name="batch-progress"),
    path("runs/<uuid:run_id>/retry/", views.run_retry, name="run-retry"),
    path("runs/<uuid:run_id>/cancel/", views.run_cancel, name="run-cancel"),
]
