//! Reading a log, including a damaged one.
//!
//! A line that cannot be read is reported and skipped. The file is not locked, so a log can be
//! read while it is written.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Take};
use std::path::Path;

use disk::regular;
use thiserror::Error;

use super::line::{FORMAT, Line};

/// The longest line that is read, in bytes. All lines that are written are shorter.
const LONGEST: u64 = 1 << 20;

/// The longest text about an unreadable line, in bytes.
const REASON: usize = 200;

/// The lines of a log, read one at a time.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    number: u64,
    buffer: Vec<u8>,
}

/// A line with its number, from 1.
#[derive(Debug)]
pub struct Numbered {
    /// The number.
    pub number: u64,
    /// The line, or why it cannot be read.
    pub line: Result<Line, Unreadable>,
}

/// Why a line cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// It is not a line of an audit log.
    #[error("it is not a line of an audit log: {0}")]
    Foreign(String),
    /// It is the heading of a log in another format.
    #[error("its format is {0}, and this program reads {FORMAT}")]
    Format(String),
    /// It is longer than every line that is written.
    #[error("it is longer than {} KiB", LONGEST >> 10)]
    TooLong,
    /// It has no end.
    #[error("it is truncated: the program was writing it, or was killed")]
    CutShort,
}

impl Lines<BufReader<Take<File>>> {
    /// Opens a log, to read it up to its present end.
    ///
    /// # Errors
    /// Fails with the error of the system, also when the file is not a regular one.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = regular::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self::new(BufReader::new(file.take(length))))
    }
}

impl<R: BufRead> Lines<R> {
    /// Reads the lines of `reader`.
    pub fn new(reader: R) -> Self {
        Self { reader, number: 0, buffer: Vec::new() }
    }

    /// Reads the next line, if there is one.
    fn read(&mut self) -> io::Result<Option<Numbered>> {
        loop {
            self.buffer.clear();
            let read = (&mut self.reader).take(LONGEST).read_until(b'\n', &mut self.buffer)?;
            if read == 0 {
                return Ok(None);
            }
            self.number = self.number.saturating_add(1);
            let whole = self.buffer.ends_with(b"\n");
            if !whole && u64::try_from(read).is_ok_and(|read| read == LONGEST) {
                self.reader.skip_until(b'\n')?;
                return Ok(Some(self.numbered(Err(Unreadable::TooLong))));
            }
            // Ending a truncated line can leave a blank one.
            if !self.buffer.trim_ascii().is_empty() {
                return Ok(Some(self.numbered(parsed(&self.buffer, whole))));
            }
        }
    }

    fn numbered(&self, line: Result<Line, Unreadable>) -> Numbered {
        Numbered { number: self.number, line }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Numbered>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

fn parsed(bytes: &[u8], whole: bool) -> Result<Line, Unreadable> {
    match serde_json::from_slice(bytes) {
        Ok(Line::Log(log)) if log.format != FORMAT => Err(Unreadable::Format(short(log.format))),
        Ok(line) => Ok(line),
        Err(error) if !whole || error.is_eof() => Err(Unreadable::CutShort),
        Err(error) => Err(Unreadable::Foreign(short(error.to_string()))),
    }
}

fn short(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(REASON));
    text
}
