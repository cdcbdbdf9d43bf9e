"""The review queue, decisions with verdicts and corrections, quarantine."""

from django.urls import path

from omnigov.review import (
    case_views,
    correction_views,
    draft_views,
    notice_views,
    quarantine_views,
    queue_views,
    views,
)

app_name = "review"
urlpatterns = [
    path("decisions/<uuid:decision_id>/example/", views.example, name="example"),
    path("review/", queue_views.cases, name="queue"),
    path("review/next/", queue_views.following, name="next"),
    path("review/bulk/", queue_views.bulk, name="bulk"),
    path("review/done/", queue_views.done, name="done"),
    path("review/counts/", queue_views.counts, name="counts"),
    path("review/views/", queue_views.view_save, name="view-save"),
    path("review/views/<uuid:view_id>/", queue_views.view, name="view"),
    path("review/views/<uuid:view_id>/remove/", queue_views.view_remove, name="view-remove"),
    path("cases/<uuid:case_id>/hold/", case_views.hold, name="hold"),
    path("cases/<uuid:case_id>/give-back/", case_views.give_back, name="give-back"),
    path("cases/<uuid:case_id>/skip/", case_views.skip, name="skip"),
    path("cases/<uuid:case_id>/hand-over/", case_views.hand_over, name="hand-over"),
    path("cases/<uuid:case_id>/send-back/", case_views.send_back, name="send-back"),
    path("cases/<uuid:case_id>/look/", case_views.look, name="look"),
    path("verdicts/<uuid:review_id>/take-back/", case_views.take_back, name="take-back"),
    path("drafts/<uuid:run_id>/<slug:page>/", draft_views.keep, name="draft"),
    path("for-you/", notice_views.mine, name="mine"),
    path("for-you/read/", notice_views.seen, name="seen"),
    path("for-you/mail/", notice_views.mail, name="mail"),
    path("for-you/away/", notice_views.away, name="away"),
    path("for-you/back/", notice_views.back, name="back"),
    path("questions/<uuid:question_id>/answer/", notice_views.answer, name="answer"),
    path("decisions/<uuid:decision_id>/", views.decision, name="decision"),
    path("decisions/<uuid:decision_id>/parts/<int:number>/", views.part, name="part"),
    path("decisions/<uuid:decision_id>/verdict/", views.verdict, name="verdict"),
    path("decisions/<uuid:decision_id>/similar/", views.similar, name="similar"),
    path("decisions/<uuid:decision_id>/deep/", views.deep, name="deep"),
    path("decisions/<uuid:decision_id>/correct/", correction_views.correct, name="correct"),
    path("decisions/<uuid:decision_id>/correct/original/", correction_views.see, name="correct-original"),
    path(
        "decisions/<uuid:decision_id>/correct/text/<int:number>/",
        correction_views.copy_text,
        name="copy-text",
    ),
    path("decisions/<uuid:decision_id>/chain/", correction_views.chain, name="chain"),
    path("quarantine/", quarantine_views.quarantine, name="quarantine"),
    path("quarantine/<uuid:run_id>/", quarantine_views.release, name="release"),
    path("quarantine/<uuid:run_id>/again/", quarantine_views.again, name="again"),
    path("quarantine/<uuid:run_id>/original/", quarantine_views.see, name="release-original"),
]
