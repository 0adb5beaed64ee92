//! Findings about layers: what they say and where they point.

use super::install::Request;
use super::manifest::{LayerEntry, LibraryEntry};
use super::pack::{CHUNK_LIMIT, PackError};
use super::split::MAX_CHUNKS;
use super::tree::TreeError;
use crate::check::{UNPACKED_LIMIT, grouped};
use crate::inline::is_inline;
use std::io::{self, ErrorKind};
use std::path::Path;
use tc_core::diagnostic::codes::{dependency, layer as codes, reading};
use tc_core::diagnostic::{Code, Diagnostic};
use tc_core::ir::Function;
use tc_core::ir::name::{LAYER_LIMIT, layer};
use tc_core::source::Span;
use tc_core::world::WorldError;

/// Layers a function can have, extensions included (AWS Lambda Developer Guide, "Lambda quotas").
const LAYERS_LIMIT: usize = 5;

/// Where findings about a function's layer point: at its list of dependencies, else where the function is declared.
pub fn place(request: &Request<'_>) -> Span {
    let function = request.function;
    let list = function.dependencies.as_ref().and_then(|path| request.source(path.file_name()));
    list.map_or(function.span, |(file, _)| Span::start_of(file))
}

fn at(request: &Request<'_>, code: &'static Code, message: String) -> Diagnostic {
    Diagnostic::new(code, place(request), message)
}

/// What the operating system said of a file of tc's own.
pub fn not_written(request: &Request<'_>, error: &io::Error) -> Diagnostic {
    let code = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => &dependency::NO_ROOM,
        _ => &codes::LAYER_NOT_WRITTEN,
    };
    let error = WorldError::from(error);
    at(request, code, format!("the layer of function `{}` cannot be written: {error}", request.function.name))
}

/// Lists of dependencies that cannot be read.
pub fn unread_lists(request: &Request<'_>, error: &WorldError) -> Diagnostic {
    let name = &request.function.name;
    at(request, &reading::UNREADABLE, format!("the lists of dependencies of function `{name}` cannot be read: {error}"))
}

/// Something in the tree that cannot stand in a layer.
pub fn tree(request: &Request<'_>, tree: &Path, error: &TreeError) -> Diagnostic {
    let shown = |path: &Path| path.strip_prefix(tree).unwrap_or(path).to_string_lossy().escape_debug().to_string();
    let at = |message: String| at(request, &codes::NOT_LAYERABLE, message);
    let name = &request.function.name;
    let remove = "remove it by a command in `build.post`";
    match error {
        TreeError::Unreadable(path, error) => {
            let error = WorldError::from(error);
            at(format!("`{}` in the layer of function `{name}` cannot be read: {error}", shown(path)))
        }
        TreeError::Escapes(path) => at(format!(
            "the link `{}` in the layer of function `{name}` leads out of it, nowhere, or to a directory",
            shown(path)
        ))
        .help(remove),
        TreeError::Special(path) => {
            at(format!("`{}` in the layer of function `{name}` is not a regular file", shown(path))).help(remove)
        }
        TreeError::Name(path, reason) => {
            at(format!("`{}` cannot stand in the layer of function `{name}`: {reason}", shown(path))).help(remove)
        }
        TreeError::TooDeep(path) => at(format!(
            "the directories of `{}` in the layer of function `{name}` lie too deep in each other",
            shown(path)
        ))
        .help(remove),
    }
}

/// A tree that cannot be packed.
pub fn pack(request: &Request<'_>, error: &PackError, slim: bool) -> Diagnostic {
    let name = &request.function.name;
    match error {
        PackError::Unreadable(file, error) => {
            let error = WorldError::from(error);
            at(
                request,
                &reading::UNREADABLE,
                format!("`{file}` in the layer of function `{name}` cannot be read: {error}"),
            )
        }
        PackError::FileTooLarge(file, size) => at(
            request,
            &codes::FILE_TOO_LARGE,
            format!(
                "`{file}` of function `{name}` has {} bytes in a zip, but a layer takes {}",
                grouped(*size),
                grouped(CHUNK_LIMIT)
            ),
        )
        .help("put it on the file system: `assets` in function.json")
        .help("or make the function an image: `\"build\": {\"kind\": \"image\"}`"),
        PackError::TooMany(size) => ways_out(
            at(
                request,
                &codes::TOO_MANY_CHUNKS,
                format!(
                    "the dependencies of function `{name}` have {} bytes in a zip, which do not fit into {MAX_CHUNKS} layers \
                     of {}",
                    grouped(*size),
                    grouped(CHUNK_LIMIT)
                ),
            ),
            slim,
        ),
        PackError::Output(error) => not_written(request, error),
        PackError::Mismatch(what) => at(
            request,
            &codes::LAYER_NOT_WRITTEN,
            format!("the chunks of the layer of function `{name}` are not what they should be: {what}"),
        )
        .help("run it again; if it stays, the disk or memory of this machine is at fault"),
    }
}

/// Dependencies that are too large together with the function's code, of which `code` bytes are known.
pub fn too_large(request: &Request<'_>, unpacked: u64, code: u64, largest: &[(String, u64)], slim: bool) -> Diagnostic {
    let with = if code > 0 { format!(" and its code to {}", grouped(code)) } else { String::new() };
    let message = format!(
        "the dependencies of function `{}` unpack to {} bytes{with}, but Lambda takes {} together",
        request.function.name,
        grouped(unpacked),
        grouped(UNPACKED_LIMIT)
    );
    let largest: Vec<_> = largest.iter().map(|(name, size)| format!("{name} ({})", grouped(*size))).collect();
    let finding =
        at(request, &codes::TOO_LARGE, message).help(format!("the largest, in bytes: {}", largest.join(", ")));
    ways_out(finding, slim)
}

fn ways_out(finding: Diagnostic, slim: bool) -> Diagnostic {
    let slimmer = (!slim).then(|| "leave out tests and symbols: `tc build --slim`".to_owned());
    finding
        .help_opt(slimmer)
        .help(
            "or put them on the file system: `assets.DEPS_PATH` in function.json and `tc build --kind deps --publish`",
        )
        .help("or make the function an image: `\"build\": {\"kind\": \"image\"}`")
}

/// A layer whose name cannot be.
pub fn long_name(request: &Request<'_>, name: &str) -> Diagnostic {
    let message =
        format!("`{name}` has {} characters, but the names of layers have at most {LAYER_LIMIT}", name.chars().count());
    at(request, &codes::LAYER_NAME, message).help("give the function a shorter `name` in its function.json")
}

/// A chunk that has the name of another function's layer.
pub fn taken_name(request: &Request<'_>, chunk: &str, other: &str) -> Diagnostic {
    let message = format!(
        "the layer of function `{}` has a chunk `{chunk}`, as the layer of function `{other}` is called",
        request.function.name
    );
    at(request, &codes::LAYER_NAME, message).help("give one of the functions another `name` in its function.json")
}

/// A layer whose chunks are too many with the function's other layers.
pub fn too_many_layers(request: &Request<'_>, entry: &LayerEntry) -> Option<Diagnostic> {
    let function = request.function;
    let named = function.layers.len() + function.extensions.len();
    let count = named + entry.chunks.len() - 1;
    if !uses(function, &entry.name) || count <= LAYERS_LIMIT {
        return None;
    }
    let message = format!(
        "`{}` has {} chunks, with which function `{}` has {count} layers; Lambda allows {LAYERS_LIMIT}",
        entry.name,
        entry.chunks.len(),
        function.name
    );
    let finding = at(request, &codes::LAYER_COUNT, message);
    Some(finding.help("use fewer other layers, or make the dependencies smaller: `tc build --slim`"))
}

/// A layer that its function does not name.
pub fn unused(request: &Request<'_>, name: &str) -> Option<Diagnostic> {
    let function = request.function;
    if uses(function, name) {
        return None;
    }
    let listed = if function.layers.is_empty() { "is empty" } else { "does not name it" };
    let message = format!("function `{}` does not use its layer `{name}`: `runtime.layers` {listed}", function.name);
    let place = function.layers.first().map_or(function.span, |layer| layer.span);
    Some(
        Diagnostic::new(&codes::UNUSED_LAYER, place, message)
            .help(format!("remove `runtime.layers`, or write `\"layers\": [\"{name}\"]`")),
    )
}

fn uses(function: &Function, name: &str) -> bool {
    function.layers.iter().any(|layer| layer.name == name)
}

/// Dependencies that come to nothing.
pub fn empty(request: &Request<'_>, namespace: &str) -> Diagnostic {
    let function = request.function;
    let so = if is_inline(function) { "nothing goes into its code" } else { "it has no layer" };
    let message = format!("nothing was installed for function `{}`, so {so}", function.name);
    let finding = at(request, &codes::EMPTY_LAYER, message);
    let name = layer(namespace, &function.name);
    match (uses(function, &name), &function.dependencies) {
        (true, Some(list)) => {
            finding.help(format!("remove `{}`, or write `\"layers\": []` under `runtime`", list.file_name()))
        }
        _ => finding,
    }
}

/// An entry of the cache that was damaged.
pub fn damaged(request: &Request<'_>, reason: &str) -> Diagnostic {
    let message = format!("the layer of function `{}` in the cache was damaged: {reason}", request.function.name);
    at(request, &codes::CACHE_DAMAGED, message).help("it was built anew; nothing has to be done")
}

/// A layer in the cache with a library that is another on this machine now.
pub fn changed_library(request: &Request<'_>, library: &LibraryEntry) -> Diagnostic {
    let message = format!(
        "`{}`, which the layer of function `{}` has from this machine, is another now, or gone",
        library.name, request.function.name
    );
    at(request, &codes::LIBRARY_CHANGED, message)
        .help("the layer is built anew; for one that stays the same, copy the library into the project: `build.libs`")
}

/// A layer of which something changed while it was built.
pub fn changed(request: &Request<'_>, names: &[String]) -> Diagnostic {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    let message =
        format!("{} of function `{}` changed while its layer was built", names.join(", "), request.function.name);
    at(request, &codes::CHANGED_MEANWHILE, message).help("run `tc build` again")
}

/// A runtime whose dependencies tc does not install.
pub fn no_installer(request: &Request<'_>) -> Diagnostic {
    let runtime = request.target.runtime.spelling();
    let message = format!("the dependencies of function `{}` in `{runtime}` cannot be built", request.function.name);
    at(request, &dependency::UNUSABLE_LIST, message)
        .help("tc builds those of Python, Ruby and Node.js; give `build.command` for another language")
}

/// A layer that has the name of another one of the same run, from another topology.
pub fn repeated_name(request: &Request<'_>, name: &str) -> Diagnostic {
    let message =
        format!("two topologies have a layer `{name}`; that of function `{}` is not built", request.function.name);
    at(request, &codes::LAYER_NAME, message).help("give one of the topologies another `name` in its topology.yml")
}
