"""What ends a call: its time, something that is missing, or that it cannot be done."""

import time


class Refused(Exception):
    """What is asked for cannot be done. `cause` is a word that tc knows, the rest is for people."""

    def __init__(self, cause, reason):
        super().__init__(reason)
        self.cause = cause


class Wanting(Exception):
    """An object is not in the bucket, or is not what its name says."""


class OutOfTime(Exception):
    """This call has to end."""


class Clock:
    """How long a call may go on."""

    def __init__(self, seconds):
        self.end = time.monotonic() + seconds

    def is_over(self):
        return time.monotonic() >= self.end

    def check(self):
        if self.is_over():
            raise OutOfTime
