//! What a program said, made fit to be shown: without secrets, control characters and the places of this machine.

use super::Ran;
use crate::finding::plain;
use std::path::Path;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::diagnostic::{Code, Diagnostic};
use tc_core::source::{FileId, Span};

/// How many lines of it a finding shows.
const SHOWN: usize = 8;
/// How many characters of a line.
const LINE: usize = 300;
/// What stands where a secret stood.
const MASK: &str = "***";
/// Words that registries and code hosts begin tokens with, each in their own documentation.
const TOKENS: [&str; 11] =
    ["npm_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "rubygems_", "pypi-"];
/// Names of settings whose value is a secret, as `.npmrc`, Bundler's settings and HTTP spell them.
const SETTINGS: [&str; 7] =
    ["_authToken", "_password", "_auth", "BUNDLE_GITHUB__COM", "Authorization", "access_token", "private_token"];

/// The lines of a program's output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Transcript(Vec<String>);

impl Transcript {
    /// Of all that a program wrote: its errors first. Directories are shown by the name beside them.
    pub fn of(ran: &Ran, places: &[(&Path, &str)]) -> Self {
        Self::of_text(&format!("{}\n{}", ran.stderr, ran.stdout), places)
    }

    /// Of a text.
    pub fn of_text(text: &str, places: &[(&Path, &str)]) -> Self {
        let mut text = text.to_owned();
        for (place, name) in places {
            text = text.replace(&*place.to_string_lossy(), name);
        }
        let lines = text.lines().map(|line| mask(plain(line).trim_end()));
        Self(lines.filter(|line| !line.trim().is_empty()).collect())
    }

    /// The lines, without empty ones.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The first line in which one of these stands.
    pub fn line_with(&self, needles: &[&str]) -> Option<&str> {
        self.lines().find(|line| needles.iter().any(|needle| line.contains(needle)))
    }

    /// Whether one of these stands in it.
    pub fn has(&self, needles: &[&str]) -> bool {
        self.line_with(needles).is_some()
    }

    /// Adds lines to a finding's help, as quotations: the last ones.
    pub fn quote(&self, finding: Diagnostic) -> Diagnostic {
        let last = self.0.get(self.0.len().saturating_sub(SHOWN)..).unwrap_or_default();
        quote(finding, last.iter().map(String::as_str))
    }

    /// What stands in the way, where it is nothing of the language's: the disk, the network or a refusal; and the line
    /// that says so. In the words of git, ssh, curl and the C library, which every installer passes on.
    pub fn outside_fault(&self) -> Option<(&'static Code, &str)> {
        let known: [(&'static Code, &[&str]); 3] = [
            (&codes::NO_ROOM, &["No space left on device", "ENOSPC", "Disk quota exceeded", "EDQUOT"]),
            (
                &codes::ACCESS_REFUSED,
                &[
                    "Permission denied (publickey",
                    "Host key verification failed",
                    "Authentication failed",
                    "could not read Username",
                    "could not read Password",
                    "terminal prompts disabled",
                    "HTTP Basic: Access denied",
                    "Repository not found",
                    "returned error: 401",
                    "returned error: 403",
                    "401 Unauthorized",
                    "403 Forbidden",
                ],
            ),
            (
                &codes::UNREACHABLE,
                &[
                    "Could not resolve host",
                    "Temporary failure in name resolution",
                    "Name or service not known",
                    "Failed to connect to",
                    "Could not connect to server",
                    "Connection refused",
                    "Connection timed out",
                    "Connection reset",
                    "Network is unreachable",
                    "No route to host",
                    "ECONNREFUSED",
                    "ECONNRESET",
                    "ETIMEDOUT",
                    "ENOTFOUND",
                    "EAI_AGAIN",
                    "certificate verify failed",
                    "SSL certificate problem",
                ],
            ),
        ];
        known.into_iter().find_map(|(code, needles)| self.line_with(needles).map(|line| (code, line)))
    }
}

/// Adds lines to a finding's help, as quotations.
pub(crate) fn quote<'a>(finding: Diagnostic, lines: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    let short = |line: &str| line.chars().take(LINE).collect::<String>();
    lines.into_iter().take(SHOWN).fold(finding, |finding, line| finding.help(format!("> {}", short(line))))
}

/// A line without the secrets that its form shows: the user part of URLs, tokens by their prefix, the values of
/// settings that hold credentials.
pub(crate) fn mask(line: &str) -> String {
    let mut masked = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("://") {
        let is_ssh = before.ends_with("ssh") || before.ends_with("git");
        let authority = after.split(['/', ' ', '"', '\'', '`', '>', ')']).next().unwrap_or_default();
        masked.push_str(before);
        masked.push_str("://");
        match authority.rsplit_once('@') {
            Some((user, _)) if !is_ssh || user.contains(':') => {
                masked.push_str(MASK);
                rest = after.get(user.len()..).unwrap_or_default();
            }
            _ => rest = after,
        }
    }
    masked.push_str(rest);
    for setting in SETTINGS {
        masked = mask_setting(&masked, setting);
    }
    mask_tokens(&masked)
}

/// Masks the secrets of a list of dependencies in findings that may show its lines: the user part of URLs.
pub(crate) fn conceal(findings: &mut [Diagnostic], file: FileId, text: &str) {
    let mut secrets = Vec::new();
    for (at, separator) in text.match_indices("://") {
        let start = at + separator.len();
        let rest = text.get(start..).unwrap_or_default();
        let authority = rest.split(['/', ' ', '"', '\'', '\n', '#']).next().unwrap_or_default();
        let is_ssh = text.get(..at).is_some_and(|before| before.ends_with("ssh"));
        if let Some((user, _)) = authority.rsplit_once('@').filter(|(user, _)| !is_ssh || user.contains(':')) {
            secrets.push(Span::new(file, start, start + user.len()));
        }
    }
    for finding in findings {
        finding.conceal.extend(&secrets);
    }
}

/// `NAME=VALUE` or `NAME: VALUE` without the value.
fn mask_setting(line: &str, name: &str) -> String {
    let Some(at) = line.find(name) else { return line.to_owned() };
    let (before, after) = line.split_at(at + name.len());
    match after.trim_start_matches(['"', '\'', ' ']).starts_with(['=', ':']) {
        true => format!("{before}={MASK}"),
        false => line.to_owned(),
    }
}

fn mask_tokens(line: &str) -> String {
    let is_word = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '-';
    let mut masked = String::new();
    let mut rest = line;
    while !rest.is_empty() {
        let length = rest.find(|char| !is_word(char)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(length);
        let is_token = word.len() >= 20 && TOKENS.iter().any(|prefix| word.starts_with(prefix));
        masked.push_str(if is_token { MASK } else { word });
        let other = after.find(is_word).unwrap_or(after.len());
        let (between, after) = after.split_at(other);
        masked.push_str(between);
        rest = after;
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staging::End;

    #[test]
    fn secrets_are_masked_and_the_rest_stays() {
        for (said, wanted) in [
            ("GET https://user:s3cret@example.com/x failed", "GET https://***@example.com/x failed"),
            ("`https://token@example.com`", "`https://***@example.com`"),
            ("ssh://git@example.com/a.git", "ssh://git@example.com/a.git"),
            ("ssh://git:pw@example.com/a.git", "ssh://***@example.com/a.git"),
            ("//registry.example.com/:_authToken=abc", "//registry.example.com/:_authToken=***"),
            ("\"Authorization\": \"Bearer abc\"", "\"Authorization=***"),
            ("token npm_0123456789abcdefghij, ok", "token ***, ok"),
            ("npm_config_x is unknown", "npm_config_x is unknown"),
            ("two http://a@b and http://c@d ü", "two http://***@b and http://***@d ü"),
            ("mail a@b.example about https://b.example/@scope/x", "mail a@b.example about https://b.example/@scope/x"),
        ] {
            assert_eq!(mask(said), wanted);
        }
    }

    #[test]
    fn places_and_control_characters_are_left_out() {
        let ran = Ran {
            end: End::Status(1),
            stdout: "out\n".to_owned(),
            stderr: "\u{1b}[31min /a/b/c.js\u{7}\n\n".to_owned(),
        };
        let transcript = Transcript::of(&ran, &[(Path::new("/a/b"), "enhancer")]);
        assert_eq!(transcript.lines().collect::<Vec<_>>(), ["in enhancer/c.js", "out"]);
    }

    #[test]
    fn faults_from_outside_are_told_apart() {
        let code = |text: &str| Transcript::of_text(text, &[]).outside_fault().map(|(code, _)| code.id);
        assert_eq!(code("x\ngit@h: Permission denied (publickey)."), Some(codes::ACCESS_REFUSED.id));
        assert_eq!(code("fatal: unable to access 'x': Could not resolve host: y"), Some(codes::UNREACHABLE.id));
        assert_eq!(code("write: No space left on device"), Some(codes::NO_ROOM.id));
        assert_eq!(code("all is well"), None);
    }
}
