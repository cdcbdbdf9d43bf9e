"""What is kept of a medium, and for how long."""

from django.urls import path

from omnigov.erasure import original_views, views

app_name = "erasure"
urlpatterns = [
    path("<uuid:asset_id>/", views.medium, name="medium"),
    path("<uuid:asset_id>/hold/", views.hold, name="hold"),
    path("<uuid:asset_id>/release/", views.release, name="release"),
    path("<uuid:asset_id>/erase/", views.erase, name="erase"),
    path("<uuid:asset_id>/certificate/", views.erasure_certificate, name="certificate"),
    path("<uuid:asset_id>/open/", views.open_original, name="open"),
    path("<uuid:asset_id>/original/<str:pass_>/", original_views.original, name="original"),
    path("<uuid:asset_id>/original/<str:pass_>/peaks/", original_views.peaks, name="original-peaks"),
    path("<uuid:asset_id>/original/<str:pass_>/pages/", original_views.pages, name="original-pages"),
    path("<uuid:asset_id>/original/<str:pass_>/pages/<int:part>/", original_views.page, name="original-page"),
    path("<uuid:asset_id>/original/<str:pass_>/tracks/", original_views.tracks, name="original-tracks"),
    path(
        "<uuid:asset_id>/original/<str:pass_>/text/<int:number>/", original_views.text, name="original-text"
    ),
    path(
        "<uuid:asset_id>/original/<str:pass_>/shown/<int:number>/",
        original_views.shown,
        name="original-shown",
    ),
]
