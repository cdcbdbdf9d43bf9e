"""Exports of the record."""

from django.urls import path

from omnigov.exports import views

app_name = "exports"
urlpatterns = [
    path("", views.exports, name="list"),
    path("progress/", views.progress, name="progress"),
    path("<uuid:job_id>/file/", views.file, name="file"),
    path("<uuid:job_id>/resume/", views.resume, name="resume"),
]
