//! The stack of the artifact bucket.

use tc_core::backend::expr::{Expr, Object};
use tc_core::backend::logical_id;
use tc_core::backend::template::{DeletionPolicy, Output, Resource, Template};
use tc_core::graph::{EntityId, EntityKind};
use tc_core::object;

/// Regions without account regional namespaces, in whose place the name is one that others could take ("Amazon S3 User
/// Guide, Namespaces for general purpose buckets": all but Middle East (Bahrain) and Middle East (UAE)).
const WITHOUT_NAMESPACE: [&str; 2] = ["me-central-1", "me-south-1"];

/// How long what was replaced, and what was left half uploaded, is kept, in days.
const DAYS_REPLACED: i64 = 90;
const DAYS_UNFINISHED: i64 = 7;

/// How long the parts of trees are kept, in days: once they are on the file system, they only spare the next upload.
const DAYS_ASSETS: i64 = 30;

/// The bucket's name. It ends so that S3 gives it to this account alone, where the region knows that.
pub(super) fn name(account: &str, region: &str) -> String {
    format!("tc-artifacts-{account}-{region}{}", suffix(region))
}

fn suffix(region: &str) -> &'static str {
    if has_namespace(region) { "-an" } else { "" }
}

fn has_namespace(region: &str) -> bool {
    !WITHOUT_NAMESPACE.contains(&region)
}

/// The template of [`STACK`](super::STACK) for a region: a private bucket, encrypted, versioned, reached by TLS alone. It
/// stays when the stack is deleted, since functions and layers are made from what is in it.
pub fn template(region: &str) -> Template {
    let entity = EntityId::new(EntityKind::Bucket, "artifacts");
    let id = logical_id::of(&entity);
    let mut bucket = Resource::new("AWS::S3::Bucket", &entity, properties(region));
    bucket.deletion_policy = Some(DeletionPolicy::RetainExceptOnCreate);
    let policy = object! { "Bucket": Expr::reference(&id), "PolicyDocument": tls_alone(&id) };
    let policy = Resource::new("AWS::S3::BucketPolicy", &entity, policy);
    let name = Output { description: "The artifact bucket".to_owned(), value: Expr::reference(&id) };
    Template {
        description: "What tc deploys from: code, layers and templates, each under its SHA-256".to_owned(),
        resources: [(id.clone(), bucket), (format!("{id}Policy"), policy)].into_iter().collect(),
        outputs: [("ArtifactBucket".to_owned(), name)].into_iter().collect(),
        ..Template::default()
    }
}

fn properties(region: &str) -> Object {
    let name = format!("tc-artifacts-${{AWS::AccountId}}-${{AWS::Region}}{}", suffix(region));
    let encryption = object! { "ServerSideEncryptionByDefault": object! { "SSEAlgorithm": "AES256" } };
    let mut properties = object! {
        "BucketEncryption": object! { "ServerSideEncryptionConfiguration": vec![encryption] },
        "BucketName": Expr::Sub(name),
    };
    if has_namespace(region) {
        properties.put("BucketNamespace", "account-regional");
    }
    properties.put("LifecycleConfiguration", object! { "Rules": vec![unfinished(), replaced(), assets()] });
    properties
        .put("OwnershipControls", object! { "Rules": vec![object! { "ObjectOwnership": "BucketOwnerEnforced" }] });
    let private = object! {
        "BlockPublicAcls": true,
        "BlockPublicPolicy": true,
        "IgnorePublicAcls": true,
        "RestrictPublicBuckets": true,
    };
    properties.put("PublicAccessBlockConfiguration", private);
    properties.put("VersioningConfiguration", object! { "Status": "Enabled" });
    properties
}

fn unfinished() -> Object {
    object! {
        "AbortIncompleteMultipartUpload": object! { "DaysAfterInitiation": DAYS_UNFINISHED },
        "Id": "unfinished-uploads",
        "Status": "Enabled",
    }
}

fn replaced() -> Object {
    object! {
        "Id": "replaced-versions",
        "NoncurrentVersionExpiration": object! { "NoncurrentDays": DAYS_REPLACED },
        "Status": "Enabled",
    }
}

fn assets() -> Object {
    object! {
        "ExpirationInDays": DAYS_ASSETS,
        "Id": "assets",
        "NoncurrentVersionExpiration": object! { "NoncurrentDays": 1i64 },
        "Prefix": crate::assets::PREFIX,
        "Status": "Enabled",
    }
}

/// Denies everything that does not come by TLS ("Amazon S3 User Guide, Enforce encryption of data in transit").
fn tls_alone(bucket: &str) -> Object {
    let statement = object! {
        "Action": "s3:*",
        "Condition": object! { "Bool": object! { "aws:SecureTransport": "false" } },
        "Effect": "Deny",
        "Principal": "*",
        "Resource": vec![Expr::arn(bucket), Expr::Sub(format!("${{{bucket}.Arn}}/*"))],
        "Sid": "TlsAlone",
    };
    object! { "Statement": vec![statement], "Version": "2012-10-17" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tc_core::backend::{check, yaml};

    #[test]
    fn the_template_is_what_cloudformation_takes() {
        for region in ["us-west-2", "me-south-1"] {
            assert_eq!(check::check_without_source(&template(region)), []);
        }
    }

    #[test]
    fn the_bucket_outlives_its_stack() {
        let text = yaml::write(&template("us-west-2").to_expr());
        assert!(text.contains("DeletionPolicy: RetainExceptOnCreate\n    UpdateReplacePolicy: Retain\n"), "{text}");
    }

    #[test]
    fn what_is_replaced_or_unfinished_goes_after_a_while() {
        let text = yaml::write(&template("us-west-2").to_expr());
        let rules = "LifecycleConfiguration:
        Rules:
          - AbortIncompleteMultipartUpload:
              DaysAfterInitiation: 7
            Id: unfinished-uploads
            Status: Enabled
          - Id: replaced-versions
            NoncurrentVersionExpiration:
              NoncurrentDays: 90
            Status: Enabled
          - ExpirationInDays: 30
            Id: assets
            NoncurrentVersionExpiration:
              NoncurrentDays: 1
            Prefix: assets/
            Status: Enabled
";
        assert!(text.contains(rules), "{text}");
    }

    #[test]
    fn the_name_is_the_accounts_own_where_the_region_knows_that() {
        assert_eq!(name("111111111111", "us-west-2"), "tc-artifacts-111111111111-us-west-2-an");
        assert_eq!(name("111111111111", "me-south-1"), "tc-artifacts-111111111111-me-south-1");
        assert!(!yaml::write(&template("me-south-1").to_expr()).contains("BucketNamespace"));
    }
}
