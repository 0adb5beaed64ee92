//! The local AWS runs functions as Lambda does.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a failing step is a failing test, and a skipped one says so"
)]

use serde_json::{Value, json};
use std::process::Command;
use tc_package::archive::{EntryName, Member, Members, Writer};
use tc_tests::emulator::{Emulator, account};

/// An account with a role for functions.
struct Account {
    id: String,
    role: String,
}

impl Account {
    fn new() -> Self {
        let id = account();
        let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C\
                     %22Principal%22%3A%7B%22Service%22%3A%22lambda.amazonaws.com%22%7D%2C%22Action%22%3A\
                     %22sts%3AAssumeRole%22%7D%5D%7D";
        let body = format!("Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument={trust}");
        let (status, body) = Emulator::shared().ask(&id, "iam", "POST /", &body).unwrap();
        assert_eq!(status, 200, "{body}");
        Self { role: format!("arn:aws:iam::{id}:role/r"), id }
    }

    /// The status of an answer, and what it holds.
    fn lambda(&self, request: &str, body: &Value) -> (u16, Value) {
        let (status, answer) = Emulator::shared().ask(&self.id, "lambda", request, &body.to_string()).unwrap();
        (status, serde_json::from_str(&answer).unwrap())
    }

    /// What a function of these files and layers answers to an event.
    fn run(&self, runtime: &str, files: &[(&str, &str)], layers: &[&str]) -> Value {
        let function = json!({
            "FunctionName": "f", "Runtime": runtime, "Role": self.role, "Handler": "handler.handler",
            "Code": { "ZipFile": zip(files) }, "Layers": layers, "Timeout": 20,
        });
        let (status, made) = self.lambda("POST /2015-03-31/functions", &function);
        assert_eq!(status, 201, "{made}");
        let (status, answer) = self.lambda("POST /2015-03-31/functions/f/invocations", &json!({ "a": 1 }));
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// The ARN of a layer of these files.
    fn layer(&self, files: &[(&str, &str)]) -> String {
        let content = json!({ "Content": { "ZipFile": zip(files) } });
        let (status, made) = self.lambda("POST /2018-10-31/layers/l/versions", &content);
        assert_eq!(status, 201, "{made}");
        made["LayerVersionArn"].as_str().unwrap().to_owned()
    }
}

/// A zip of files, in base64.
fn zip(files: &[(&str, &str)]) -> String {
    let member = |(name, text): &(&str, &str)| {
        let source = text.as_bytes().to_vec();
        (EntryName::new(*name).unwrap(), Member { executable: false, source })
    };
    let members: Members<Vec<u8>> = files.iter().map(member).collect();
    let read = |bytes: &Vec<u8>| Ok::<_, std::io::Error>(bytes.clone());
    let mut out = Vec::new();
    Writer::new(1).write(&members, &read, &mut out).unwrap();
    base64(&out)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = bytes.chunks(3).flat_map(|three| {
        let bits = three.iter().chain([&0, &0]).take(3).fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        (0..4).map(move |place| match place <= three.len() {
            true => char::from(DIGITS[bits >> (18 - 6 * place) & 63]),
            false => '=',
        })
    });
    digits.collect()
}

#[test]
fn python_functions_find_their_layers_and_nothing_else() {
    let account = Account::new();
    let layer = account.layer(&[("python/of_layer.py", "VALUE = 7\n")]);
    let code = "import boto3, of_layer\n\ndef handler(event, context):\n    try:\n        import ministack\n    except \
                ImportError:\n        return {**event, 'value': of_layer.VALUE, 'name': context.function_name}\n";
    let answer = account.run("python3.11", &[("handler.py", code)], &[&layer]);
    assert_eq!(answer, json!({ "a": 1, "value": 7, "name": "f" }));
}

#[test]
fn an_error_carries_its_type() {
    let code = "def handler(event, context):\n    raise ValueError('no')\n";
    let answer = Account::new().run("python3.11", &[("handler.py", code)], &[]);
    assert_eq!((&answer["errorType"], &answer["errorMessage"]), (&json!("ValueError"), &json!("no")));
    assert!(answer["stackTrace"].is_array(), "{answer}");
}

#[test]
fn node_functions_of_both_kinds_run() {
    let account = Account::new();
    let layer = account.layer(&[("nodejs/node_modules/of-layer/index.js", "module.exports = 8;\n")]);
    let code = "const value = require('of-layer');\nexports.handler = async (event) => ({ ...event, value });\n";
    assert_eq!(account.run("nodejs22.x", &[("handler.js", code)], &[&layer]), json!({ "a": 1, "value": 8 }));
    let code = "export const handler = async () => { throw new TypeError('no'); };\n";
    let answer = Account::new().run("nodejs22.x", &[("handler.mjs", code)], &[]);
    assert_eq!((&answer["errorType"], &answer["errorMessage"]), (&json!("TypeError"), &json!("no")));
}

#[test]
fn ruby_functions_run_where_there_is_ruby() {
    if Command::new("ruby").arg("--version").output().is_err() {
        eprintln!("there is no `ruby` on this machine: its functions cannot be tried");
        return;
    }
    let account = Account::new();
    let layer = account.layer(&[("ruby/lib/of_layer.rb", "VALUE = 9\n")]);
    let code = "require 'of_layer'\ndef handler(event:, context:)\n  event.merge('value' => VALUE)\nend\n";
    assert_eq!(account.run("ruby3.3", &[("handler.rb", code)], &[&layer]), json!({ "a": 1, "value": 9 }));
}
