"""Which pseudonyms there are, and who one is."""

from django.urls import path

from omnigov.pseudonyms import views

app_name = "pseudonyms"
urlpatterns = [
    path("batch/<uuid:batch_id>/", views.case, name="case"),
    path("<uuid:run_id>/<int:finding>/", views.ask, name="ask"),
    path("<uuid:run_id>/<int:finding>/<str:pass_>/", views.value, name="value"),
]
