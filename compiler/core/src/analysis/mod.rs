//! Rules over the IR and the graph that only report.

pub mod asl;
