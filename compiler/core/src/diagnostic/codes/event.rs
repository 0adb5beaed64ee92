//! TC04xx: events, queues, schedules and loops.

super::codes! {
    QUEUE_VISIBILITY = "TC0401", Error, "a queue that shows a message again while it is worked on";
    TRIGGER_LOOP = "TC0402", Warning, "a function that triggers what triggers it";
    DUPLICATE_EVENT = "TC0403", Warning, "two events with one pattern and one target";
}
