//! SnapStart works for some runtimes, and not with EFS, a bigger /tmp, images or provisioned concurrency.
//! "Lambda Developer Guide, Improving startup performance with Lambda SnapStart, Supported features and limitations".

use super::subject::{Subject, combination};
use crate::backend::check::fault::Fault;

/// The most /tmp it works with, in MB.
const STORAGE_LIMIT: i64 = 512;

pub fn check(function: &Subject<'_>, faults: &mut Vec<Fault>) {
    if !enabled(function) {
        return;
    }
    if let Some(runtime) = function.text("Runtime").filter(|runtime| !supported(runtime)) {
        let help = "it takes Java from 11, Python from 3.12 and .NET from 8".to_owned();
        faults.push(combination(format!("`SnapStart` does not work with the runtime `{runtime}`")).help(help));
    }
    if !function.items("FileSystemConfigs").is_empty() {
        faults.push(combination("`SnapStart` and `FileSystemConfigs` exclude each other"));
    }
    if function.integer("EphemeralStorage.Size").is_some_and(|size| size > STORAGE_LIMIT) {
        faults.push(combination(format!("`SnapStart` needs an `EphemeralStorage.Size` of at most {STORAGE_LIMIT}")));
    }
    if function.text("PackageType") == Some("Image") {
        faults.push(combination("`SnapStart` does not work with a container image"));
    }
    if function.members("AWS::Lambda::Version").is_empty() {
        faults.push(combination("`SnapStart` has no effect without a version of the function"));
    }
}

/// For a version or alias: provisioned concurrency on a function with SnapStart.
pub fn provisioned(subject: &Subject<'_>, faults: &mut Vec<Fault>) {
    if !subject.has("ProvisionedConcurrencyConfig") {
        return;
    }
    if let Some(function) = subject.target("FunctionName").filter(enabled) {
        let id = function.id;
        faults.push(combination(format!("`ProvisionedConcurrencyConfig` does not go with the `SnapStart` of `{id}`")));
    }
}

fn enabled(function: &Subject<'_>) -> bool {
    function.text("SnapStart.ApplyOn") == Some("PublishedVersions")
}

fn supported(runtime: &str) -> bool {
    let version = |prefix: &str| {
        let version = runtime.strip_prefix(prefix)?;
        let mut numbers = version.split('.').map(|part| part.parse::<u32>());
        Some((numbers.next()?.ok()?, numbers.next().and_then(Result::ok).unwrap_or(0)))
    };
    version("java").is_some_and(|version| version >= (11, 0))
        || version("python").is_some_and(|version| version >= (3, 12))
        || version("dotnet").is_some_and(|version| version >= (8, 0))
}

#[cfg(test)]
mod tests {
    use super::supported;

    #[test]
    fn the_documented_runtimes_are_supported() {
        for runtime in ["java11", "java17", "java25", "python3.12", "python3.14", "dotnet8", "dotnet10"] {
            assert!(supported(runtime), "{runtime}");
        }
        for runtime in ["java8.al2", "python3.9", "python3.11", "dotnet6", "nodejs22.x", "ruby3.4", "provided.al2023"] {
            assert!(!supported(runtime), "{runtime}");
        }
    }
}
