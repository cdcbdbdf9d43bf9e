"""Policies, to be read."""

from django.urls import path

from omnigov.policies import views

app_name = "policies"
urlpatterns = [
    path("", views.policies, name="list"),
    path("<slug:slug>/<int:number>/", views.version, name="version"),
]
