//! TC04xx: events, queues, schedules and loops.

super::codes! {}
