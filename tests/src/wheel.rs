//! Wheels made for a test, so that it needs no package index.

use std::fs::{self, File};
use std::path::Path;
use tc_package::archive::{EntryName, Member, Members, Writer};

/// Puts a wheel for any Python into a directory; `needs` are lines of `Requires-Dist`.
///
/// # Panics
/// When it cannot be written.
pub fn write(directory: &Path, name: &str, version: &str, needs: &[&str], files: &[(&str, &str)]) {
    let information = format!("{name}-{version}.dist-info");
    let needs: String = needs.iter().map(|need| format!("Requires-Dist: {need}\n")).collect();
    let mut all: Vec<(String, String)> =
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    all.push((
        format!("{information}/METADATA"),
        format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}"),
    ));
    all.push((
        format!("{information}/WHEEL"),
        "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n".to_owned(),
    ));
    let record: String = all.iter().map(|(name, _)| format!("{name},,\n")).collect();
    all.push((format!("{information}/RECORD"), format!("{record}{information}/RECORD,,\n")));
    let entry = |(name, text): (String, String)| {
        let name = EntryName::new(name).expect("a name");
        (name, Member { executable: false, source: text.into_bytes() })
    };
    let members: Members<Vec<u8>> = all.into_iter().map(entry).collect();
    fs::create_dir_all(directory).expect("a directory");
    let mut out = File::create(directory.join(format!("{name}-{version}-py3-none-any.whl"))).expect("a file");
    let read = |bytes: &Vec<u8>| Ok::<_, std::io::Error>(bytes.clone());
    Writer::new(1).write(&members, &read, &mut out).expect("a wheel");
}
