//! TC05xx: functions.

super::codes! {}
