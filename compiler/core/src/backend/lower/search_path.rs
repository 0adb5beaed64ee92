//! Where a language looks for dependencies that lie on the file system: `assets.DEPS_PATH`.
//!
//! Lambda sets each of these variables only where the function does not ("Lambda Developer Guide, Using Lambda
//! environment variables": unreserved variables), so a value of ours must hold the default too; and values are taken
//! literally, so it is spelt out.

use crate::backend::expr::Expr;
use crate::ir::function::DEPS_PATH;
use crate::ir::{EnvironmentValue, Family, Function};

/// The variables that make the dependencies importable; none where the function has no `DEPS_PATH`, or runs a language
/// without a variable for it (compiled languages, Java, .NET), or brings its own image.
pub(super) fn variables(function: &Function) -> impl Iterator<Item = (String, Expr)> {
    value(function).map(|(name, value)| (name.to_owned(), value.into())).into_iter()
}

fn value(function: &Function) -> Option<(&'static str, String)> {
    let EnvironmentValue::Plain(path) = &function.environment.get(DEPS_PATH)?.value else { return None };
    let deps = path.as_literal()?;
    let runtime = function.runtime.as_ref()?;
    match runtime.family {
        // /var/runtime holds the runtime's own client and boto3. The function's code and its layers are put before all
        // of these by the runtime.
        Family::Python => Some(("PYTHONPATH", format!("{deps}:/var/runtime"))),
        Family::Node => {
            let layers = format!("/opt/nodejs/{}/node_modules:/opt/nodejs/node_modules", node_directory(runtime.id()));
            Some((
                "NODE_PATH",
                format!("{layers}:{deps}/node_modules:/var/runtime/node_modules:/var/runtime:/var/task"),
            ))
        }
        // Bundler installs below ruby/VERSION. The runtime's own gems, the SDK, lie below /var/runtime/ruby since Ruby
        // 3.2, and are lost to whoever sets GEM_PATH without it (navarasu/serverless-ruby-layer#98).
        Family::Ruby => {
            let version = format!("{}.0", runtime.id().trim_start_matches("ruby"));
            let below = |base: &str| format!("{base}/{version}");
            let paths =
                ["/var/task/vendor/bundle/ruby", "/opt/ruby/gems", &format!("{deps}/ruby"), "/var/runtime/ruby"];
            Some(("GEM_PATH", paths.map(below).join(":")))
        }
        Family::Java | Family::Dotnet | Family::Rust | Family::Go | Family::Provided => None,
    }
}

/// The directory of a layer for one major version of Node: `node22` of `nodejs22.x`.
fn node_directory(runtime: &str) -> String {
    format!("node{}", runtime.trim_start_matches("nodejs").trim_end_matches(".x"))
}
