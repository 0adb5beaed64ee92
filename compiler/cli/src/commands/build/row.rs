//! What became of layers, programs and images, as data, as a table and in a line.

use super::product::Entry;
use crate::report::plural;
use crate::size;
use crate::table::table;
use serde::Serialize;
use std::time::Duration;
use tc_core::ir::Topology;
use tc_deploy::layers::Published;
use tc_package::layer::manifest::LayerEntry;
use tc_package::product::{Kind, Made, Product};

/// What became of a layer, a program or an image.
#[derive(Debug, Serialize)]
pub struct Row {
    pub name: String,
    pub topology: String,
    pub function: String,
    pub kind: Kind,
    pub result: Verdict,
    /// The directory that it was put into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<LayerEntry>,
    /// What was built that is no layer, under its kind.
    #[serde(flatten)]
    pub product: Option<Entry>,
    /// Only where layers are published, and this one was built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publication: Option<Publication>,
}

impl Row {
    /// Of something of which nothing is known yet.
    pub fn new(topology: &Topology, function: &str, kind: Kind) -> Self {
        Self {
            name: tc_core::ir::name::layer(&topology.name, function),
            topology: topology.name.value.clone(),
            function: function.to_owned(),
            kind,
            result: Verdict::Failed,
            directory: None,
            layer: None,
            product: None,
            publication: None,
        }
    }
}

/// What became of it in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It was built.
    Built,
    /// It was built before, of the same.
    Unchanged,
    /// There is nothing to put into it.
    Empty,
    /// It is ready to be built, by a program that is not there.
    Left,
    /// It could not be built.
    Failed,
}

impl Verdict {
    /// Of a program or an image.
    pub fn of(made: &Made) -> Self {
        match &made.product {
            Some(Product::Program(program)) if program.is_new => Self::Built,
            Some(Product::Program(_)) => Self::Unchanged,
            Some(Product::Image(image)) if image.id.is_some() => Self::Built,
            Some(Product::Image(_)) => Self::Left,
            None => Self::Failed,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Built => "built",
            Self::Unchanged => "unchanged",
            Self::Empty => "empty",
            Self::Left => "left",
            Self::Failed => "failed",
        }
    }
}

/// What became of publishing a layer.
#[derive(Debug, Serialize)]
pub struct Publication {
    pub result: PublicationVerdict,
    /// The versions that hold it, one a chunk; none where it is not known that all are there.
    pub versions: Vec<Version>,
}

/// What became of publishing a layer in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PublicationVerdict {
    /// It was published.
    Published,
    /// The newest version held the same.
    Unchanged,
    /// It was not published, for what was found when it was built.
    Withheld,
    /// It could not be published.
    Failed,
}

impl PublicationVerdict {
    fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Unchanged => "unchanged",
            Self::Withheld => "withheld",
            Self::Failed => "failed",
        }
    }

    fn of_version(is_new: bool) -> Self {
        if is_new { Self::Published } else { Self::Unchanged }
    }
}

/// A version of a layer.
#[derive(Debug, Serialize)]
pub struct Version {
    pub name: String,
    pub version: i64,
    pub arn: String,
    pub result: PublicationVerdict,
}

impl Publication {
    /// A publication that came to these versions.
    pub fn of(versions: Vec<Published>) -> Self {
        let result = PublicationVerdict::of_version(versions.iter().any(|version| version.is_new));
        let version = |Published { name, version, arn, is_new }| Version {
            name,
            version,
            arn,
            result: PublicationVerdict::of_version(is_new),
        };
        Self { result, versions: versions.into_iter().map(version).collect() }
    }

    /// One that failed.
    pub fn failed() -> Self {
        Self { result: PublicationVerdict::Failed, versions: Vec::new() }
    }

    /// One that was not begun.
    pub fn withheld() -> Self {
        Self { result: PublicationVerdict::Withheld, versions: Vec::new() }
    }
}

/// What was built, a line each; of layers a line a chunk. The kind is told where there are others than layers.
pub fn built_table(rows: &[Row]) -> String {
    let mut lines = Vec::new();
    for row in rows {
        let mut line = |name: &str, [runtime, architecture, zip, unpacked]: [String; 4]| {
            let (kind, result) = (row.kind.as_str().to_owned(), row.result.as_str().to_owned());
            lines.push([name.to_owned(), kind, runtime, architecture, zip, unpacked, result]);
        };
        match (&row.layer, &row.product) {
            (Some(layer), _) => {
                for chunk in &layer.chunks {
                    let [zip, unpacked] = [chunk.size, chunk.unpacked].map(size::human);
                    line(&chunk.name, [layer.runtime.clone(), layer.architecture.as_str().to_owned(), zip, unpacked]);
                }
            }
            (None, Some(product)) => line(&row.name, product.cells()),
            (None, None) => line(&row.name, Default::default()),
        }
    }
    let heading = ["name", "kind", "runtime", "architecture", "zip", "unpacked", "result"];
    if rows.iter().any(|row| row.kind != Kind::Layer) {
        return table(heading, [0; 7], &lines);
    }
    let without_kind = |[name, _, runtime, architecture, zip, unpacked, result]: [String; 7]| {
        [name, runtime, architecture, zip, unpacked, result]
    };
    let lines: Vec<_> = lines.into_iter().map(without_kind).collect();
    table(["name", "runtime", "architecture", "zip", "unpacked", "result"], [0; 6], &lines)
}

/// What became of publishing the layers and their chunks, a line each.
pub fn published_table(rows: &[Row]) -> String {
    let mut lines = Vec::new();
    for row in rows {
        let without_version = |result: &str| [row.name.clone(), String::new(), result.to_owned(), String::new()];
        match &row.publication {
            None => lines.push(without_version(row.result.as_str())),
            Some(publication) if publication.versions.is_empty() => {
                lines.push(without_version(publication.result.as_str()));
            }
            Some(publication) => lines.extend(publication.versions.iter().map(|version| {
                let Version { name, version, arn, result } = version;
                [name.clone(), version.to_string(), result.as_str().to_owned(), arn.clone()]
            })),
        }
    }
    table(["name", "version", "result", "arn"], [0; 4], &lines)
}

/// The last line for people. `destinations` are the accounts that layers were published to, if any.
pub fn summary(rows: &[Row], destinations: &[String], is_forbidden: bool, time: Duration) -> String {
    if rows.is_empty() {
        return if is_forbidden { "nothing was built\n" } else { "nothing to build: no function needs it\n" }
            .to_owned();
    }
    let mut parts = Vec::new();
    for (kind, what) in
        [(Kind::Layer, "layer"), (Kind::Inline, "inlined set"), (Kind::Code, "program"), (Kind::Image, "image")]
    {
        use Verdict::{Built, Empty, Failed, Left, Unchanged};
        let verdicts = [Built, Unchanged, Empty, Left, Failed].map(|verdict| {
            let count = rows.iter().filter(|row| row.kind == kind && row.result == verdict).count();
            (count, verdict.as_str())
        });
        parts.extend(counted(&verdicts, what));
    }
    let mut directories: Vec<&str> = rows.iter().filter_map(|row| row.directory.as_deref()).collect();
    directories.dedup();
    let mut text = parts.join(", ") + &place(&directories, "directories");
    if rows.iter().any(|row| row.publication.is_some()) {
        use PublicationVerdict::{Failed, Published, Unchanged, Withheld};
        let verdicts = [Published, Unchanged, Withheld, Failed].map(|verdict| {
            let is_it = |row: &&Row| row.publication.as_ref().is_some_and(|one| one.result == verdict);
            (rows.iter().filter(is_it).count(), verdict.as_str())
        });
        let destinations: Vec<&str> = destinations.iter().map(String::as_str).collect();
        text += &format!("; {}{}", counted(&verdicts, "layer").join(", "), place(&destinations, "accounts"));
    }
    format!("{text}, {:.1} s\n", time.as_secs_f64())
}

/// "1 layer built", "2 layers failed".
fn counted(verdicts: &[(usize, &str)], what: &str) -> Vec<String> {
    let there = verdicts.iter().filter(|(count, _)| *count > 0);
    there.map(|(count, word)| format!("{} {word}", plural(*count, what))).collect()
}

/// " in PLACE", or " in 2 places".
fn place(places: &[&str], what: &str) -> String {
    match places {
        [] => String::new(),
        [one] => format!(" in {one}"),
        several => format!(" in {} {what}", several.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, result: Verdict, publication: Option<Publication>) -> Row {
        let directory = matches!(result, Verdict::Built | Verdict::Unchanged).then(|| ".tc/layers".to_owned());
        let (name, function) = (format!("etl-{name}"), name.to_owned());
        let (kind, topology) = (Kind::Layer, "etl".to_owned());
        Row { name, topology, function, kind, result, directory, layer: None, product: None, publication }
    }

    fn version(name: &str, is_new: bool) -> Published {
        Published { name: name.to_owned(), version: 7, arn: format!("arn:{name}:7"), is_new }
    }

    #[test]
    fn each_chunk_that_is_published_has_a_line() {
        // One chunk of two was there before: the layer is published all the same.
        let chunks = Publication::of(vec![version("etl-a", true), version("etl-a-1", false)]);
        let rows = [
            row("a", Verdict::Built, Some(chunks)),
            row("b", Verdict::Built, Some(Publication::failed())),
            row("c", Verdict::Unchanged, Some(Publication::withheld())),
            row("d", Verdict::Empty, None),
        ];
        assert_eq!(rows[0].publication.as_ref().map(|one| one.result), Some(PublicationVerdict::Published));
        let expected = " name    | version | result    | arn
---------+---------+-----------+---------------
 etl-a   | 7       | published | arn:etl-a:7
 etl-a-1 | 7       | unchanged | arn:etl-a-1:7
 etl-b   |         | failed    |
 etl-c   |         | withheld  |
 etl-d   |         | empty     |
";
        assert_eq!(published_table(&rows), expected);
        let time = Duration::from_millis(1_250);
        assert_eq!(
            summary(&rows, &["cicd (1, x)".to_owned()], true, time),
            "2 layers built, 1 layer unchanged, 1 layer empty in .tc/layers; 1 layer published, 1 layer withheld, 1 layer \
             failed in cicd (1, x), 1.2 s\n"
        );
    }

    #[test]
    fn the_kind_is_told_where_there_are_others_than_layers() {
        let rows = || vec![row("a", Verdict::Built, None), row("b", Verdict::Left, None)];
        assert!(built_table(&rows()).starts_with(" name  | runtime | "));
        let mut rows = rows();
        rows[1].kind = Kind::Image;
        let table = built_table(&rows);
        assert!(table.starts_with(" name  | kind  | runtime | ") && table.contains("\n etl-b | image | "), "{table}");
        assert_eq!(summary(&rows, &[], false, Duration::ZERO), "1 layer built, 1 image left in .tc/layers, 0.0 s\n");
    }

    #[test]
    fn without_publishing_nothing_is_said_of_it() {
        let rows = [row("a", Verdict::Built, None), row("b", Verdict::Failed, None)];
        assert_eq!(summary(&rows, &[], true, Duration::ZERO), "1 layer built, 1 layer failed in .tc/layers, 0.0 s\n");
        assert_eq!(summary(&[], &[], true, Duration::ZERO), "nothing was built\n");
    }
}
