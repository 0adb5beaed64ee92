//! `--fix`: solving a conflict by an override that is written into pyproject.toml.

use super::conflict::{Conflict, Kind};
use super::facts::facts;
use super::plan::List;
use super::session::{Failed, Session};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::dependency as codes;
use toml_edit::{Array, DocumentMut, Item, Table, Value};

/// How many dependencies are overridden at most.
const MAX_OVERRIDES: usize = 8;

/// Whether an override can solve it: it is not the list itself that asks for what is not there.
pub(super) fn applies(conflict: &Conflict) -> bool {
    let from_others = conflict.chains.iter().any(|chain| chain.len() > 1);
    from_others && matches!(conflict.kind, Kind::NoWheel | Kind::NoVersion | Kind::Versions)
}

/// Overrides that solve a conflict, and the pyproject.toml with them.
pub(super) struct Fix {
    /// The text of the pyproject.toml.
    pub text: String,
    /// What is said of it.
    pub findings: Vec<Diagnostic>,
}

/// Tries to solve a conflict: frees what is in the way of all that is wanted of it, but of what the list itself wants,
/// until the rest resolves; and pins what was taken then. Nothing of the user's is written. `None` where it is not to be
/// solved.
///
/// # Errors
/// When a copy cannot be written.
pub(super) fn solve(session: &Session<'_>, failed: &Failed) -> io::Result<Option<Fix>> {
    let Failed::Uv(failure, trace) = failed else { return Ok(None) };
    let path = session.request.directory.join(session.plan.name);
    if session.plan.list != List::Project {
        return Ok(None);
    }
    let mut conflict = failure.reasons().and_then(|reasons| Conflict::find(&facts(reasons), trace));
    let mut freed: BTreeMap<String, (String, Conflict)> = BTreeMap::new();
    while let Some(found) = conflict.take() {
        if !applies(&found) || freed.contains_key(&found.culprit) || freed.len() == MAX_OVERRIDES {
            return Ok(None);
        }
        let wanted = found.direct().map_or_else(|| found.culprit.clone(), ToString::to_string);
        freed.insert(found.culprit.clone(), (wanted, found));
        let Some(text) = with_overrides(&session.plan.text, freed.values().map(|(wanted, _)| wanted.as_str())) else {
            return Ok(None);
        };
        session.mirror.write(&path, text.as_bytes())?;
        match session.resolve("") {
            Ok(trace) => return Ok(pinned(session, &freed, &trace.taken)),
            Err(Failed::Io(error)) => return Err(error),
            Err(Failed::Uv(failure, trace)) => {
                conflict = failure.reasons().and_then(|reasons| Conflict::find(&facts(reasons), &trace));
            }
        }
    }
    Ok(None)
}

/// The overrides with the versions that were taken.
fn pinned(
    session: &Session<'_>,
    freed: &BTreeMap<String, (String, Conflict)>,
    taken: &BTreeMap<String, String>,
) -> Option<Fix> {
    let pins: Option<Vec<String>> = freed.keys().map(|name| Some(format!("{name}=={}", taken.get(name)?))).collect();
    let pins = pins?;
    let text = with_overrides(&session.plan.text, pins.iter().map(String::as_str))?;
    let findings = freed.values().zip(&pins).map(|((_, conflict), pin)| {
        let root = conflict.chains.iter().find_map(|chain| session.plan.place(&chain.first()?.name));
        let message = format!("wrote the override `{pin}` into pyproject.toml");
        let finding = Diagnostic::new(&codes::OVERRIDDEN, root.unwrap_or_else(|| session.plan.start()), message);
        let finding = conflict.words().into_iter().take(6).fold(finding, Diagnostic::help);
        finding.help("test the function: not all of them may work with that version")
    });
    Some(Fix { findings: findings.collect(), text })
}

/// A pyproject.toml with more `[tool.uv] override-dependencies`, all else as it was. An override of the same name is
/// replaced. `None` where it is no TOML, or has something else in that place.
pub(super) fn with_overrides<'a>(text: &str, overrides: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let implicit = || {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    };
    let tool = document.entry("tool").or_insert_with(implicit).as_table_like_mut()?;
    let uv = tool.entry("uv").or_insert(Item::Table(Table::new())).as_table_like_mut()?;
    let list = uv.entry("override-dependencies").or_insert(Item::Value(Value::Array(Array::new()))).as_array_mut()?;
    let name_of = |text: &str| super::name::split(text).map(|(name, _)| name);
    for one in overrides {
        let same = list.iter().position(|other| other.as_str().is_some_and(|other| name_of(other) == name_of(one)));
        match same.and_then(|at| list.get_mut(at)) {
            Some(value) => {
                let decor = value.decor().clone();
                *value = Value::from(one);
                *value.decor_mut() = decor;
            }
            None => push(list, one),
        }
    }
    Some(document.to_string())
}

/// Appends to an array in the way that its last element stands: on a line of its own, or beside.
fn push(list: &mut Array, text: &str) {
    let mut value = Value::from(text);
    let prefix = list.iter().last().and_then(|last| last.decor().prefix()).and_then(|prefix| prefix.as_str());
    match prefix.filter(|prefix| prefix.contains('\n')) {
        Some(prefix) => {
            let prefix = format!("\n{}", prefix.rsplit('\n').next().unwrap_or_default());
            value.decor_mut().set_prefix(prefix);
            list.push_formatted(value);
        }
        None => list.push(text),
    }
}

/// Writes the user's pyproject.toml: beside, then renamed, with the mode that it had.
///
/// # Errors
/// When it cannot be written; it is then as it was.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    // A link stays a link.
    let path = path.canonicalize()?;
    let parent = path.parent().unwrap_or(&path);
    let mut file = tempfile::Builder::new().prefix(".pyproject-").tempfile_in(parent)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(path.metadata()?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(&path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_override_is_added() {
        let text = "# mine\n[project]\nname = 'x' # why\ndependencies = [\n  'a',  # one\n]\n";
        let wanted = format!("{text}\n[tool.uv]\noverride-dependencies = [\"c==2\"]\n");
        assert_eq!(with_overrides(text, ["c==2"]).unwrap(), wanted);
        let text = "[tool.uv]\noverride-dependencies = [\n    'b<2', # keep\n    'C_d==1',\n]\n[tool.x]\n";
        let wanted =
            "[tool.uv]\noverride-dependencies = [\n    'b<2', # keep\n    \"c-d==2\",\n    \"e==3\",\n]\n[tool.x]\n";
        assert_eq!(with_overrides(text, ["c-d==2", "e==3"]).unwrap(), wanted);
        assert_eq!(with_overrides("[tool]\nuv = 1\n", ["a==1"]), None);
        assert_eq!(with_overrides("[", ["a==1"]), None);
    }

    #[test]
    fn the_file_keeps_its_mode_and_link() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let place = tempfile::tempdir().unwrap();
        let (file, link) = (place.path().join("real.toml"), place.path().join("pyproject.toml"));
        std::fs::write(&file, "a").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real.toml", &link).unwrap();
        write(&link, "b").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "b");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o640);
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 2);
    }
}
