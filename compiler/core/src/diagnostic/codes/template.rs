//! TC06xx: the template.

super::codes! {
    DUPLICATE_LOGICAL_ID = "TC0601", Error, "two entities with one logical id";
}
