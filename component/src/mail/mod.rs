//! The messages of the notifications, and sending them.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `message` | what a mail says, and its form in Graph's JSON |
//! | `layout` | the HTML that all mails share |
//! | `outbox` | sending a mail once |
//! | `refusal` | why Graph did not take one |
//!
//! What a mail says stands in the file of the action that sends it.

mod layout;
mod message;
mod outbox;
mod refusal;

pub use message::{Fact, KeyFile, Mail, key_file_name};
pub use outbox::Outbox;
