//! Text from files made harmless for a terminal.

use std::borrow::Cow;

/// `text` with every character that could steer a terminal, or hide what stands beside it, replaced by a visible one:
/// control characters by their pictures (`ESC` by `␛`), C1 controls and the marks that turn the direction of writing
/// by U+FFFD. Tabs stay. Line breaks are replaced too: what is shown is one line.
pub fn neutral(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| picture(c).is_none()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| picture(c).unwrap_or(c)).collect())
}

/// What is shown in place of a character, if it is not shown itself.
fn picture(c: char) -> Option<char> {
    match c {
        '\t' => None,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)),
        '\u{7f}' => Some('\u{2421}'),
        // C1 controls; then the Bidi_Control characters of Unicode and its line and paragraph separators.
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200e}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_pictured() {
        assert!(matches!(neutral("a\tñ 日"), Cow::Borrowed("a\tñ 日")));
        assert_eq!(neutral("\u{1b}[31m\r\n\u{7f}"), "␛[31m␍␊␡");
        assert_eq!(neutral("\u{9b}2J \u{202e}x\u{2066}"), "�2J �x�");
    }
}
