"""The review queue, decisions with verdicts and corrections, quarantine."""

from django.urls import path

from omnigov.review import correction_views, quarantine_views, views

app_name = "review"
urlpatterns = [
    path("decisions/<uuid:decision_id>/example/", views.example, name="example"),
    path("review/", views.queue, name="queue"),
    path("decisions/<uuid:decision_id>/", views.decision, name="decision"),
    path("decisions/<uuid:decision_id>/parts/<int:number>/", views.part, name="part"),
    path("decisions/<uuid:decision_id>/verdict/", views.verdict, name="verdict"),
    path("decisions/<uuid:decision_id>/deep/", views.deep, name="deep"),
    path("decisions/<uuid:decision_id>/correct/", correction_views.correct, name="correct"),
    path("decisions/<uuid:decision_id>/correct/original/", correction_views.see, name="correct-original"),
    path(
        "decisions/<uuid:decision_id>/correct/text/<int:number>/",
        correction_views.copy_text,
        name="copy-text",
    ),
    path("decisions/<uuid:decision_id>/chain/", correction_views.chain, name="chain"),
    path("quarantine/", quarantine_views.quarantine, name="quarantine"),
    path("quarantine/<uuid:run_id>/", quarantine_views.release, name="release"),
    path("quarantine/<uuid:run_id>/again/", quarantine_views.again, name="again"),
    path("quarantine/<uuid:run_id>/original/", quarantine_views.see, name="release-original"),
]
