//! TC121x: what is deployed and started.

super::codes! {
    BAD_PAYLOAD = "TC1210", Error, "a payload that is no JSON";
    NOT_INVOKED = "TC1211", Error, "a component that cannot be started";
    RUN_FAILED = "TC1212", Error, "what was started failed";
}
