"""A policy's next version, made by stewards: what it hides, its forms, examples and models."""

from django.urls import include, path

from omnigov.studio import example_views, offer_views, profile_views, stage_views, study_views, template_views

app_name = "studio"
templates = [
    path("new/", template_views.sample, name="template-new"),
    path("draw/", template_views.draw, name="template-draw"),
    path("<int:place>/draw/", template_views.redraw, name="template-redraw"),
    path("<int:place>/remove/", template_views.remove, name="template-remove"),
]
examples = [
    path("", example_views.overview, name="examples"),
    path("of/<slug:key>/", example_views.label, name="examples-label"),
    path("<uuid:example_id>/remove/", example_views.remove, name="example-remove"),
    path("<uuid:example_id>/picture/", example_views.picture, name="example-picture"),
]
adapted = [
    path("", study_views.candidate, name="candidate"),
    path("propose/", study_views.propose, name="propose"),
    path("decide/<uuid:proposal_id>/", study_views.decide, name="decide"),
]
urlpatterns = [
    path("<slug:slug>/examples/", include(examples)),
    path("<slug:slug>/studies/", study_views.ask, name="study-ask"),
    path("<slug:slug>/studies/<uuid:study_id>/", study_views.progress, name="study"),
    path("<slug:slug>/measured/<uuid:measurement_id>/", study_views.measured, name="measured"),
    path("<slug:slug>/adapted/<uuid:model_id>/", include(adapted)),
    path("<slug:slug>/<int:number>/edit/", profile_views.edit, name="edit"),
    path("<slug:slug>/<int:number>/offer/", offer_views.offer, name="offer"),
    path("<slug:slug>/<int:number>/explained/", offer_views.explained, name="explained"),
    path("<slug:slug>/<int:number>/model/", offer_views.model, name="model"),
    path("<slug:slug>/<int:number>/stage/", stage_views.stage, name="stage"),
    path("<slug:slug>/<int:number>/templates/", include(templates)),
]
