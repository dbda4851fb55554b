//! A log read line by line, whatever is in it.
//!
//! A line that cannot be read is told of and passed over: no damage hides the lines around it.
//! Nothing is locked, so that a log can be read while it is written.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Take};
use std::path::Path;

use disk::regular;
use thiserror::Error;

use super::line::{FORMAT, Line};

/// The longest line that is read, in bytes: more than any that is written.
const LONGEST: u64 = 1 << 20;

/// The longest text about a line that cannot be read, in bytes.
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
    /// The line, or why it is none.
    pub line: Result<Line, Unreadable>,
}

/// Why a line cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// It is not one of a log's lines.
    #[error("it is no line of an audit log: {0}")]
    Foreign(String),
    /// It begins a log of another version.
    #[error("its format is {format}, and this program knows {FORMAT}")]
    Format {
        /// The format that it names.
        format: String,
    },
    /// It is longer than any that is written.
    #[error("it is longer than {} KiB", LONGEST >> 10)]
    TooLong,
    /// It has no end.
    #[error("it is cut short: it was being written, or the program was killed at it")]
    CutShort,
}

impl Lines<BufReader<Take<File>>> {
    /// Opens a log. It is read to where it ends now, whatever is appended meanwhile.
    ///
    /// # Errors
    /// The system's, also when it is no regular file.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = regular::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self::new(BufReader::new(file.take(length))))
    }
}

impl<R: BufRead> Lines<R> {
    /// The lines of what is read.
    pub fn new(reader: R) -> Self {
        Self { reader, number: 0, buffer: Vec::new() }
    }

    /// The next line; none when there are no more.
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
            // One is left where a line that was cut short has been closed.
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
        Ok(Line::Log(log)) if log.format != FORMAT => {
            Err(Unreadable::Format { format: short(log.format) })
        }
        Ok(line) => Ok(line),
        Err(error) if !whole || error.is_eof() => Err(Unreadable::CutShort),
        Err(error) => Err(Unreadable::Foreign(short(error.to_string()))),
    }
}

fn short(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(REASON));
    text
}
