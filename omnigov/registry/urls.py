"""Model versions, to be read."""

from django.urls import path

from omnigov.registry import views

app_name = "registry"
urlpatterns = [path("", views.models, name="models")]
