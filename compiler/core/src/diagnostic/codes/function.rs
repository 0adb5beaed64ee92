//! TC05xx: functions.

super::codes! {
    UNKNOWN_RUNTIME = "TC0501", Error, "an unknown runtime";
    NO_RUNTIME = "TC0502", Error, "a runtime that cannot be inferred";
}
