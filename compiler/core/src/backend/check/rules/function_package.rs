//! A function is a zip file or a container image, and its properties follow from that.
//! "Lambda API, CreateFunction": Handler and Runtime are required for a zip file; an image has neither, nor layers.

use super::subject::{Subject, combination};
use crate::backend::check::fault::Fault;

const ONLY_ZIP: [&str; 3] = ["Handler", "Runtime", "Layers"];

pub fn check(function: &Subject<'_>, faults: &mut Vec<Fault>) {
    let image = match function.get("PackageType") {
        Some(_) => function.text("PackageType") == Some("Image"),
        None => function.has("Code.ImageUri"),
    };
    if image {
        let excluded = ONLY_ZIP.into_iter().filter(|name| function.has(name));
        faults.extend(excluded.map(|name| combination(format!("`{name}` does not go with a container image"))));
        if !function.has("Code.ImageUri") {
            faults.push(combination("`Code.ImageUri` is missing from a container image"));
        }
        return;
    }
    let missing = ["Handler", "Runtime"].into_iter().filter(|name| !function.has(name));
    faults.extend(missing.map(|name| combination(format!("`{name}` is missing from a zip file's function"))));
    if function.has("Code.ImageUri") {
        faults.push(combination("`Code.ImageUri` needs `PackageType: Image`"));
        return;
    }
    let stored = function.has("Code.S3Bucket") && function.has("Code.S3Key");
    if !stored && !function.has("Code.ZipFile") {
        faults.push(combination("`Code` needs `S3Bucket` and `S3Key`"));
    }
}
