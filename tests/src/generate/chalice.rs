//! The topology as a Chalice app: <https://aws.github.io/chalice/>. A Chalice app has one function for all its routes and
//! one zip for all its functions, so this is the nearest that it can say. Chalice knows no Step Functions: the flow is a
//! template that `chalice package --merge-template` takes in.

use super::{NAME, Step, flow_resources};
use crate::tree::Tree;
use std::fmt::Write;

/// `app.py` with a module a step under `chalicelib`, and `flow.json` to merge.
pub(super) fn project(steps: &[Step]) -> Tree {
    let mut files = Tree::new();
    for step in steps {
        files.insert(format!("chalicelib/{}.py", step.name()), step.handler().into_bytes());
    }
    files.insert("chalicelib/__init__.py".to_owned(), Vec::new());
    files.insert("requirements.txt".to_owned(), Vec::new());
    files.insert("app.py".to_owned(), app(steps).into_bytes());
    let config = serde_json::json!({"version": "2.0", "app_name": NAME, "stages": {"dev": {}}});
    files.insert(".chalice/config.json".to_owned(), format!("{config:#}\n").into_bytes());
    // Chalice's logical id of a function is its name in camel case.
    let flow = flow_resources(steps, Step::id);
    files.insert("flow.json".to_owned(), format!("{:#}\n", flow).into_bytes());
    files
}

fn app(steps: &[Step]) -> String {
    let mut out = "from chalice import Chalice\n\nfrom chalicelib import (\n".to_owned();
    // Writing to a String cannot fail.
    for step in steps {
        let _ = writeln!(out, "    {},", step.name());
    }
    let _ = writeln!(out, ")\n\napp = Chalice(app_name=\"{NAME}\")");
    for step in steps {
        let (id, name, path) = (step.id(), step.name(), step.path());
        let _ = writeln!(
            out,
            "\n\n@app.route(\"{path}\", methods=[\"POST\"])\ndef route_{name}():\n    \
             return {name}.handler(app.current_request.json_body, None)\n\n\n\
             @app.on_cw_event({{\"detail-type\": [\"{id}\"]}})\ndef event_{name}(event):\n    \
             return {name}.handler(event.to_dict(), None)\n\n\n\
             @app.lambda_function(name=\"{name}\")\ndef function_{name}(event, context):\n    \
             return {name}.handler(event, context)"
        );
    }
    out
}
