//! What is wrong with an entry that is one of the action's calls, and what to do about it.

use thiserror::Error;

use super::body::BodyError;

/// How the programs that record are told to keep bodies.
const WITH_CONTENT: &str = "Record again with content: \"Save all as HAR with content\" in a \
     browser, `content: \"embed\"` or `\"attach\"` in Playwright, or the program's own option for \
     bodies.";

/// Why an entry cannot be replayed.
#[derive(Debug, Error)]
pub enum Defect {
    /// The body of its answer was left out.
    #[error("recorded without content; record with content")]
    NoContent,
    /// The body of its request was left out.
    #[error("recorded without the body of its request; record with content")]
    NoRequestBody,
    /// Some of the body of its answer was left out.
    #[error("recorded with {held} of the {whole} bytes of its content; record with all of it")]
    Shortened {
        /// How much is there, in bytes.
        held: u64,
        /// How much there was, in bytes.
        whole: u64,
    },
    /// Nothing of the body is there, and nothing says why.
    #[error(
        "its answer announced {promised} bytes and has none: it broke off, or was recorded without content"
    )]
    NothingOf {
        /// What the head announced, in bytes.
        promised: u64,
    },
    /// The same where the head announced no length.
    #[error("its answer is JSON and has no content: it broke off, or was recorded without content")]
    NoJson,
    /// Its status is none.
    #[error("its answer has the status {0}, which HTTP does not have")]
    Status(f64),
    /// The body of its answer cannot be had.
    #[error("the body of its answer {0}")]
    Answer(BodyError),
    /// The body of its request cannot be had.
    #[error("the body of its request {0}")]
    Request(BodyError),
    /// The body of its answer is packed in a way that is not undone here.
    #[error("the body of its answer is still packed with {0}")]
    Packed(String),
    /// Its body has lost bytes.
    #[error("its body has U+FFFD in place of bytes that its recording could not hold")]
    Lost,
    /// Something else that cannot have happened.
    #[error("it {0}")]
    Impossible(String),
}

impl Defect {
    /// What to do.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::NoContent | Self::NoRequestBody | Self::Shortened { .. } => WITH_CONTENT,
            Self::NothingOf { .. } | Self::NoJson => {
                "If the answer broke off, say so in the file, with \"_error\": \
                 \"connection-terminated\" in the entry's response; else record again with content."
            }
            Self::Answer(BodyError::Beside(_)) | Self::Request(BodyError::Beside(_)) => {
                "Put the recording's files beside it again, as its program wrote them, or record \
                 again with content in the file itself."
            }
            Self::Packed(_) => "Record again with a program that unpacks bodies, or ask for gzip.",
            Self::Status(_)
            | Self::Answer(_)
            | Self::Request(_)
            | Self::Lost
            | Self::Impossible(_) => "Record the run again, or put the entry right by hand.",
        }
    }
}
