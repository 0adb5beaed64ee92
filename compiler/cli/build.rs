//! How `tc` is linked.

use std::env;

#[expect(clippy::disallowed_methods, reason = "this is how Cargo tells what is built for")]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Where a program may be loaded anywhere, the loader puts the address into each of its tables of functions before it
    // begins. Those of AWS's crates are so many that this was half of what `tc --version` took, and a fourth of a small
    // compile. So on Linux it has a fixed address, as programs there had long.
    let of_target = |name: &str| env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if of_target("OS") == "linux" && of_target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bin=tc=-no-pie");
    }
}
