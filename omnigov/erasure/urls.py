"""What is kept of a medium, and for how long."""

from django.urls import path

from omnigov.erasure import views

app_name = "erasure"
urlpatterns = [
    path("<uuid:asset_id>/", views.medium, name="medium"),
    path("<uuid:asset_id>/hold/", views.hold, name="hold"),
    path("<uuid:asset_id>/release/", views.release, name="release"),
    path("<uuid:asset_id>/erase/", views.erase, name="erase"),
    path("<uuid:asset_id>/certificate/", views.erasure_certificate, name="certificate"),
    path("<uuid:asset_id>/open/", views.open_original, name="open"),
    path("<uuid:asset_id>/original/<str:pass_>/", views.original, name="original"),
]
