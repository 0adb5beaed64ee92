//! Every example that `tc explain` prints shows what it is said to show.

use tc_core::diagnostic::{Code, codes};
use tc_tests::explanation::check;

#[test]
fn the_examples_of_the_explanations_are_true() {
    let codes: Vec<&Code> = codes::all().collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let results: Vec<Result<usize, String>> = std::thread::scope(|scope| {
        let parts = codes.chunks(codes.len().div_ceil(threads));
        let parts: Vec<_> = parts.map(|part| scope.spawn(|| part.iter().map(|code| check(code)).collect())).collect();
        parts.into_iter().flat_map(|part| -> Vec<_> { part.join().unwrap() }).collect()
    });
    let faults: Vec<&str> = results.iter().filter_map(|result| result.as_ref().err()).map(String::as_str).collect();
    assert!(faults.is_empty(), "{} explanations do not hold:\n{}", faults.len(), faults.join("\n"));
    assert!(results.iter().flatten().sum::<usize>() >= 100);
}
