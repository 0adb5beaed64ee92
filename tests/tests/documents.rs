//! Every example in the README and in `docs/` does what is printed.

use std::fs;
use tc_tests::binary::workspace;
use tc_tests::document::run;

#[test]
fn the_examples_of_the_readme_are_true() {
    assert!(run("README.md") >= 5);
}

#[test]
fn the_examples_of_the_documentation_are_true() {
    let pages = fs::read_dir(workspace().join("docs")).unwrap();
    let mut pages: Vec<_> = pages.map(|page| page.unwrap().file_name().into_string().unwrap()).collect();
    pages.retain(|page| page.ends_with(".md"));
    pages.sort();
    assert!(!pages.is_empty());
    for page in pages {
        run(&format!("docs/{page}"));
    }
}
