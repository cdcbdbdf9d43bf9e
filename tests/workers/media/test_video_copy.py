"""How a video's copy is written."""

from __future__ import annotations

import io
import os
from fractions import Fraction

from omnigov.contracts import Limits
from tests.clips import clip, with_face
from workers.media import video_copy
from workers.media.video import Video


def test_no_thread_takes_turns_before_all_others() -> None:
    frames, _ = with_face(6)
    video = Video(clip(frames), Limits())
    pictures = list(video.frames())
    with video_copy.Copy(
        io.BytesIO(),
        (frames[0].shape[1], frames[0].shape[0]),
        Fraction(1, 25),
        25.0,
        video.look(),
        sound=False,
        slowly=False,
    ) as copy:
        for frame in pictures:
            copy.frame(frame)
        classes = {os.sched_getscheduler(int(thread)) for thread in os.listdir("/proc/self/task")}
        copy.finish()
    assert classes == {os.SCHED_OTHER}
