//! Archives: any bytes as one that another program made, and any files through the writer and the reader.

use std::collections::BTreeMap;
use std::convert::Infallible;
use tc_package::archive::{EntryName, Member, Members, ReadError, Reader, Writer};

/// What is unpacked of one archive, in bytes, by its own claims. A packer asks this question before it reads.
const UNPACKED: u64 = 16 << 20;

/// Any bytes as an archive.
pub fn zip_reader(data: &[u8]) {
    match Reader::open(data) {
        Ok((reader, members)) => {
            let claimed = members.values().map(|member| member.source.size).fold(0, u64::saturating_add);
            for member in members.values() {
                // A single entry may be read whatever it claims.
                let bytes = reader.read(member.source).map_err(|error| error.to_string());
                assert!(bytes.is_err() || bytes.is_ok_and(|bytes| bytes.len() as u64 == member.source.size));
                if claimed > UNPACKED {
                    break;
                }
            }
        }
        Err(error) => assert!(!ReadError::to_string(&error).is_empty()),
    }
}

/// Files cut out of any bytes: one thread and several write the same archive, and the reader gives the files back.
pub fn archive(data: &[u8]) {
    let members = cut(data);
    let read = |bytes: &Vec<u8>| Ok::<_, Infallible>(bytes.clone());
    let mut written = [1, 3].map(|threads| {
        let mut out = Vec::new();
        let written = Writer::new(threads).write(&members, &read, &mut out).expect("nothing of it can fail");
        assert_eq!(written.size, out.len() as u64);
        out
    });
    let [one, several] = &mut written;
    assert_eq!(one, several);
    // Of a file and a directory with one name the reader takes neither.
    let clashes = members.keys().any(|name| name.directories().any(|parent| members.contains_key(parent)));
    match Reader::open(one) {
        Ok((reader, found)) => {
            let content: BTreeMap<_, _> = found
                .iter()
                .map(|(name, member)| (name, (member.executable, reader.read(member.source).expect("a sound entry"))))
                .collect();
            let wanted: BTreeMap<_, _> =
                members.iter().map(|(name, member)| (name, (member.executable, member.source.clone()))).collect();
            assert_eq!(content, wanted);
        }
        Err(error) => assert!(clashes, "{error}"),
    }
}

/// Files whose names and contents are the lines of the data.
fn cut(data: &[u8]) -> Members<Vec<u8>> {
    let mut lines = data.split(|byte| *byte == b'\n');
    let mut members = Members::new();
    while let (Some(name), Some(source)) = (lines.next(), lines.next()) {
        let executable = name.len().is_multiple_of(2);
        if let Ok(name) = EntryName::new(String::from_utf8_lossy(name)) {
            members.insert(name, Member { executable, source: source.to_vec() });
        }
    }
    members
}
