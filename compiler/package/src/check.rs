//! What a function's zip must be before it is written: not empty, not too large, with the handler in it, for the right
//! processor.

use crate::finding::place;
use crate::select::bootstrap::{BOOTSTRAP, machine};
use crate::select::{Contents, File};
use tc_core::diagnostic::{Diagnostic, Severity, codes::artifact as codes};
use tc_core::ir::name::layer;
use tc_core::ir::{Family, Function};

/// The most that a function's code may unpack to, in bytes: 250 MB with its layers (AWS Lambda Developer Guide,
/// "Lambda quotas"). The 50 MB of a direct upload do not matter: artifacts go through S3.
pub(crate) const UNPACKED_LIMIT: u64 = 262_144_000;
/// How many files a finding about size names.
const NAMED: usize = 5;

/// The findings about what is to be packed for a function. `read` gives the bytes of a file of it.
pub(crate) fn check(
    namespace: &str,
    function: &Function,
    contents: &Contents,
    read: &dyn Fn(&File) -> Option<Vec<u8>>,
) -> Vec<Diagnostic> {
    if contents.is_empty() {
        return vec![empty(function)];
    }
    [size(function, contents), handler(namespace, function, contents), processor(function, contents, read)]
        .into_iter()
        .flatten()
        .collect()
}

fn empty(function: &Function) -> Diagnostic {
    let message = format!("the zip of function `{}` would be empty", function.name);
    let finding = Diagnostic::new(&codes::EMPTY, place(function), message);
    match &function.build_task {
        Some(_) => finding.help("name the function's files: `zip lambda.zip handler.py`"),
        None => finding.help("bring files back that are ignored by `!NAME` in a `.tcignore`"),
    }
}

fn size(function: &Function, contents: &Contents) -> Option<Diagnostic> {
    let total = contents.values().map(|member| member.source.size).fold(0, u64::saturating_add);
    if total <= UNPACKED_LIMIT {
        return None;
    }
    let mut largest: Vec<_> = contents.iter().map(|(name, member)| (member.source.size, name)).collect();
    largest.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(other.1)));
    let named: Vec<_> =
        largest.iter().take(NAMED).map(|(size, name)| format!("`{name}` ({})", grouped(*size))).collect();
    let message = format!(
        "the code of function `{}` unpacks to {} bytes, but Lambda takes {} with its layers",
        function.name,
        grouped(total),
        grouped(UNPACKED_LIMIT)
    );
    Some(
        Diagnostic::new(&codes::TOO_LARGE, place(function), message)
            .help(format!("the largest files, in bytes: {}", named.join(", ")))
            .help("leave files out in a `.tcignore`, put them on the file system (`assets`), or use an image"),
    )
}

/// A number with commas between its thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Whether the file that Lambda starts is there. It may come from a layer too, other than the function's own, which has
/// its dependencies alone: then it is a warning.
fn handler(namespace: &str, function: &Function, contents: &Contents) -> Option<Diagnostic> {
    let family = function.runtime.as_ref()?.family;
    let handler = function.handler.as_ref()?;
    let stem = stem(handler, family)?;
    let candidates: Vec<String> = match family {
        Family::Python => ["py", "pyc"].iter().map(|end| format!("{stem}.{end}")).collect(),
        Family::Ruby => vec![format!("{stem}.rb")],
        Family::Node => ["js", "mjs", "cjs"].iter().map(|end| format!("{stem}.{end}")).collect(),
        _ => vec![BOOTSTRAP.to_owned()],
    };
    let is_there = |name: &String| contents.contains_key(name.as_str());
    // A package, or a module compiled to machine code: `handler/__init__.py`, `handler.cpython-313-x86_64-linux-gnu.so`.
    let is_module = |name: &str| {
        let rest = name.strip_prefix(&stem).unwrap_or_default();
        rest == "/__init__.py" || rest.starts_with('.') && rest.ends_with(".so")
    };
    let is_module = |name| family == Family::Python && is_module(name);
    if candidates.iter().any(is_there) || contents.keys().any(|name| is_module(name.as_str())) {
        return None;
    }
    let wanted: Vec<_> = candidates.iter().map(|name| format!("`{name}`")).collect();
    let message = format!("the zip of function `{}` does not hold its handler {}", function.name, wanted.join(" or "));
    let mut finding = Diagnostic::new(&codes::NO_HANDLER, place(function), message);
    let named = handler.span;
    if named != function.span && named != place(function) {
        finding = finding.also(named, "the handler");
    }
    let own = layer(namespace, &function.name);
    if function.layers.iter().chain(&function.extensions).any(|layer| layer.name != own) {
        finding.severity = Severity::Warning;
    }
    let source = function.handler_file.as_ref().map_or("", |file| file.file_name());
    if source.ends_with("ts") && family == Family::Node {
        let out = candidates.first().map_or("handler.js", String::as_str);
        finding = finding.help(format!(
            "Lambda does not run TypeScript; compile it in `tasks.build`, such as `npx esbuild {source} --bundle \
             --platform=node --outfile={out}`"
        ));
    } else if function.build_task.is_some() {
        finding = finding.help("have `tasks.build` put it at the top of the zip, or mend `runtime.handler`");
    } else {
        finding = finding.help("mend `runtime.handler`, or bring the file back by `!NAME` in a `.tcignore`");
    }
    Some(finding)
}

/// The path of the handler's file without its extension. `None` for languages whose handlers name no file.
fn stem(handler: &str, family: Family) -> Option<String> {
    match family {
        // `package.module.function` and `package/module.function` mean the same.
        Family::Python => handler.rsplit_once('.').map(|(module, _)| module.replace('.', "/")),
        // `handler.Etl::Loader.run`: the file is what stands before the first dot.
        Family::Ruby => handler.split_once('.').map(|(file, _)| file.to_owned()),
        // `src/index.nested.handler`: the first dot after the directories.
        Family::Node => {
            let at = handler.rfind('/').map_or(0, |at| at + 1);
            let (directory, name) = handler.split_at_checked(at)?;
            name.split_once('.').map(|(file, _)| format!("{directory}{file}"))
        }
        Family::Rust | Family::Go | Family::Provided => Some(BOOTSTRAP.to_owned()),
        Family::Java | Family::Dotnet => None,
    }
}

/// Whether a compiled function is for the processor that it is to run on.
fn processor(function: &Function, contents: &Contents, read: &dyn Fn(&File) -> Option<Vec<u8>>) -> Option<Diagnostic> {
    if !function.runtime.as_ref().is_some_and(|runtime| runtime.is_os_only()) {
        return None;
    }
    let built = machine(&read(&contents.get(BOOTSTRAP)?.source)?)?;
    if built == function.architecture {
        return None;
    }
    let (built, wanted) = (built.as_str(), function.architecture.as_str());
    let message =
        format!("the `bootstrap` of function `{}` is built for {built}, but it runs on {wanted}", function.name);
    let help = format!("build it for {wanted}, or set `runtime.architecture` to `{built}`");
    Some(Diagnostic::new(&codes::WRONG_PROCESSOR, place(function), message).help(help))
}
