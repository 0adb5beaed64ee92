//! The command line of tc.
fn main() {}
