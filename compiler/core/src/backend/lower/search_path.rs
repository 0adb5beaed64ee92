//! Where a language looks for dependencies that lie on the file system: `assets.DEPS_PATH`.
//!
//! Lambda sets each of these variables only where the function does not ("Lambda Developer Guide, Using Lambda
//! environment variables": unreserved variables), so a value of ours must hold the default too; and values are taken
//! literally, so it is spelt out.

use crate::backend::expr::Expr;
use crate::ir::function::DEPS_PATH;
use crate::ir::{EnvironmentValue, Family, Function};

/// Where the loader looks for shared libraries, unless a function says otherwise: those of the runtime, of the code, of the
/// layers ("Lambda Developer Guide, Defined runtime environment variables").
const LIBRARIES: &str =
    "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib";

/// The variables that make the dependencies importable; none where the function has no `DEPS_PATH`, or runs a language
/// without a variable for it (compiled languages, Java, .NET), or brings its own image. Shared libraries that the
/// dependencies need lie in `lib`, where a layer has them too.
pub(super) fn variables(function: &Function) -> impl Iterator<Item = (String, Expr)> {
    let found = value(function)
        .map(|(name, value, deps)| [(name, value), ("LD_LIBRARY_PATH", format!("{LIBRARIES}:{deps}/lib"))]);
    found.into_iter().flatten().map(|(name, value)| (name.to_owned(), value.into()))
}

/// The variable of the function's language, its value, and the directory of the dependencies.
fn value(function: &Function) -> Option<(&'static str, String, &str)> {
    let EnvironmentValue::Plain(path) = &function.environment.get(DEPS_PATH)?.value else { return None };
    let deps = path.as_literal()?;
    let runtime = function.runtime.as_ref()?;
    let (name, value) = match runtime.family {
        // /var/runtime holds the runtime's own client and boto3. The function's code and its layers are put before all
        // of these by the runtime.
        Family::Python => ("PYTHONPATH", format!("{deps}:/var/runtime")),
        Family::Node => {
            let layers = format!("/opt/nodejs/{}/node_modules:/opt/nodejs/node_modules", node_directory(runtime.id()));
            ("NODE_PATH", format!("{layers}:{deps}/node_modules:/var/runtime/node_modules:/var/runtime:/var/task"))
        }
        // Bundler installs below ruby/VERSION. The runtime's own gems, the SDK, lie below /var/runtime/ruby since Ruby
        // 3.2, and are lost to whoever sets GEM_PATH without it (navarasu/serverless-ruby-layer#98).
        Family::Ruby => {
            let version = format!("{}.0", runtime.id().trim_start_matches("ruby"));
            let below = |base: &str| format!("{base}/{version}");
            let paths =
                ["/var/task/vendor/bundle/ruby", "/opt/ruby/gems", &format!("{deps}/ruby"), "/var/runtime/ruby"];
            ("GEM_PATH", paths.map(below).join(":"))
        }
        Family::Java | Family::Dotnet | Family::Rust | Family::Go | Family::Provided => return None,
    };
    Some((name, value, deps))
}

/// The directory of a layer for one major version of Node: `node22` of `nodejs22.x`.
fn node_directory(runtime: &str) -> String {
    format!("node{}", runtime.trim_start_matches("nodejs").trim_end_matches(".x"))
}
