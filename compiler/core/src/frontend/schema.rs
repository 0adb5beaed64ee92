//! Checks a tree against the schema of its file and shows faults at their place.

mod valid;

use super::input::{FunctionInput, ProjectInput, TopologyInput, VarsInput};
use crate::diagnostic::{Diagnostic, codes::schema as codes};
use crate::source::{Node, PathSegment, Span};
use crate::suggest;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value as Json;
use std::sync::OnceLock;

/// A kind of input file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputFile {
    /// `topology.yml`.
    Topology,
    /// `function.json`, `function.yml`.
    Function,
    /// `vars/FUNCTION.json`: one of the objects in it.
    Vars,
    /// `roles/FUNCTION.json`.
    Roles,
    /// `tc.yml`.
    Project,
}

impl InputFile {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Topology, Self::Function, Self::Vars, Self::Roles, Self::Project];

    /// The name of its schema: `schema/NAME.schema.json`, `tc schema NAME`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Topology => "topology",
            Self::Function => "function",
            Self::Vars => "vars",
            Self::Roles => "roles",
            Self::Project => "project",
        }
    }

    /// The schema as it is committed under `schema/`.
    pub fn text(self) -> &'static str {
        match self {
            Self::Topology => include_str!("../../../../schema/topology.schema.json"),
            Self::Function => include_str!("../../../../schema/function.schema.json"),
            Self::Vars => include_str!("../../../../schema/vars.schema.json"),
            Self::Roles => include_str!("../../../../schema/roles.schema.json"),
            Self::Project => include_str!("../../../../schema/project.schema.json"),
        }
    }

    /// The schema as the types say it: pretty JSON with a newline at its end.
    pub fn generate(self) -> String {
        let schema = match self {
            Self::Topology => of::<TopologyInput>(),
            Self::Function => of::<FunctionInput>(),
            Self::Vars => of::<VarsInput>(),
            Self::Roles => super::roles::schema(),
            Self::Project => of::<ProjectInput>(),
        };
        let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
        text.push('\n');
        text
    }

    fn validator(self) -> Option<&'static Validator> {
        static TOPOLOGY: OnceLock<Option<Validator>> = OnceLock::new();
        static FUNCTION: OnceLock<Option<Validator>> = OnceLock::new();
        static VARS: OnceLock<Option<Validator>> = OnceLock::new();
        static ROLES: OnceLock<Option<Validator>> = OnceLock::new();
        static PROJECT: OnceLock<Option<Validator>> = OnceLock::new();
        let cell = match self {
            Self::Topology => &TOPOLOGY,
            Self::Function => &FUNCTION,
            Self::Vars => &VARS,
            Self::Roles => &ROLES,
            Self::Project => &PROJECT,
        };
        let compile =
            || serde_json::from_str::<Json>(self.text()).ok().and_then(|s| jsonschema::validator_for(&s).ok());
        cell.get_or_init(compile).as_ref()
    }

    /// The findings of a tree, in the order the validator makes them.
    pub fn check(self, node: &Node) -> Vec<Diagnostic> {
        let Ok(instance) = serde_json::to_value(node) else { return Vec::new() };
        if self.is_valid(&instance) {
            return Vec::new();
        }
        let Some(validator) = self.validator() else { return Vec::new() };
        validator.iter_errors(&instance).flat_map(|error| self.findings(node, &error)).collect()
    }

    fn findings(self, root: &Node, error: &ValidationError<'_>) -> Vec<Diagnostic> {
        let path = segments(error.instance_path().as_str());
        let (node, _) = root.at(&path);
        let place = name_of(&path);
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                unexpected.iter().map(|key| self.unknown_key(node, &place, key, error)).collect()
            }
            ValidationErrorKind::Required { property } => {
                let property = property.as_str().unwrap_or_default();
                let span = key_span(root, &path).unwrap_or(Span::start_of(node.span.file));
                let message = format!("{place} has no `{property}`");
                vec![Diagnostic::new(&codes::MISSING_KEY, span, message).help(format!("add `{property}: ...`"))]
            }
            ValidationErrorKind::Type { kind } => {
                let message = format!("{place} is {}, but must be {}", node.kind(), wanted(kind));
                vec![Diagnostic::new(&codes::WRONG_TYPE, node.span, message)]
            }
            ValidationErrorKind::Enum { .. } | ValidationErrorKind::OneOfNotValid { .. } => {
                let options = options(error.kind());
                let given = plain(error.instance());
                let message = format!("{place} cannot be `{given}`");
                let help = suggest::nearest(&given, options.iter().map(String::as_str))
                    .map(|near| format!("did you mean `{near}`?"))
                    .unwrap_or_else(|| format!("allowed: {}", options.join(", ")));
                vec![Diagnostic::new(&codes::WRONG_VALUE, node.span, message).help(help)]
            }
            ValidationErrorKind::Pattern { pattern } => {
                let message = format!("{place} cannot be `{}`", plain(error.instance()));
                vec![
                    Diagnostic::new(&codes::WRONG_VALUE, node.span, message).help(format!("it must match `{pattern}`")),
                ]
            }
            // A value that may also be absent: only the branch that is not `null` says something.
            ValidationErrorKind::AnyOf { context } => {
                let of_null = |error: &ValidationError<'_>| match error.kind() {
                    ValidationErrorKind::Type { kind } => wanted(kind) == "a null",
                    _ => false,
                };
                let branch = context.iter().find(|branch| !branch.iter().all(of_null));
                branch.into_iter().flatten().flat_map(|error| self.findings(root, error)).collect()
            }
            kind => {
                let message = format!("{place} {}", outside(kind, error));
                vec![Diagnostic::new(&codes::WRONG_VALUE, node.span, message)]
            }
        }
    }

    fn unknown_key(self, node: &Node, place: &str, key: &str, error: &ValidationError<'_>) -> Diagnostic {
        let span = node.as_map().and_then(|map| map.entry(key)).map_or(node.span, |entry| entry.key_span);
        let known = self.known_keys(error);
        let help = suggest::help(key, "known keys", known.iter().map(String::as_str));
        Diagnostic::new(&codes::UNKNOWN_KEY, span, format!("unknown key `{key}` in {place}")).help_opt(help)
    }

    /// The properties beside the `additionalProperties` that was broken.
    fn known_keys(self, error: &ValidationError<'_>) -> Vec<String> {
        let schema: Json = serde_json::from_str(self.text()).unwrap_or_default();
        let location = error.schema_path().as_str();
        let parent = location.rsplit_once('/').map_or("", |(parent, _)| parent);
        resolve(&schema, parent)
            .and_then(|parent| parent.get("properties"))
            .and_then(Json::as_object)
            .map(|properties| properties.keys().cloned().collect())
            .unwrap_or_default()
    }
}

fn of<T: JsonSchema>() -> Json {
    let generator = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(refuse_null)).into_generator();
    generator.into_root_schema_for::<T>().to_value()
}

/// A key that is written down must have a value: `Option` in a type means that the key may be left out, not that it may
/// be null.
fn refuse_null(schema: &mut Schema) {
    let Some(properties) = schema.get_mut("properties").and_then(Json::as_object_mut) else { return };
    for property in properties.values_mut().filter_map(Json::as_object_mut) {
        let is_object = property.get("additionalProperties").is_some();
        if let Some(kinds) = property.get_mut("type").and_then(Json::as_array_mut).filter(|_| !is_object) {
            kinds.retain(|kind| kind != "null");
            if let [only] = kinds.as_slice() {
                let only = only.clone();
                property.insert("type".to_owned(), only);
            }
        }
        let Some(Json::Array(branches)) = property.get("anyOf") else { continue };
        let some = branches.iter().find(|branch| branch.get("type").is_none_or(|kind| kind != "null")).cloned();
        if let Some(Json::Object(some)) = some {
            property.shift_remove("anyOf");
            property.extend(some);
        }
    }
}

/// Follows a validator's location, in which `$ref` steps through a reference.
fn resolve<'a>(root: &'a Json, location: &str) -> Option<&'a Json> {
    let mut schema = root;
    for step in location.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        schema = if step == "$ref" {
            let target = schema.get("$ref")?.as_str()?;
            root.pointer(target.strip_prefix('#')?)?
        } else {
            match step.parse::<usize>() {
                Ok(index) if schema.is_array() => schema.get(index)?,
                _ => schema.get(&step)?,
            }
        };
    }
    Some(schema)
}

fn segments(pointer: &str) -> Vec<PathSegment> {
    let unescape = |part: &str| part.replace("~1", "/").replace("~0", "~");
    let segment = |part: &str| match part.parse::<usize>() {
        Ok(index) => PathSegment::Index(index),
        Err(_) => PathSegment::Key(unescape(part)),
    };
    pointer.split('/').skip(1).map(segment).collect()
}

/// How people call a place: "`routes.etl`", or "the file" for the root.
fn name_of(path: &[PathSegment]) -> String {
    if path.is_empty() { "the file".to_owned() } else { format!("`{}`", crate::source::Path(path.to_vec())) }
}

fn key_span(root: &Node, path: &[PathSegment]) -> Option<Span> {
    let (last, before) = path.split_last()?;
    let PathSegment::Key(key) = last else { return None };
    root.at(before).0.as_map()?.entry(key).map(|entry| entry.key_span)
}

/// The values allowed: those of an `enum`, or the constants that a documented enumeration is written as.
fn options(kind: &ValidationErrorKind) -> Vec<String> {
    match kind {
        ValidationErrorKind::Enum { options } => options.as_array().into_iter().flatten().map(plain).collect(),
        ValidationErrorKind::OneOfNotValid { context } => {
            let constant = |error: &ValidationError<'_>| match error.kind() {
                ValidationErrorKind::Constant { expected_value } => Some(plain(expected_value)),
                _ => None,
            };
            context.iter().flatten().filter_map(constant).collect()
        }
        _ => Vec::new(),
    }
}

/// What is wrong with a value of the right type.
fn outside(kind: &ValidationErrorKind, error: &ValidationError<'_>) -> String {
    let given = plain(error.instance());
    match kind {
        ValidationErrorKind::Minimum { limit } => format!("is {given}, but must be at least {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("is {given}, but must be at most {limit}"),
        ValidationErrorKind::MaxLength { limit } => {
            format!("has {} characters, but at most {limit} are allowed", given.chars().count())
        }
        ValidationErrorKind::MinLength { .. } => "must not be empty".to_owned(),
        ValidationErrorKind::MinItems { limit } => format!("must have at least {limit} entries"),
        ValidationErrorKind::MaxItems { limit } => format!("must have at most {limit} entries"),
        _ => format!("is not allowed: {error}"),
    }
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn wanted(kind: &TypeKind) -> String {
    let name = |kind: &str| match kind {
        "object" => "a mapping".to_owned(),
        "array" => "a list".to_owned(),
        "integer" => "an integer".to_owned(),
        other => format!("a {other}"),
    };
    match kind {
        TypeKind::Single(one) => name(&one.to_string()),
        TypeKind::Multiple(many) => {
            let names: Vec<_> = many.iter().map(|kind| kind.to_string()).filter(|kind| kind != "null").collect();
            names.iter().map(|kind| name(kind)).collect::<Vec<_>>().join(" or ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontend::yaml;
    use crate::source::SourceMap;

    #[test]
    fn committed_schemas_are_those_of_the_types() {
        for file in InputFile::ALL {
            let hint = "run `cargo run -p tc-core --example schemas -- schema`";
            assert!(file.text() == file.generate(), "schema/{}.schema.json has drifted: {hint}", file.name());
        }
    }

    fn check(file: InputFile, text: &str) -> Vec<String> {
        let id = SourceMap::default().add("t.yml".into(), text.to_owned());
        let show = |d: Diagnostic| {
            let place = d.primary.map(|label| text[label.span.range()].to_owned()).unwrap_or_default();
            format!("{} {} @{} ?{}", d.code.id, d.message, place, d.help.join("|"))
        };
        file.check(&yaml::read(id, text).unwrap()).into_iter().map(show).collect()
    }

    #[test]
    fn faults_are_shown_at_their_place() {
        let of = |text: &str| check(InputFile::Topology, text);
        assert_eq!(of("name: etl\n"), [""; 0]);
        assert_eq!(of("name: etl\nroutes:\n"), [""; 0]);
        assert_eq!(
            of("name: etl\nrotues: {}\n"),
            ["TC0101 unknown key `rotues` in the file @rotues ?did you mean `routes`?"]
        );
        assert_eq!(
            of("name: etl\nroutes:\n  a: {timout: 1}\n"),
            ["TC0101 unknown key `timout` in `routes.a` @timout ?did you mean `timeout`?"]
        );
        assert_eq!(
            of("name: etl\nroutes:\n  a: {timeout: soon}\n"),
            ["TC0103 `routes.a.timeout` is a string, but must be an integer @soon ?"]
        );
        assert_eq!(
            of("name: etl\nroutes:\n  a: {method: PSOT}\n"),
            ["TC0104 `routes.a.method` cannot be `PSOT` @PSOT ?did you mean `POST`?"]
        );
        assert_eq!(
            of("name: etl\nroutes:\n  a: {kind: grpc}\n"),
            ["TC0104 `routes.a.kind` cannot be `grpc` @grpc ?allowed: http, rest"]
        );
        assert_eq!(of("routes: {}\n"), ["TC0102 the file has no `name` @ ?add `name: ...`"]);
        assert_eq!(
            of("name: etl\nqueues:\n  q: {batch_size: 0}\n"),
            ["TC0104 `queues.q.batch_size` is 0, but must be at least 1 @0 ?"]
        );
        assert_eq!(
            of("name: etl\nqueues:\n  q: {batchsize: 0}\n"),
            ["TC0101 unknown key `batchsize` in `queues.q` @batchsize ?did you mean `batch_size`?"]
        );
        assert_eq!(
            of("name: etl\nroutes:\n  a: {gateway: }\n"),
            ["TC0103 `routes.a.gateway` is null, but must be a string @ ?"]
        );
    }
}
