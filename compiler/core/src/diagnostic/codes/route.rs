//! TC03xx: routes, gateways and time-outs.

super::codes! {}
