//! A function has at most five layers, no layer twice, and none where it is a container image.
//!
//! Sources: Lambda Developer Guide, "Lambda quotas" (function layers: five) and "Managing Lambda dependencies with layers"
//! (layers are for functions deployed as a .zip file archive); two versions of one layer are refused too
//! (`Two different versions of the same layer are not allowed to be referenced in the same function`).

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::function as codes};
use crate::ir::{Function, PackageType};
use std::collections::BTreeMap;

/// Layers a function can have, extensions included.
const LIMIT: usize = 5;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for function in subject.topology.functions.values() {
        check_function(function, findings);
    }
}

fn check_function(function: &Function, findings: &mut Vec<Diagnostic>) {
    let layers = || function.layers.iter().chain(&function.extensions);
    let Some(first) = layers().next() else { return };
    if function.package_type == PackageType::Image {
        let message = format!("`{}` is a container image, which has no layers", function.name);
        let help = "put what the layers hold into the image, or write `package_type: zip`";
        findings.push(Diagnostic::new(&codes::IMAGE_LAYERS, first.span, message).help(help));
        return;
    }
    let count = layers().count();
    if let Some(sixth) = layers().nth(LIMIT) {
        let extensions = match function.extensions.len() {
            0 => String::new(),
            extensions => format!(", {extensions} of them extensions"),
        };
        let message = format!("`{}` has {count} layers{extensions}; Lambda allows {LIMIT}", function.name);
        let help = "merge some of them, or build the dependencies into the code: `build: {kind: inline}`";
        findings.push(Diagnostic::new(&codes::LAYER_COUNT, sixth.span, message).label("one too many").help(help));
    }
    let mut seen = BTreeMap::new();
    for layer in layers() {
        if let Some(first) = seen.insert(&layer.name, layer.span) {
            let message = format!("`{}` uses the layer `{}` twice", function.name, layer.name);
            let finding = Diagnostic::new(&codes::DUPLICATE_LAYER, layer.span, message).also(first, "first");
            findings.push(finding.help("remove one of them, also where they name two versions"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_function;
    use super::check;

    #[test]
    fn five_layers_pass_and_six_do_not() {
        let json = |layers: &str, extensions: &str| {
            format!("{{\"runtime\": {{\"layers\": [{layers}], \"extensions\": [{extensions}]}}}}")
        };
        assert_eq!(check_function(check, &json(r#""a", "b", "c""#, r#""d", "e""#)), [""; 0]);
        assert_eq!(
            check_function(check, &json(r#""a", "b", "c", "f""#, r#""d", "e""#)),
            [
                r#"TC0510 error `a` has 6 layers, 2 of them extensions; Lambda allows 5 @"e"; merge some of them, or build the dependencies into the code: `build: {kind: inline}`"#
            ]
        );
        assert_eq!(
            check_function(check, &json(r#""a", "b:1", "b:2""#, "")),
            [
                r#"TC0511 error `a` uses the layer `b` twice @"b:2"; remove one of them, also where they name two versions"#
            ]
        );
    }

    #[test]
    fn an_image_has_no_layers() {
        let json = r#"{"runtime": {"package_type": "image", "layers": ["x"]}}"#;
        assert_eq!(
            check_function(check, json),
            [
                r#"TC0512 error `a` is a container image, which has no layers @"x"; put what the layers hold into the image, or write `package_type: zip`"#
            ]
        );
        assert_eq!(check_function(check, r#"{"runtime": {"package_type": "image"}}"#), [""; 0]);
    }
}
