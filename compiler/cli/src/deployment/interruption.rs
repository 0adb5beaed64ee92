//! What is to be done when the user interrupts while a stack changes.

use super::consent::is_attended;
use crate::shell::Shell;
use std::io::{self, BufRead};
use std::thread;
use tc_deploy::follow::{Answer, Interruption, Ongoing};

/// Asks a person at a terminal, without keeping the one who asks. Where there is none, it is left: the shell that
/// interrupts a script does not wait.
pub fn ask(ongoing: Ongoing, answer: Answer, shell: &mut Shell) {
    if !is_attended(shell) {
        answer.give(Interruption::Detach);
        return;
    }
    let choices = match ongoing {
        Ongoing::Creation => "[c]ancel and delete what was made, [d]etach and let AWS go on, or [Enter] to stay? ",
        Ongoing::Update => "[c]ancel and undo what was done, [d]etach and let AWS go on, or [Enter] to stay? ",
        Ongoing::Deletion => "a deletion cannot be cancelled: [d]etach and let AWS go on, or [Enter] to stay? ",
    };
    shell.err(&format!("\n{choices}"));
    thread::spawn(move || {
        let mut line = String::new();
        // Where nothing can be read, nobody stays.
        let read = io::stdin().lock().read_line(&mut line).unwrap_or(0);
        answer.give(if read == 0 { Interruption::Detach } else { choice(&line, ongoing) });
    });
}

fn choice(line: &str, ongoing: Ongoing) -> Interruption {
    match line.trim().to_ascii_lowercase().as_str() {
        "c" | "cancel" if ongoing != Ongoing::Deletion => Interruption::Cancel,
        "d" | "detach" => Interruption::Detach,
        _ => Interruption::GoOn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_choice_stays() {
        assert_eq!(choice("c\n", Ongoing::Update), Interruption::Cancel);
        assert_eq!(choice("Detach\n", Ongoing::Creation), Interruption::Detach);
        for (line, ongoing) in [("\n", Ongoing::Update), ("x\n", Ongoing::Update), ("c\n", Ongoing::Deletion)] {
            assert_eq!(choice(line, ongoing), Interruption::GoOn);
        }
    }
}
