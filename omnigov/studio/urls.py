"""A policy's next version, made by stewards: what it hides, and the forms that it knows."""

from django.urls import include, path

from omnigov.studio import changes, drawing

app_name = "studio"
templates = [
    path("new/", drawing.sample, name="template-new"),
    path("draw/", drawing.draw, name="template-draw"),
    path("<int:place>/draw/", drawing.redraw, name="template-redraw"),
    path("<int:place>/remove/", drawing.remove, name="template-remove"),
]
urlpatterns = [
    path("<slug:slug>/<int:number>/edit/", changes.edit, name="edit"),
    path("<slug:slug>/<int:number>/templates/", include(templates)),
]
