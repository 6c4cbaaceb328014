"""The tests at another hour of the day: IXWATCH_HOUR=6 (or 6:07) puts the wall clock of everything that a test starts, and its
own, to that time of today (UTC).  What measures time goes on as ever; the clock of the tests' own interpreter is not
touched from below, since it would sleep wrong."""
import glob
import os
import time


def shift(text):
    hour, _, minute = text.partition(":")
    real = time.time
    offset = (int(hour) * 3600 + int(minute or 0) * 60 - int(real()) % 86400)
    library = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    assert library, "faketime is not installed"
    os.environ.update({"LD_PRELOAD": library[0], "FAKETIME": "%+d" % offset, "FAKETIME_NO_CACHE": "1",
                       "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"})
    gmtime = time.gmtime
    time.time = lambda: real() + offset
    time.gmtime = lambda seconds=None: gmtime(time.time() if seconds is None else seconds)
