//! A terminal that a program runs in, and somebody who types.

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::{self, Read, Write};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// How long a program may be silent that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program at a terminal: it reads from it and writes its standard error to it.
pub struct Terminal {
    keyboard: File,
    screen: Receiver<u8>,
    /// What was read from the screen.
    text: String,
    /// The program.
    pub child: Child,
}

impl Terminal {
    /// Starts a program.
    ///
    /// # Errors
    /// When there is no terminal to be had, or the program does not start.
    pub fn start(mut command: Command) -> io::Result<Self> {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        grantpt(&keyboard)?;
        unlockpt(&keyboard)?;
        let name = ptsname(&keyboard, Vec::new())?;
        let line = open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty())?;
        tcsetwinsize(&line, Winsize { ws_row: 24, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 })?;
        let child = command.stdin(File::from(line.try_clone()?)).stderr(File::from(line)).spawn()?;
        // The command holds the terminal's other end, and with it the screen open.
        drop(command);
        let keyboard = File::from(keyboard);
        let mut lines = keyboard.try_clone()?;
        let (sender, screen) = channel();
        thread::spawn(move || {
            let mut byte = [0];
            // A terminal that nobody writes to any more ends in an error.
            while lines.read(&mut byte).is_ok_and(|count| count > 0) && sender.send(byte[0]).is_ok() {}
        });
        Ok(Self { keyboard, screen, text: String::new(), child })
    }

    /// Waits until these words are on the screen.
    ///
    /// # Panics
    /// When the program ends, or is silent for a minute, without them.
    pub fn wait_for(&mut self, words: &str) {
        while !self.text.contains(words) {
            match self.screen.recv_timeout(PATIENCE) {
                Ok(byte) => self.text.push(char::from(byte)),
                Err(_) => panic!("no `{words}` in {}", self.text),
            }
        }
    }

    /// Types.
    ///
    /// # Errors
    /// When the program has ended.
    pub fn type_in(&mut self, keys: &str) -> io::Result<()> {
        self.keyboard.write_all(keys.as_bytes())
    }

    /// Waits until the program ends: its exit status and all that was on the screen.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn end(mut self) -> io::Result<(Option<i32>, String)> {
        let status = self.child.wait()?;
        self.text.extend(self.screen.iter().map(char::from));
        Ok((status.code(), self.text.replace("\r\n", "\n")))
    }
}
