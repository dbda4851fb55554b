//! What is wrong with a call of the action, and the fix.

use thiserror::Error;

use super::body::BodyError;

/// The options by which programs store bodies.
const WITH_CONTENT: &str = "Record again with content: \"Save all as HAR with content\" in a \
     browser, `content: \"embed\"` or `\"attach\"` in Playwright, or the program's own option for \
     bodies.";

/// Why an entry cannot be replayed.
#[derive(Debug, Error)]
pub enum Defect {
    /// The body of the response is missing.
    #[error("recorded without content; record with content")]
    NoContent,
    /// The body of the request is missing.
    #[error("recorded without the body of its request; record with content")]
    NoRequestBody,
    /// A part of the body of the response is missing.
    #[error("recorded with {held} of the {whole} bytes of its content; record with all of it")]
    Shortened {
        /// The stored length in bytes.
        held: u64,
        /// The whole length in bytes.
        whole: u64,
    },
    /// The body is missing, and the entry does not state why.
    #[error(
        "its response announced {promised} bytes and has none: it broke off, or was recorded without content"
    )]
    NothingOf {
        /// The announced length in bytes.
        promised: u64,
    },
    /// The body is missing, and the head did not announce its length.
    #[error(
        "its response is JSON and has no content: it broke off, or was recorded without content"
    )]
    NoJson,
    /// HTTP does not define the status.
    #[error("its response has the status {0}, which HTTP does not have")]
    Status(f64),
    /// The body of the response cannot be decoded.
    #[error("the body of its response {0}")]
    Answer(BodyError),
    /// The body of the request cannot be decoded.
    #[error("the body of its request {0}")]
    Request(BodyError),
    /// The body of the response has an unsupported encoding.
    #[error("the body of its response is still packed with {0}")]
    Packed(String),
    /// Bytes of the body are lost.
    #[error("its body has U+FFFD in place of bytes that its recording could not hold")]
    Lost,
    /// The entry is invalid otherwise.
    #[error("it {0}")]
    Impossible(String),
}

impl Defect {
    /// Returns the fix.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::NoContent | Self::NoRequestBody | Self::Shortened { .. } => WITH_CONTENT,
            Self::NothingOf { .. } | Self::NoJson => {
                "If the response broke off, state that in the file, with \"_error\": \
                 \"connection-terminated\" in the entry's response; else record again with content."
            }
            Self::Answer(BodyError::Attachments(_)) | Self::Request(BodyError::Attachments(_)) => {
                "Put the recording's files beside it again, as its program wrote them, or record \
                 again with content in the file itself."
            }
            Self::Packed(_) => "Record again with a program that unpacks bodies, or ask for gzip.",
            Self::Status(_)
            | Self::Answer(_)
            | Self::Request(_)
            | Self::Lost
            | Self::Impossible(_) => "Record the run again, or correct the entry by hand.",
        }
    }
}
