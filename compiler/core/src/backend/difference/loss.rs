//! What is lost with a resource.

use serde::Serialize;

/// What is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// For people: "its messages".
    pub what: &'static str,
    /// Whether the system works on it. Logs are only about what was done, and go with the function that wrote them.
    pub is_data: bool,
}

/// What a resource of a type holds that is gone with it.
pub fn loss(resource_type: &str) -> Option<Loss> {
    let (what, is_data) = match resource_type {
        "AWS::SQS::Queue" => ("its messages", true),
        "AWS::S3::Bucket" => ("its objects", true),
        "AWS::EFS::FileSystem" => ("its files", true),
        "AWS::Logs::LogGroup" => ("its logs", false),
        _ => return None,
    };
    Some(Loss { what, is_data })
}
