//! Values that are secrets because of the name they stand under.

/// What a variable of this name holds, if the name says that it is a secret and the value looks like one.
pub(super) fn kind(name: &str, value: &str) -> Option<&'static str> {
    if is_reference(value) || matches!(value.to_ascii_lowercase().as_str(), "" | "true" | "false" | "none" | "null") {
        return None;
    }
    let words = words(name);
    let mut ending = words.iter().rev().skip_while(|word| word.chars().all(|c| c.is_ascii_digit()));
    let (last, before) = (ending.next().map(String::as_str), ending.next().map(String::as_str));
    match (before, last) {
        (_, Some("PASSWORD" | "PASSWD" | "PASSPHRASE")) | (Some(_), Some("PWD")) => Some("a password"),
        (_, Some("SECRET" | "TOKEN" | "APIKEY" | "CREDENTIAL" | "CREDENTIALS"))
        | (Some("API" | "ACCESS" | "PRIVATE" | "SECRET" | "SIGNING" | "ENCRYPTION"), Some("KEY"))
            if value.len() >= 8 && !is_word(value) =>
        {
            Some("a secret")
        }
        _ if words.iter().any(|word| is_secret(word)) && is_random(value) => Some("what looks like a secret"),
        _ => None,
    }
}

fn is_secret(word: &str) -> bool {
    matches!(word, "PASSWORD" | "PASSWD" | "SECRET" | "TOKEN" | "APIKEY" | "CREDENTIAL" | "CREDENTIALS")
}

/// The words of a name in capitals: `dbPassword2` and `DB_PASSWORD_2` give `DB`, `PASSWORD`, `2`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous = '_';
    for c in name.chars() {
        let is_new = !previous.is_alphanumeric()
            || (previous.is_lowercase() && c.is_uppercase())
            || (previous.is_ascii_digit() != c.is_ascii_digit());
        previous = c;
        if !c.is_alphanumeric() {
            continue;
        }
        match words.last_mut() {
            Some(word) if !is_new => word.push(c.to_ascii_uppercase()),
            _ => words.push(c.to_ascii_uppercase().to_string()),
        }
    }
    words
}

/// Whether the value says where something is, rather than what: an ARN, a path, a URL, a placeholder of another tool.
fn is_reference(value: &str) -> bool {
    let is_path = value.contains('/') && !value.contains(|c: char| c.is_ascii_uppercase());
    let begins = ["arn:", "/", "http://", "https://", "s3://", "alias/", "{{", "${", "projects/"];
    is_path || begins.iter().any(|prefix| value.starts_with(prefix))
}

/// Whether the value is a name such as `order-token` or `x_api_key` rather than a key: words of one letter case.
fn is_word(value: &str) -> bool {
    let one_case = |is: fn(&char) -> bool| value.chars().all(|c| is(&c) || "-_. ".contains(c));
    one_case(char::is_ascii_lowercase) || one_case(char::is_ascii_uppercase)
}

/// Whether the value looks drawn by lot: 20 characters or more, letters and digits, no space, and 3.5 bits a character.
fn is_random(value: &str) -> bool {
    let has = |is: fn(&char) -> bool| value.chars().any(|c| is(&c));
    value.len() >= 20
        && has(char::is_ascii_alphabetic)
        && has(char::is_ascii_digit)
        && !value.contains(char::is_whitespace)
        && entropy(value) >= 3.5
}

/// Shannon entropy of the value's bytes, in bits a byte.
fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let length = value.len().max(1) as f64;
    let share = |count: &u32| f64::from(*count) / length;
    counts.iter().filter(|count| **count > 0).map(share).map(|share| -share * share.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::{kind, words};

    #[test]
    fn names_fall_into_words() {
        assert_eq!(words("dbPassword2"), ["DB", "PASSWORD", "2"]);
        assert_eq!(words("_API_KEY-x"), ["API", "KEY", "X"]);
        assert_eq!(words(""), [""; 0]);
    }

    #[test]
    fn a_secret_under_its_name() {
        for (name, value, what) in [
            ("DB_PASSWORD", "changeme", "a password"),
            ("dbPassword2", "1234", "a password"),
            ("DB_PWD", "x", "a password"),
            ("STRIPE_API_KEY", "a1b2c3d4", "a secret"),
            ("JWT_SECRET", "Tr0ubador&3", "a secret"),
            ("TOKEN_OF_BILLING", "q9Zx4mB7vT2pL8kW3sRd", "what looks like a secret"),
        ] {
            assert_eq!(kind(name, value), Some(what), "{name}");
        }
    }

    #[test]
    fn settings_about_secrets_pass() {
        for (name, value) in [
            ("PASSWORD_MIN_LENGTH", "8"),
            ("PASSWORD_RESET_URL", "https://example.com/reset"),
            ("SECRET_NAME", "prod/db"),
            ("DB_SECRET", "prod/db"),
            ("DB_SECRET", "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-a1B2c3"),
            ("DB_PASSWORD", ""),
            ("USE_PASSWORD", "true"),
            ("CSRF_TOKEN", "x-csrf-token"),
            ("TOKEN_TTL", "3600"),
            ("PWD", "home"),
            ("CACHE_KEY", "q9Zx4mB7vT2pL8kW3sRd"),
            ("MODEL_PATH", "/mnt/assets/etl/1.0"),
            ("TOKEN_ISSUER", "accounts.example.com"),
        ] {
            assert_eq!(kind(name, value), None, "{name}");
        }
    }
}
