//! Roles within IAM's limits.

use super::{findings, property};
use crate::backend::expr::Expr;
use crate::backend::lower::policy::{INLINE_LIMIT, MANAGED_COUNT, MANAGED_LIMIT};
use crate::backend::lower::testing::{HANDLER, lower_files};
use crate::backend::lower::{Lowered, iam, policy};
use crate::backend::template::Template;
use std::collections::BTreeMap;

/// A flow through functions of these names.
fn flow(names: &[String], roles: Option<&str>) -> Lowered {
    let mut states = String::new();
    for (index, name) in names.iter().enumerate() {
        let next = names.get(index + 1).map_or("End: true".to_owned(), |next| format!("Next: s{next}"));
        states.push_str(&format!(
            "    s{name}: {{Type: Task, Resource: '{{{{namespace}}}}_{name}_{{{{sandbox}}}}', {next}}}\n"
        ));
    }
    let topology = format!("name: etl\nflow:\n  StartAt: s{}\n  States:\n{states}", names[0]);
    let mut files = vec![("topology.yml".to_owned(), topology)];
    files.extend(names.iter().map(|name| (format!("{name}/handler.py"), HANDLER.to_owned())));
    files.extend(roles.map(|text| ("../infrastructure/tc/etl/roles/flow.json".to_owned(), text.to_owned())));
    lower_files(&files.iter().map(|(path, text)| (path.as_str(), text)).collect::<Vec<_>>())
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("step-{number:04}-of-the-flow")).collect()
}

fn managed(template: &Template) -> BTreeMap<String, Vec<Expr>> {
    let of_type = template.resources.iter().filter(|(_, one)| one.resource_type == "AWS::IAM::ManagedPolicy");
    let resources = |document: &Expr| -> Vec<Expr> {
        let statements = document.as_object().unwrap().get("Statement").unwrap().as_list().unwrap().to_vec();
        let list = |one: &Expr| match one.as_object().unwrap().get("Resource").unwrap() {
            Expr::List(list) => list.clone(),
            one => vec![one.clone()],
        };
        statements.iter().flat_map(list).collect()
    };
    of_type.map(|(id, one)| (id.clone(), resources(one.properties.get("PolicyDocument").unwrap()))).collect()
}

/// The characters of a role's inline policies and of its managed ones, references at their longest.
fn characters(template: &Template, role: &str) -> (usize, Vec<usize>) {
    let sizes = &policy::ArnSizes::new();
    let inline = template.resources[role].properties.get("Policies").and_then(Expr::as_list).unwrap_or_default();
    let inline = inline.iter().map(|one| policy::size(one.as_object().unwrap().get("PolicyDocument").unwrap(), sizes));
    let of_type = template.resources.values().filter(|one| one.resource_type == "AWS::IAM::ManagedPolicy");
    let managed = of_type.map(|one| policy::size(one.properties.get("PolicyDocument").unwrap(), sizes));
    (inline.sum(), managed.collect())
}

#[test]
fn a_flow_of_seventy_functions_fits_inline() {
    let lowered = flow(&names(70), None);
    assert!(managed(&lowered.template).is_empty());
    assert_eq!(findings(&lowered), [""; 0]);
}

#[test]
fn a_flow_of_three_hundred_functions_flows_over() {
    let lowered = flow(&names(300), None);
    let managed = managed(&lowered.template);
    assert!((2..=MANAGED_COUNT).contains(&managed.len()), "{}", managed.len());
    let mut invoked: Vec<String> = managed.values().flatten().map(|arn| format!("{arn:?}")).collect();
    invoked.sort();
    invoked.dedup();
    assert_eq!(invoked.len(), 300);
    let arns: Vec<String> = managed.keys().map(|id| format!("- !Ref {id}\n")).collect();
    let mut attached: Vec<String> =
        property(&lowered.template, "FlowRole", "ManagedPolicyArns").lines().map(|line| format!("{line}\n")).collect();
    attached.sort();
    assert_eq!(attached, arns);
    assert!(findings(&lowered).iter().all(|finding| finding.starts_with("TC0634 ")), "{:?}", findings(&lowered));
}

#[test]
fn what_is_emitted_is_within_the_limits() {
    for count in [1, 40, 90, 130, 200, 300, 400] {
        let lowered = flow(&names(count), None);
        // Each name is as long as the others, so the known sizes bound the real ones.
        let longest = "arn:aws-us-gov:lambda:ap-southeast-1:123456789012:function:etl_step-0000-of-the-flow_bob".len();
        let sizes: policy::ArnSizes =
            names(count).iter().map(|name| (crate::backend::logical_id::function(name), longest)).collect();
        let (inline, managed) = {
            let template = &lowered.template;
            let of = |document: &Expr| policy::size(document, &sizes);
            let inline = template.resources["FlowRole"].properties.get("Policies").and_then(Expr::as_list).unwrap();
            let inline: usize =
                inline.iter().map(|one| of(one.as_object().unwrap().get("PolicyDocument").unwrap())).sum();
            let of_type = template.resources.values().filter(|one| one.resource_type == "AWS::IAM::ManagedPolicy");
            (inline, of_type.map(|one| of(one.properties.get("PolicyDocument").unwrap())).collect::<Vec<_>>())
        };
        assert!(inline <= INLINE_LIMIT, "{count}: {inline}");
        assert!(managed.iter().all(|size| *size <= MANAGED_LIMIT), "{count}: {managed:?}");
    }
}

#[test]
fn one_more_function_changes_one_policy() {
    let mut more = names(300);
    more.insert(150, "another".to_owned());
    let (old, new) = (managed(&flow(&names(300), None).template), managed(&flow(&more, None).template));
    assert_eq!(old.keys().collect::<Vec<_>>(), new.keys().collect::<Vec<_>>());
    let changed: Vec<_> = old.iter().filter(|(id, resources)| new[*id] != **resources).collect();
    assert_eq!(changed.len(), 1, "{:?}", changed.iter().map(|(id, _)| id).collect::<Vec<_>>());
}

#[test]
fn written_statements_flow_over_apart() {
    let statement = |number: usize| {
        format!(
            r#"{{"Sid": "S{number}", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket-{number}/{}"}}"#,
            "x".repeat(100)
        )
    };
    let text = format!("[{}]", (0..70).map(statement).collect::<Vec<_>>().join(","));
    let lowered = flow(&names(2), Some(&text));
    let ids: Vec<String> = managed(&lowered.template).into_keys().collect();
    assert!(ids.iter().any(|id| id == "FlowRolePolicy1"), "{ids:?}");
    assert!(ids.iter().any(|id| id.starts_with("FlowRoleWrittenPolicy")), "{ids:?}");
    let (inline, managed) = characters(&lowered.template, "FlowRole");
    assert_eq!(inline, 0);
    assert!(managed.iter().all(|size| *size <= MANAGED_LIMIT), "{managed:?}");
}

#[test]
fn what_no_arrangement_holds_is_an_error() {
    let text = format!(
        r#"{{"Statement": [{{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{}"}}]}}"#,
        "x".repeat(80_000)
    );
    let lowered = flow(&names(1), Some(&text));
    let told = findings(&lowered);
    assert!(matches!(told.as_slice(), [one] if one.starts_with("TC0632 the role of `flow` needs 80")), "{told:?}");
}

#[test]
fn grants_that_differ_in_resources_alone_are_one_statement() {
    let grant = |arn: &str| iam::Grant::new("Read", &["s3:GetObject"], vec![arn.into()]);
    let merged = iam::merge([grant("arn:a"), grant("arn:b"), grant("arn:a")].into_iter());
    assert_eq!(merged.len(), 1);
    assert_eq!(merged[0].resources, [Expr::from("arn:a"), "arn:b".into()]);
}
