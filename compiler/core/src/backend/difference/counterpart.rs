//! The template of one sandbox as that of another would be, so that two sandboxes differ only in what they do.

use serde_json::Value;

/// A name, and what stands in its place: of the sandbox, of the environment.
pub type Renaming<'n> = (&'n str, &'n str);

/// A template with names put in the place of others, wherever they are a word of a text. What is equal in both templates
/// as it stands is left alone: that an environment variable says `dev` has nothing to do with a sandbox of that name.
pub fn counterpart(old: &Value, new: &Value, names: &[Renaming<'_>]) -> Value {
    value(old, Some(new), names)
}

fn value(old: &Value, new: Option<&Value>, names: &[Renaming<'_>]) -> Value {
    match old {
        Value::String(text) => text_of(text, new.and_then(Value::as_str), names).into(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(place, item)| value(item, new.and_then(|new| new.get(place)), names))
            .collect(),
        Value::Object(map) => {
            let entry =
                |(key, item): (&String, &Value)| (key.clone(), value(item, new.and_then(|new| new.get(key)), names));
            map.iter().map(entry).collect()
        }
        plain => plain.clone(),
    }
}

/// The text with all names replaced, or with those whose replacement makes it what it is to be compared with.
fn text_of(text: &str, wanted: Option<&str>, names: &[Renaming<'_>]) -> String {
    let mut ways = vec![text.to_owned()];
    for name in names {
        let replaced: Vec<String> = ways.iter().map(|text| replace(text, *name)).collect();
        ways.extend(replaced);
    }
    let all = ways.last().cloned().unwrap_or_default();
    ways.into_iter().find(|way| Some(way.as_str()) == wanted).unwrap_or(all)
}

/// Replaces a name where neither a letter nor a digit stands beside it.
fn replace(text: &str, (from, to): Renaming<'_>) -> String {
    if from.is_empty() || from == to {
        return text.to_owned();
    }
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(from) {
        let last = before.chars().next_back().or_else(|| replaced.chars().next_back());
        let is_whole = !is_word(last) && !is_word(after.chars().next());
        replaced.extend([before, if is_whole { to } else { from }]);
        rest = after;
    }
    replaced + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NAMES: [Renaming<'_>; 2] = [("bob", "stable"), ("dev", "qa")];

    #[test]
    fn names_are_replaced_where_they_are_words() {
        let replaced = |text: &str| text_of(text, None, &NAMES);
        assert_eq!(replaced("etl_enhancer_bob"), "etl_enhancer_stable");
        assert_eq!(replaced("bob-bob.dev/bob"), "stable-stable.qa/stable");
        assert_eq!(replaced("bobby kebob develop bob2"), "bobby kebob develop bob2");
        assert_eq!(replaced("pr-1"), "pr-1");
        assert_eq!(replace("pr-12 pr-1", ("pr-1", "x")), "pr-12 x");
        assert_eq!(replace("abab", ("", "x")), "abab");
    }

    #[test]
    fn what_is_equal_is_left_alone() {
        let old = json!({"Name": "etl_bob", "Level": "dev", "List": ["bob", "dev"], "Gone": "x-dev", "Count": 1});
        let new = json!({"Name": "etl_stable", "Level": "dev", "List": ["stable", "qa"], "Count": 2});
        let wanted =
            json!({"Name": "etl_stable", "Level": "dev", "List": ["stable", "qa"], "Gone": "x-qa", "Count": 1});
        assert_eq!(counterpart(&old, &new, &NAMES), wanted);
        // A sandbox that is called as its environment.
        let tags =
            |sandbox: &str, env: &str| json!([{"Key": "Sandbox", "Value": sandbox}, {"Key": "Env", "Value": env}]);
        let (old, new) = (tags("dev", "dev"), tags("stable", "prod"));
        assert_eq!(counterpart(&old, &new, &[("dev", "stable"), ("dev", "prod")]), new);
    }
}
