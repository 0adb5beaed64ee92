"""What the local CloudWatch Logs does otherwise than MiniStack.

Each event has an id, as in AWS: MiniStack gives none to those that functions write.
"""

import itertools

from ministack.services import cloudwatch_logs

# As many digits as AWS's ids have.
IDS = (f"{number:056}" for number in itertools.count(1))


def identify_events():
    """Gives an id to each event that has none."""
    append = cloudwatch_logs._append_log_events

    def identified(stream, events, *others, **named):
        events = [event if event.get("eventId") else {**event, "eventId": next(IDS)} for event in events]
        return append(stream, events, *others, **named)

    cloudwatch_logs._append_log_events = identified
