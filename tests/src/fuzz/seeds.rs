//! Inputs to begin with: what stands in the golden cases.

use crate::elf::{AARCH64, Library, X86_64};
use crate::golden::{Kind, cases};
use crate::tree;
use std::collections::BTreeSet;
use tc_core::frontend::yaml;
use tc_core::source::{Node, SourceMap, Value};
use tc_core::world::SourcePath;

/// All files of the golden cases' sources, by their paths.
fn sources() -> Vec<(String, Vec<u8>)> {
    let roots = Kind::ALL.into_iter().flat_map(cases).map(|case| case.root);
    let sides = roots.flat_map(|root| ["in", "old", "new"].map(|side| root.join(side)));
    sides.flat_map(|side| tree::read(&side).unwrap_or_default()).collect()
}

fn matching(is_wanted: impl Fn(&str) -> bool) -> Vec<Vec<u8>> {
    let wanted: BTreeSet<_> =
        sources().into_iter().filter(|(path, _)| is_wanted(path)).map(|(_, bytes)| bytes).collect();
    wanted.into_iter().collect()
}

/// The files of one name.
pub(super) fn files(name: &str) -> Vec<Vec<u8>> {
    matching(|path| path.rsplit('/').next() == Some(name))
}

/// The files in directories of one name.
pub(super) fn files_in(directory: &str) -> Vec<Vec<u8>> {
    matching(|path| path.rsplit('/').nth(1) == Some(directory))
}

/// All YAML and JSON files.
pub(super) fn documents() -> Vec<Vec<u8>> {
    matching(|path| [".yml", ".yaml", ".json"].iter().any(|end| path.ends_with(end)))
}

/// The definitions of state machines, as JSON.
pub(super) fn flows() -> Vec<Vec<u8>> {
    let flow = |root: Node| if root.get("States").is_some() { Some(root) } else { root.get("flow").cloned() };
    let flows = trees().into_iter().filter_map(flow).filter(|flow| flow.as_map().is_some());
    flows.filter_map(|flow| serde_json::to_vec_pretty(&flow).ok()).collect()
}

/// The strings of all documents that are of one kind.
pub(super) fn strings(is_wanted: fn(&str) -> bool) -> Vec<Vec<u8>> {
    let mut found = BTreeSet::new();
    trees().iter().for_each(|tree| collect(tree, is_wanted, &mut found));
    found.into_iter().map(String::into_bytes).collect()
}

/// Sound archives, small and empty.
pub(super) fn archives() -> Vec<Vec<u8>> {
    use tc_package::archive::{EntryName, Member, Members, Writer};
    let sets: [&[(&str, &str)]; 3] = [
        &[],
        &[("handler.py", "def handler(event, context):\n    return {}\n")],
        &[("a/b", ""), ("a/c", "x"), ("d", "dd")],
    ];
    let archive = |files: &[(&str, &str)]| {
        let members: Members<&str> = files
            .iter()
            .filter_map(|(name, text)| Some((EntryName::new(*name).ok()?, Member { executable: false, source: *text })))
            .collect();
        let mut out = Vec::new();
        let read = |text: &&str| Ok::<_, std::convert::Infallible>(text.as_bytes().to_vec());
        Writer::new(1).write(&members, &read, &mut out).expect("nothing of it can fail");
        out
    };
    sets.into_iter().map(archive).collect()
}

/// Native libraries that need something of each kind.
pub(super) fn libraries() -> Vec<Vec<u8>> {
    let mut full =
        Library::new(AARCH64).needs(&["libc.so.6", "libfoo.so.1"]).glibc(&["GLIBC_2.17", "GLIBC_ABI_DT_RELR"]);
    full.soname = Some("libbar.so.2");
    full.rpath = Some("$ORIGIN/lib:/opt/lib");
    full.runpath = Some("${ORIGIN}");
    full.versions.push(("libstdc++.so.6", vec!["GLIBCXX_3.4.21"]));
    full.weak = vec!["GLIBC_2.99"];
    full.interpreter = Some("/lib/ld-linux-aarch64.so.1");
    vec![Library::new(X86_64).bytes(), full.bytes(), Library::new(3).bytes()]
}

fn trees() -> Vec<Node> {
    let parse = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).ok()?;
        let file = SourceMap::default().add(SourcePath::new("seed"), text.clone());
        yaml::read(file, &text).ok()
    };
    documents().into_iter().filter_map(parse).collect()
}

fn collect(node: &Node, is_wanted: fn(&str) -> bool, found: &mut BTreeSet<String>) {
    match &node.value {
        Value::String(text) => found.extend(text.as_literal().filter(|text| is_wanted(text)).map(str::to_owned)),
        Value::List(list) => list.iter().for_each(|item| collect(item, is_wanted, found)),
        Value::Map(map) => map.iter().for_each(|entry| collect(&entry.value, is_wanted, found)),
        _ => {}
    }
}
