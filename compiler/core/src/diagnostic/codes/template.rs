//! TC06xx: the template.

super::codes! {}
