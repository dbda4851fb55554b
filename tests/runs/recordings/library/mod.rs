//! The parts of the library below recordings, each by itself.

mod error_code;
mod forms;
mod leak_candidates;
mod own_words;
mod placeholders;
mod redaction;
mod repair;
mod scan;
mod secrets;
mod texts;
mod tokens;
