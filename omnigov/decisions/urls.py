"""Batches, the review queue, quarantine, decisions and their corrections."""

from django.urls import path

from omnigov.decisions import batch_views, correction_views, quarantine_views, views

app_name = "decisions"
urlpatterns = [
    path("batches/", batch_views.batches, name="batches"),
    path("batches/<uuid:batch_id>/", batch_views.batch, name="batch"),
    path("batches/<uuid:batch_id>/progress/", batch_views.batch_progress, name="batch-progress"),
    path("runs/<uuid:run_id>/retry/", batch_views.run_retry, name="run-retry"),
    path("runs/<uuid:run_id>/cancel/", batch_views.run_cancel, name="run-cancel"),
    path("review/", views.queue, name="queue"),
    path("decisions/<uuid:decision_id>/", views.decision, name="decision"),
    path("decisions/<uuid:decision_id>/verdict/", views.verdict, name="verdict"),
    path("decisions/<uuid:decision_id>/correct/", correction_views.correct, name="correct"),
    path("decisions/<uuid:decision_id>/correct/original/", correction_views.see, name="correct-original"),
    path("decisions/<uuid:decision_id>/chain/", correction_views.chain, name="chain"),
    path("quarantine/", quarantine_views.quarantine, name="quarantine"),
    path("quarantine/<uuid:run_id>/", quarantine_views.release, name="release"),
    path("quarantine/<uuid:run_id>/again/", quarantine_views.again, name="again"),
    path("quarantine/<uuid:run_id>/original/", quarantine_views.see, name="release-original"),
    path("decisions/<uuid:decision_id>/picture/<str:piece>/", views.picture, name="picture"),
]
