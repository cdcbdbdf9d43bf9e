"""Policies: read by every member, changed by stewards."""

from django.urls import include, path

from omnigov.policies import changes, drawing, views

app_name = "policies"
templates = [
    path("new/", drawing.sample, name="template-new"),
    path("draw/", drawing.draw, name="template-draw"),
    path("<int:place>/draw/", drawing.redraw, name="template-redraw"),
    path("<int:place>/remove/", drawing.remove, name="template-remove"),
    path("<int:place>/reference.png", views.reference, name="template-reference"),
]
urlpatterns = [
    path("", views.policies, name="list"),
    path("<slug:slug>/<int:number>/", views.version, name="version"),
    path("<slug:slug>/<int:number>/edit/", changes.edit, name="edit"),
    path("<slug:slug>/<int:number>/templates/", include(templates)),
]
