//! What checking native libraries costs, on a `site-packages` of about 340 MB, mostly native:
//! `cargo bench --workspace --bench native`. Installs the wheels from the package index on first use.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark: criterion's macros make functions, and faults may panic"
)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tc_core::ir::{Architecture, Runtime};
use tc_core::source::{SourceMap, Span};
use tc_core::world::SourcePath;
use tc_package::layer::elf::{Check, Libraries, check};
use tc_package::layer::image::LAYER;
use tc_package::layer::{Target, tree};
use tc_tests::wheels::{self, Absent};

const WHEELS: [&str; 4] = ["scipy==1.17.1", "scikit-learn==1.9.1", "pandas==3.1.1", "numpy==2.4.6"];

fn native(criterion: &mut Criterion) {
    let root = match wheels::tree("3.12", "x86_64", 34, &WHEELS) {
        Ok(root) => root,
        Err(Absent::Unreachable(words) | Absent::Failed(words)) => panic!("{words}"),
    };
    let distributions = wheels::distributions(&root).expect("pip writes a RECORD");
    let files = tree::files(&root).expect("the tree can be read");
    let bytes: u64 = files.values().map(|member| member.source.size).sum();
    let file = SourceMap::default().add(SourcePath::new("pyproject.toml"), "x\n".to_owned());
    let runtime = Runtime::parse("python3.12").expect("it is in the table");
    let mut group = criterion.benchmark_group("native");
    group.throughput(Throughput::Bytes(bytes));
    group.sample_size(20);
    for threads in [1, 2] {
        group.bench_function(BenchmarkId::from_parameter(threads), |bencher| {
            bencher.iter(|| {
                let checked = check(&Check {
                    tree: &root,
                    mount: LAYER,
                    target: Target { runtime, architecture: Architecture::X86_64 },
                    distributions: &distributions,
                    libraries: Libraries::default(),
                    place: &|_| Span::new(file, 0, 1),
                    threads,
                });
                black_box(checked.expect("the tree can be read"))
            });
        });
    }
}

criterion_group!(benches, native);
criterion_main!(benches);
