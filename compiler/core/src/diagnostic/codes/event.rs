//! TC04xx: events, queues, schedules and loops.

super::codes! {
    QUEUE_VISIBILITY = "TC0401", Error, "a queue that shows a message again while it is worked on";
    TRIGGER_LOOP = "TC0402", Warning, "something that triggers what triggers it";
    DUPLICATE_EVENT = "TC0403", Warning, "two events with one pattern and one target";
    EVENT_PATTERN = "TC0411", Error, "an event pattern that EventBridge refuses";
    EVENT_PATTERN_SIZE = "TC0412", Warning, "an event pattern over 2,048 characters";
    EVENT_NAME = "TC0413", Error, "an event that EventBridge does not take";
    TWO_BUSES = "TC0414", Note, "a function that puts events on two buses";
    QUEUE_BATCH = "TC0415", Error, "a batch that Lambda does not take from the queue";
    SCHEDULE_EXPRESSION = "TC0416", Error, "a schedule that Scheduler refuses";
    TIME_ZONE = "TC0417", Error, "a time zone that is no name of one";
    PAYLOAD = "TC0418", Error, "a payload that is no JSON";
}
