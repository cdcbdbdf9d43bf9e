"""The pages of the record. Their addresses are those of the ledger."""

from django.urls import path

from omnigov.trail import engagement_views, sample_views, views

app_name = "trail"
urlpatterns = [
    path("", views.log, name="log"),
    path("trail/", views.trail, name="trail"),
    path("samples/", sample_views.samples, name="samples"),
    path("samples/<uuid:sample_id>/", sample_views.sample, name="sample"),
    path("engagements/", engagement_views.engagements, name="engagements"),
    path("engagements/<uuid:engagement_id>/end/", engagement_views.end, name="engagement-end"),
    path("live/", views.live, name="live"),
    path("entries/<uuid:entry_id>/", views.entry, name="entry"),
    path("entries/<uuid:entry_id>/proof/", views.proof, name="proof"),
    path("entries/<uuid:entry_id>/bytes/", views.entry_bytes, name="bytes"),
]
