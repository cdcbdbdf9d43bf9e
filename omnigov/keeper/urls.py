"""Where the keeper's page is."""

from django.urls import path

from omnigov.keeper import pages

app_name = "keeper"
urlpatterns = [path("", pages.housekeeping, name="faults")]
