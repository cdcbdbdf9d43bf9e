"""Signing in and out, and the language."""

from django.urls import path

from omnigov.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.SignOut.as_view(), name="sign-out"),
    path("language/", views.language, name="language"),
]
