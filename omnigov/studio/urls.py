"""A policy's next version, made by stewards: what it hides, and the forms that it knows."""

from django.urls import include, path

from omnigov.studio import offer_views, profile_views, template_views

app_name = "studio"
templates = [
    path("new/", template_views.sample, name="template-new"),
    path("draw/", template_views.draw, name="template-draw"),
    path("<int:place>/draw/", template_views.redraw, name="template-redraw"),
    path("<int:place>/remove/", template_views.remove, name="template-remove"),
]
urlpatterns = [
    path("<slug:slug>/<int:number>/edit/", profile_views.edit, name="edit"),
    path("<slug:slug>/<int:number>/offer/", offer_views.offer, name="offer"),
    path("<slug:slug>/<int:number>/model/", offer_views.model, name="model"),
    path("<slug:slug>/<int:number>/templates/", include(templates)),
]
