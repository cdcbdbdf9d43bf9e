"""The review queue, and decisions."""

from django.urls import path

from omnigov.decisions import views

app_name = "decisions"
urlpatterns = [
    path("review/", views.queue, name="queue"),
    path("decisions/<uuid:decision_id>/", views.decision, name="decision"),
    path("decisions/<uuid:decision_id>/verdict/", views.verdict, name="verdict"),
    path("decisions/<uuid:decision_id>/picture/<str:piece>/", views.picture, name="picture"),
]
