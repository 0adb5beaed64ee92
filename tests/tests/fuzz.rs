//! Each fuzz target on its seeds, and on cuts of them: a text may end anywhere.

use std::path::Path;
use tc_tests::fuzz::TARGETS;

macro_rules! holds {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            let target = TARGETS.into_iter().find(|target| target.name == stringify!($name)).unwrap();
            let seeds = (target.seeds)();
            assert!(seeds.len() > 1, "{} seeds", seeds.len());
            for seed in seeds {
                for part in 1..=4 {
                    (target.run)(&seed[..seed.len() * part / 4]);
                }
            }
        }
    )*
        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

holds!(yaml topology function_json vars roles lock project asl jsonata jsonpath intrinsic zip_reader archive elf);

#[test]
fn each_target_has_its_test_and_its_program() {
    assert_eq!(TESTED, TARGETS.map(|target| target.name));
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = std::fs::read_to_string(directory.join("Cargo.toml")).unwrap();
    for name in TESTED {
        let program = std::fs::read_to_string(directory.join(format!("targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("tc_tests::fuzz::{name}(data)")), "{name}");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
    assert_eq!(std::fs::read_dir(directory.join("targets")).unwrap().count(), TARGETS.len());
}
