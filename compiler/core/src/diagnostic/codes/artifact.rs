//! TC07xx: code artifacts.

super::codes! {}
