//! What a reference to a resource gives, and whether that belongs where it stands.

use super::facts::Schema;
use super::fault::Fault;
use super::index::Index;
use super::path::Path;
use crate::backend::expr::Expr;
use crate::diagnostic::codes::template as codes;

/// What a `Ref` or `Fn::GetAtt` to a resource reads: the attribute's name, and what the schema says of it where it says
/// something. `None` for any other value, and for a `Ref` whose meaning the facts do not tell.
pub fn reads<'a>(index: &Index<'a>, value: &'a Expr) -> Option<(&'a str, Option<&'static Schema>)> {
    let (id, attribute) = match value {
        Expr::GetAtt(id, attribute) => (id, attribute.as_ref()),
        Expr::Ref(id) => (id, index.facts(id)?.gives.as_deref()?),
        _ => return None,
    };
    let facts = index.facts(id)?;
    let mut names = attribute.split('.');
    let schema = names.try_fold(&facts.schema, |schema, name| facts.resolve(schema).properties.get(name)?.schema());
    Some((attribute, schema.map(|schema| facts.resolve(schema))))
}

/// A name where an ARN belongs, or another attribute than the one that belongs there.
pub fn misread(index: &Index<'_>, schema: &Schema, value: &Expr, path: Path<'_>) -> Option<Fault> {
    let (attribute, given) = reads(index, value)?;
    let target = index.target(value)?;
    // An attribute that is not given at all is told where references are checked.
    if !matches!(value, Expr::Ref(_)) && !index.facts(target.id)?.get_att.iter().any(|name| name == attribute) {
        return None;
    }
    let wanted = match schema.format.as_deref().and_then(|format| format.rsplit_once('.')) {
        Some((kind, wanted)) if kind == target.resource.resource_type => {
            // Two attributes of one format are as good as each other.
            let same = given.is_some_and(|given| given.format == schema.format);
            (!same && attribute != wanted).then_some(wanted)?
        }
        _ => (wants_arn(schema, path) && !attribute.ends_with("Arn")).then_some("ARN")?,
    };
    let message = format!("`{path}` is given the `{attribute}` of `{}`, its `{wanted}` is needed", target.id);
    Some(Fault::new(&codes::WRONG_REFERENCE, message))
}

/// Whether an ARN and nothing else belongs here, told by the property's name or pattern.
fn wants_arn(schema: &Schema, path: Path<'_>) -> bool {
    let named = path.key().is_some_and(|key| key.ends_with("Arn") || key.ends_with("Arns"));
    let pattern = schema.pattern.as_ref().map(|pattern| pattern.text.trim_start_matches('^'));
    // A pattern with more than one choice may take a name too.
    named || pattern.is_some_and(|pattern| pattern.starts_with("arn:") && !pattern.contains(")|"))
}
