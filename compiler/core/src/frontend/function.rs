//! A function's directory, metadata, vars and roles to its IR.

use super::discover::{self, Candidate};
use super::infrastructure::Infrastructure;
use super::input::{BuildInput, Entries, FunctionEntryInput, FunctionInput, RuntimeInput, Scalar, VarsInput};
use super::project::Project;
use super::schema::InputFile;
use super::{Placeholders, Session, dependencies, runtime};
use crate::diagnostic::{Diagnostic, codes::schema};
use crate::ir::function::{DEFAULT_MEMORY, DEFAULT_MOUNT_POINT, DEFAULT_TIMEOUT, DEPS_PATH};
use crate::ir::name::{LAYER_LIMIT, layer};
use crate::ir::{
    Architecture, Build, BuildKind, EnvironmentValue, Family, Function, LayerImport, Mount, Network, PackageType,
    Variable,
};
use crate::source::{Span, Spanned};
use crate::world::{EntryKind, SourcePath};
use std::collections::BTreeMap;

/// The file system that functions mount unless they say otherwise.
const DEFAULT_FILESYSTEM: &str = "assets";

/// What a function is made from.
pub(super) struct Parts<'a, 'p> {
    pub project: &'a Project,
    pub placeholders: &'a Placeholders,
    pub infrastructure: &'a Infrastructure<'p>,
}

/// A function's metadata, read before its name is known for sure.
pub(super) struct Declared {
    pub name: String,
    /// Where the name comes from: `name` of the metadata, the key in topology.yml, or the file that makes it a function.
    pub name_span: Span,
    /// Where the function is declared.
    pub span: Span,
    pub candidate: Candidate,
    pub input: FunctionInput,
    pub shared: bool,
}

impl Parts<'_, '_> {
    /// Reads the metadata of a directory and lays the topology's entry over it. `None` where it does not fit the schema.
    pub fn declare(
        &self,
        session: &mut Session<'_>,
        candidate: Candidate,
        entry: Option<(Spanned<String>, FunctionEntryInput)>,
    ) -> Option<Declared> {
        let (mut input, span) = match candidate.metadata() {
            Some(name) => self.metadata(session, &candidate.directory.join(name))?,
            None => {
                let name = candidate.handler().map_or("", |(name, _)| name);
                let path = candidate.directory.join(name);
                (FunctionInput::default(), discover::place(session, path, String::new()))
            }
        };
        let mut shared = false;
        let mut named = input.name.take();
        if let Some((key, entry)) = entry {
            shared = entry.shared.as_ref().is_some_and(|shared| shared.value);
            lay_over(&mut input, entry);
            named = Some(key);
        }
        let directory_name = candidate.directory.file_name().to_owned();
        let name = named.unwrap_or_else(|| Spanned::new(directory_name, span));
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(is_name) {
            let message = format!("`{}` cannot be a function's name", name.value);
            let help = "a name begins with a letter and holds letters, digits, `_` and `-`: set `name` in function.json, \
                        or list the directory under `nodes.ignore`";
            session.findings.push(Diagnostic::new(&schema::WRONG_VALUE, name.span, message).help(help));
            return None;
        }
        Some(Declared { name: name.value, name_span: name.span, span, candidate, input, shared })
    }

    fn metadata(&self, session: &mut Session<'_>, path: &SourcePath) -> Option<(FunctionInput, Span)> {
        let file = session.read(path)?;
        let mut node = session.parse(file)?;
        self.placeholders.fill(&mut node, &mut session.findings);
        let findings = InputFile::Function.check(&node);
        if !findings.is_empty() {
            session.findings.extend(findings);
            return None;
        }
        let input = if node.as_map().is_some() { session.decode(&node)? } else { FunctionInput::default() };
        Some((input, Span::start_of(file)))
    }

    /// The IR of a function. Values that cannot be used are findings and fall back to their defaults.
    pub fn function(&self, session: &mut Session<'_>, declared: Declared) -> Function {
        let Declared { name, span, candidate, input, shared, .. } = declared;
        let runtime_input = input.runtime.unwrap_or_default();
        let vars = self.infrastructure.vars(session, &name).and_then(|node| session.decode::<VarsInput>(&node));
        let mut vars = vars.unwrap_or_default();
        let statements = self.infrastructure.statements(session, &name);

        let build = input.build.unwrap_or_default();
        let (package_type, build_kind) = packaging(session, runtime_input.package_type.as_ref(), build.kind.as_ref());
        let runtime = match (package_type, &runtime_input.lang) {
            (PackageType::Image, None) if candidate.has("Dockerfile") || candidate.family().is_none() => None,
            (_, lang) => runtime::resolve(session, &candidate, lang.as_ref(), span),
        };
        let is_built_by_tc = package_type == PackageType::Image && !candidate.has("Dockerfile");
        let base = runtime.as_ref().filter(|_| is_built_by_tc).map(|(runtime, _)| runtime.clone());
        // An image brings its runtime; what it is written as is judged all the same.
        let (runtime, runtime_basis) = runtime.filter(|_| package_type == PackageType::Zip).unzip();
        let family = runtime.as_ref().map(|runtime| runtime.family);
        let default_handler = || {
            let compiled = runtime.as_ref().is_some_and(|runtime| runtime.is_os_only());
            Spanned::new(if compiled { "bootstrap" } else { "handler.handler" }.to_owned(), span)
        };
        let handler = match package_type {
            PackageType::Image => runtime_input.handler.clone(),
            PackageType::Zip => Some(runtime_input.handler.clone().unwrap_or_else(default_handler)),
        };
        let handler_file = handler.as_ref().and_then(|handler| handler_file(session, &candidate, handler, family));
        let manifest = dependencies::manifest(session, &candidate);
        let layers = match &runtime_input.layers {
            Some(layers) => layers.iter().filter_map(|layer| layer_import(session, layer)).collect(),
            // Its dependencies are on the file system.
            None if input.assets.0.iter().any(|(key, _)| key.value == DEPS_PATH) => Vec::new(),
            None => own_layer(session, &self.placeholders.namespace, &name, manifest.as_ref(), build_kind),
        };
        let extensions = runtime_input.extensions.iter().filter_map(|layer| layer_import(session, layer)).collect();

        let mut environment = BTreeMap::new();
        for (key, path) in &input.assets.0 {
            let value = EnvironmentValue::Plain(path.value.as_str().into());
            environment.insert(key.value.clone(), Variable { key: key.span, value, span: path.span });
        }
        let vars_entries = [std::mem::take(&mut vars.environment_variables), std::mem::take(&mut vars.environment)];
        for entries in std::iter::once(runtime_input.environment).chain(vars_entries) {
            for (key, value) in entries.0 {
                let Spanned { value, span } = environment_value(value);
                environment.insert(key.value, Variable { key: key.span, value, span });
            }
        }
        // Where it says that the file system is mounted.
        let mounts = match &runtime_input.mount_fs {
            Some(mounts) => mounts.value.then_some(mounts.span),
            None => input.assets.0.first().map(|(key, _)| key.span),
        };
        let mount = self.mount(&vars, mounts, span);
        check_assets(session, &input.assets, runtime_input.mount_fs.as_ref(), mount.as_ref());
        let assets = input.assets.0.into_iter().map(|(key, path)| (key.value, path)).collect();
        let network = self.network(&vars, mount.as_ref());
        let timeout = vars.timeout.or(runtime_input.timeout);
        let memory = vars.memory_size.or(vars.memory).or(runtime_input.memory).or(runtime_input.memory_size);
        Function {
            span,
            description: input.description,
            directory: candidate.directory,
            shared,
            runtime,
            runtime_basis,
            handler,
            handler_file,
            package_type,
            build: Build {
                kind: build_kind,
                pre: build.pre,
                post: build.post,
                command: build.command,
                base,
                libs: build.libs,
            },
            dependencies: manifest,
            architecture: runtime_input.architecture.map_or(Architecture::X86_64, |value| value.value),
            memory: memory.unwrap_or_else(|| Spanned::new(DEFAULT_MEMORY, span)),
            timeout_is_explicit: timeout.is_some(),
            timeout: timeout.unwrap_or_else(|| Spanned::new(DEFAULT_TIMEOUT, span)),
            layers,
            extensions,
            environment,
            assets,
            network,
            mount,
            snap_start: runtime_input.snapstart,
            reserved_concurrency: vars.reserved_concurrency.or(runtime_input.reserved_concurrency),
            provisioned_concurrency: vars.provisioned_concurrency.or(runtime_input.provisioned_concurrency),
            tags: vars.tags.0.into_iter().map(|(key, value)| (key.value, value.map(|value| value.0))).collect(),
            statements,
            build_task: input.tasks.and_then(|tasks| tasks.build),
            name,
        }
    }

    fn mount(&self, vars: &VarsInput, wanted: Option<Span>, function: Span) -> Option<Mount> {
        let written = vars.filesystem.as_ref();
        if wanted.is_none() && written.is_none() {
            return None;
        }
        let known = self.project.filesystems.get(DEFAULT_FILESYSTEM);
        let access_point = written
            .and_then(|filesystem| filesystem.arn.clone())
            .or_else(|| known.and_then(|known| known.access_point.clone().or_else(|| known.arn.clone())));
        let mount_point = written
            .and_then(|filesystem| filesystem.mount_point.clone())
            .or_else(|| known.and_then(|known| known.mount_point.clone()));
        let default = || Spanned::new(DEFAULT_MOUNT_POINT.to_owned(), wanted.unwrap_or(function));
        let filesystem = DEFAULT_FILESYSTEM.to_owned();
        Some(Mount { filesystem, access_point, mount_point: mount_point.unwrap_or_else(default) })
    }

    fn network(&self, vars: &VarsInput, mount: Option<&Mount>) -> Option<Network> {
        if let Some(network) = &vars.network {
            let (subnets, security_groups) = (network.subnets.clone(), network.security_groups.clone());
            return Some(Network { subnets, security_groups });
        }
        let known = self.project.filesystems.get(&mount?.filesystem)?;
        let complete = !known.subnets.is_empty() && !known.security_groups.is_empty();
        complete.then(|| Network { subnets: known.subnets.clone(), security_groups: known.security_groups.clone() })
    }
}

/// Lays the keys of a topology's entry over those of the metadata.
fn lay_over(input: &mut FunctionInput, entry: FunctionEntryInput) {
    input.description = entry.description.or(input.description.take());
    if let Some(over) = entry.runtime {
        let below = input.runtime.take().unwrap_or_default();
        input.runtime = Some(RuntimeInput {
            lang: over.lang.or(below.lang),
            handler: over.handler.or(below.handler),
            package_type: over.package_type.or(below.package_type),
            layers: over.layers.or(below.layers),
            extensions: if over.extensions.is_empty() { below.extensions } else { over.extensions },
            memory: over.memory.or(over.memory_size).or(below.memory),
            memory_size: below.memory_size,
            timeout: over.timeout.or(below.timeout),
            architecture: over.architecture.or(below.architecture),
            environment: Entries(below.environment.0.into_iter().chain(over.environment.0).collect()),
            mount_fs: over.mount_fs.or(below.mount_fs),
            snapstart: over.snapstart.or(below.snapstart),
            reserved_concurrency: over.reserved_concurrency.or(below.reserved_concurrency),
            provisioned_concurrency: over.provisioned_concurrency.or(below.provisioned_concurrency),
        });
    }
    if let Some(over) = entry.tasks {
        let below = input.tasks.take().unwrap_or_default();
        input.tasks = Some(super::input::TasksInput {
            build: over.build.or(below.build),
            clean: over.clean.or(below.clean),
            test: over.test.or(below.test),
        });
    }
    if let Some(over) = entry.build {
        let below = input.build.take().unwrap_or_default();
        input.build = Some(BuildInput {
            kind: over.kind.or(below.kind),
            pre: if over.pre.is_empty() { below.pre } else { over.pre },
            post: if over.post.is_empty() { below.post } else { over.post },
            command: over.command.or(below.command),
            libs: over.libs.or(below.libs),
        });
    }
    input.assets.0.extend(entry.assets.0);
}

/// The file that `FILE.SYMBOL` names, if it is there.
fn handler_file(
    session: &mut Session<'_>,
    candidate: &Candidate,
    handler: &str,
    family: Option<Family>,
) -> Option<SourcePath> {
    let extensions: &[&str] = match family? {
        Family::Python => &["py"],
        Family::Ruby => &["rb"],
        Family::Node => &["js", "mjs", "cjs", "ts", "mts"],
        Family::Rust => &["rs"],
        Family::Go => &["go"],
        Family::Java | Family::Dotnet | Family::Provided => return None,
    };
    if matches!(family?, Family::Rust | Family::Go) {
        let (name, _) = candidate.handler()?;
        return Some(candidate.directory.join(name));
    }
    let stem = match family? {
        // Dots before the last lead into packages: `app.main.run` is `run` of `app/main.py`.
        Family::Python => handler.rsplit_once('.')?.0.replace('.', "/"),
        // A handler may name a class: `handler.Etl::Loader.run`.
        Family::Ruby => handler.split_once('.')?.0.to_owned(),
        // A handler may name a member of an export: `dist/handler.api.run`.
        _ => {
            let directory = handler.rfind('/').map_or(0, |slash| slash + 1);
            let (directory, name) = handler.split_at_checked(directory)?;
            format!("{directory}{}", name.split_once('.')?.0)
        }
    };
    let is_absolute = stem.starts_with('/');
    let path = candidate.directory.join(&stem);
    if is_absolute || path == candidate.directory {
        return None;
    }
    let files: Vec<String> = if path.parent() == candidate.directory {
        candidate.files.clone()
    } else {
        let entries = session.list(&path.parent()).unwrap_or_default();
        entries.into_iter().filter(|entry| entry.kind == EntryKind::File).map(|entry| entry.name).collect()
    };
    let named = |extension: &&&str| files.iter().any(|file| *file == format!("{}.{extension}", path.file_name()));
    let file =
        extensions.iter().find(named).map(|extension| SourcePath::new(&format!("{}.{extension}", path.as_str())));
    file.or_else(|| package_file(session, &path, family))
}

/// The file that makes a directory a Python package.
fn package_file(session: &mut Session<'_>, directory: &SourcePath, family: Option<Family>) -> Option<SourcePath> {
    let name = "__init__.py";
    let entries = if family == Some(Family::Python) { session.list(directory)? } else { return None };
    entries.iter().any(|entry| entry.name == name).then(|| directory.join(name))
}

/// How the code reaches Lambda, and how its dependencies are built: each follows from the other where one alone is said.
fn packaging(
    session: &mut Session<'_>,
    package_type: Option<&Spanned<PackageType>>,
    build_kind: Option<&Spanned<BuildKind>>,
) -> (PackageType, BuildKind) {
    let is_image = |kind: &Spanned<BuildKind>| kind.value == BuildKind::Image;
    let of_build = if build_kind.is_some_and(is_image) { PackageType::Image } else { PackageType::Zip };
    let of_package = match package_type.map(|package| package.value) {
        Some(PackageType::Image) => BuildKind::Image,
        Some(PackageType::Zip) | None => BuildKind::Layer,
    };
    if let (Some(package), Some(kind)) = (package_type, build_kind)
        && package.value != of_build
    {
        let (kind_name, help) = match kind.value {
            BuildKind::Image => ("image", "write `package_type: image`, or another `kind`"),
            BuildKind::Layer => ("layer", "remove `kind`: an image holds its dependencies"),
            BuildKind::Inline => ("inline", "remove `kind`: an image holds its dependencies"),
        };
        let message = format!("dependencies of the kind `{kind_name}` do not go with this `package_type`");
        let finding = Diagnostic::new(&schema::EXCLUSIVE_KEYS, kind.span, message);
        session.findings.push(finding.also(package.span, "the package type").help(help));
    }
    (package_type.map_or(of_build, |package| package.value), build_kind.map_or(of_package, |kind| kind.value))
}

/// The layer of the function's dependencies, where it declares some and they are built apart.
fn own_layer(
    session: &mut Session<'_>,
    namespace: &str,
    name: &str,
    manifest: Option<&SourcePath>,
    build_kind: BuildKind,
) -> Vec<Spanned<LayerImport>> {
    let Some(manifest) = manifest.filter(|_| build_kind == BuildKind::Layer) else { return Vec::new() };
    let place = session.read_once(manifest).map(Span::start_of);
    let layer = LayerImport { name: layer(namespace, name), version: None };
    place.map(|place| Spanned::new(layer, place)).into_iter().collect()
}

fn layer_import(session: &mut Session<'_>, layer: &Spanned<String>) -> Option<Spanned<LayerImport>> {
    let (name, version) = match layer.split_once(':') {
        None => (layer.as_str(), None),
        Some((name, version)) => (name, Some(version)),
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let number = version.map(|version| version.parse::<u32>().ok().filter(|number| *number > 0));
    if name.is_empty() || name.len() > LAYER_LIMIT || !name.chars().all(is_name) || number == Some(None) {
        let message = format!("`{}` is no layer", layer.value);
        let help = "write `NAME`, or `NAME:VERSION` to pin a version";
        session.findings.push(Diagnostic::new(&schema::WRONG_VALUE, layer.span, message).help(help));
        return None;
    }
    Some(Spanned::new(LayerImport { name: name.to_owned(), version: number.flatten() }, layer.span))
}

fn environment_value(value: Spanned<Scalar>) -> Spanned<EnvironmentValue> {
    value.map(|Scalar(text): Scalar| {
        let literal = text.as_literal().map(str::to_owned).unwrap_or_default();
        if let Some(path) = literal.strip_prefix("ssm:") {
            return EnvironmentValue::SsmParameter(path.to_owned());
        }
        match literal.strip_prefix("secret:") {
            Some(name) => EnvironmentValue::Secret(name.to_owned()),
            None => EnvironmentValue::Plain(text),
        }
    })
}

fn check_assets(
    session: &mut Session<'_>,
    assets: &Entries<Spanned<String>>,
    mounts: Option<&Spanned<bool>>,
    mount: Option<&Mount>,
) {
    let Some(mount) = mount else {
        // It is mounted for assets unless that is forbidden.
        if let (Some((key, _)), Some(mounts)) = (assets.0.first(), mounts) {
            let message = format!("`mount_fs: false` leaves the asset `{}` without its file system", key.value);
            let finding = Diagnostic::new(&schema::EXCLUSIVE_KEYS, mounts.span, message);
            session.findings.push(finding.also(key.span, "the asset").help("remove `mount_fs`, or the `assets`"));
        }
        return;
    };
    let point = &mount.mount_point.value;
    for (key, path) in &assets.0 {
        let below = path.strip_prefix(point.as_str()).is_some_and(|rest| rest.starts_with('/'));
        if !below || path.split('/').any(|part| part == "..") {
            let message = format!("the asset `{}` is not below `{point}`", key.value);
            let help = format!("the file system appears at `{point}`: write `{point}/...`");
            session.findings.push(Diagnostic::new(&schema::WRONG_VALUE, path.span, message).help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceMap, Text};

    #[test]
    fn secrets_are_told_from_plain_text() {
        let span = Span::start_of(SourceMap::default().add("x".into(), String::new()));
        let of = |text: &str| environment_value(Spanned::new(Scalar(Text::from(text)), span)).value;
        assert_eq!(of("ssm:/a/b"), EnvironmentValue::SsmParameter("/a/b".into()));
        assert_eq!(of("secret:db"), EnvironmentValue::Secret("db".into()));
        assert_eq!(of("x"), EnvironmentValue::Plain("x".into()));
    }
}
