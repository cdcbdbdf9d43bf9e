"""Policies, to be read by every member. Their pages for stewards are the studio's."""

from django.urls import path

from omnigov.policies import stop_views, views

app_name = "policies"
urlpatterns = [
    path("", views.policies, name="list"),
    path("<slug:slug>/stop/", stop_views.stop, name="stop"),
    path("<slug:slug>/resume/", stop_views.resume, name="resume"),
    path("<slug:slug>/<int:number>/", views.version, name="version"),
    path(
        "<slug:slug>/<int:number>/templates/<int:place>/reference.png",
        views.reference,
        name="template-reference",
    ),
]
