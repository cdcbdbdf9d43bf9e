"""Uploads, batches with what became of their files, and the pictures of decisions."""

from django.urls import path

from omnigov.decisions import batch_views, tus, upload_views, views

app_name = "decisions"
urlpatterns = [
    path("upload/", upload_views.upload, name="upload"),
    path("uploads/", tus.uploads, name="uploads"),
    path("uploads/<uuid:submission_id>/", tus.upload_resource, name="upload-resource"),
    path("batches/", batch_views.batches, name="batches"),
    path("batches/<uuid:batch_id>/", batch_views.batch, name="batch"),
    path("batches/<uuid:batch_id>/progress/", batch_views.batch_progress, name="batch-progress"),
    path("runs/<uuid:run_id>/retry/", batch_views.run_retry, name="run-retry"),
    path("runs/<uuid:run_id>/cancel/", batch_views.run_cancel, name="run-cancel"),
    path("decisions/<uuid:decision_id>/picture/<str:piece>/", views.picture, name="picture"),
    path("decisions/<uuid:decision_id>/thumbnail/", views.thumbnail, name="thumbnail"),
    path("decisions/<uuid:decision_id>/pages/", views.pages, name="pages"),
    path("decisions/<uuid:decision_id>/pages/<int:part>/<str:piece>/", views.page, name="page"),
]
