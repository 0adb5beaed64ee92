//! Secrets that are known by their form.

/// The characters that may follow a prefix.
#[derive(Clone, Copy)]
enum Alphabet {
    /// `A-Z0-9`
    Upper,
    /// `A-Za-z0-9`
    Alphanumeric,
    /// `A-Za-z0-9_-`
    Url,
}

/// A kind of token: its beginning, how many characters follow at least, and of which alphabet.
struct Form {
    prefix: &'static str,
    least: usize,
    alphabet: Alphabet,
    what: &'static str,
}

const fn form(prefix: &'static str, least: usize, alphabet: Alphabet, what: &'static str) -> Form {
    Form { prefix, least, alphabet, what }
}

/// Sources: IAM User Guide, "IAM identifiers" (unique ID prefixes); GitHub Docs, "About authentication to GitHub" (token
/// formats); Slack API, "Token types"; Stripe Docs, "API keys"; GitLab Docs, "Token overview"; npm Docs, "About access
/// tokens"; Google Cloud, "Manage API keys"; SendGrid Docs, "API keys".
const FORMS: [Form; 19] = [
    form("AKIA", 16, Alphabet::Upper, "an AWS access key"),
    form("ASIA", 16, Alphabet::Upper, "an AWS access key"),
    form("ghp_", 36, Alphabet::Alphanumeric, "a GitHub token"),
    form("gho_", 36, Alphabet::Alphanumeric, "a GitHub token"),
    form("ghu_", 36, Alphabet::Alphanumeric, "a GitHub token"),
    form("ghs_", 36, Alphabet::Alphanumeric, "a GitHub token"),
    form("ghr_", 36, Alphabet::Alphanumeric, "a GitHub token"),
    form("github_pat_", 22, Alphabet::Url, "a GitHub token"),
    form("glpat-", 20, Alphabet::Url, "a GitLab token"),
    form("npm_", 36, Alphabet::Alphanumeric, "an npm token"),
    form("xoxa-", 10, Alphabet::Url, "a Slack token"),
    form("xoxb-", 10, Alphabet::Url, "a Slack token"),
    form("xoxp-", 10, Alphabet::Url, "a Slack token"),
    form("xoxr-", 10, Alphabet::Url, "a Slack token"),
    form("xoxs-", 10, Alphabet::Url, "a Slack token"),
    form("sk_live_", 16, Alphabet::Alphanumeric, "a Stripe key"),
    form("rk_live_", 16, Alphabet::Alphanumeric, "a Stripe key"),
    form("AIza", 35, Alphabet::Url, "a Google API key"),
    form("SG.", 22, Alphabet::Url, "a SendGrid key"),
];

impl Alphabet {
    fn holds(self, c: char) -> bool {
        match self {
            Self::Upper => c.is_ascii_uppercase() || c.is_ascii_digit(),
            Self::Alphanumeric => c.is_ascii_alphanumeric(),
            Self::Url => c.is_ascii_alphanumeric() || c == '_' || c == '-',
        }
    }
}

/// What a value holds, if its form tells.
pub(super) fn kind(value: &str) -> Option<&'static str> {
    if value.contains("-----BEGIN ") && value.contains("PRIVATE KEY") {
        return Some("a private key");
    }
    if has_password(value) {
        return Some("a URL with a password");
    }
    let mut words = value.split(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)));
    words.find_map(|word| FORMS.iter().find(|form| form.fits(word))).map(|form| form.what)
}

impl Form {
    fn fits(&self, word: &str) -> bool {
        let Some(rest) = word.strip_prefix(self.prefix) else { return false };
        rest.chars().take_while(|c| self.alphabet.holds(*c)).count() >= self.least
    }
}

/// Whether the value is `SCHEME://USER:PASSWORD@...` with a password that is written out.
fn has_password(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let password = authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':')).map(|(_, password)| password);
    let is_scheme = scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme && password.is_some_and(|password| !password.is_empty() && !password.starts_with(['$', '{', '<', '*']))
}

#[cfg(test)]
mod tests {
    use super::kind;

    /// Values are put together, so that no scanner takes this file for a leak.
    #[test]
    fn known_forms() {
        let of = |prefix: &str, rest: &str, times: usize| format!("{prefix}{}", rest.repeat(times));
        for (value, what) in [
            (of("AKIA", "ABCD2345", 2), "an AWS access key"),
            (format!("id={};x", of("AKIA", "ABCD2345", 2)), "an AWS access key"),
            (of("ghs_", "a1B2", 9), "a GitHub token"),
            (of("github_pat_", "a1B2_", 8), "a GitHub token"),
            (of("xoxb-", "123-", 4), "a Slack token"),
            (of("sk_live_", "a1B2", 6), "a Stripe key"),
            (format!("-----BEGIN RSA {}-----\nx", "PRIVATE KEY"), "a private key"),
            ("postgres://etl:hunter2@db.internal:5432/etl".to_owned(), "a URL with a password"),
        ] {
            assert_eq!(kind(&value), Some(what), "{value}");
        }
    }

    #[test]
    fn others_pass() {
        for value in [
            "",
            "AKIA",
            "sk_test_x",
            "AKIAabcdabcdabcdabcd",
            "-----BEGIN PUBLIC KEY-----",
            "postgres://etl@db.internal:5432/etl",
            "postgres://etl:${PASSWORD}@db.internal/etl",
            "https://example.com/a:b@c",
            "xoxb",
        ] {
            assert_eq!(kind(value), None, "{value}");
        }
    }
}
