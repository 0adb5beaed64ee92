//! TC02xx: the state machine.

super::codes! {}
