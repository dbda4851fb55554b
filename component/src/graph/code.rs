//! The error codes of Graph that the actions know.

/// Declares the codes once: as values that the compiler checks, and as Graph writes them.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// An error code that an action knows how to explain or to retry.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        /// The codes as Graph writes them.
        const CODES: &[(&str, Code)] = &[$(($text, Code::$name),)*];
    };
}

codes! {
    /// The caller may not do this.
    RequestDenied = "Authorization_RequestDenied",
    /// The tenant does not know the application that signed in.
    IdentityNotFound = "Authorization_IdentityNotFound",
    /// The token holds no permission.
    NoPermissions = "NoPermissionsInAccessToken",
    /// The token is expired, broken or for another audience.
    InvalidToken = "InvalidAuthenticationToken",
    /// Somebody else changes the same object.
    ConcurrencyViolation = "Directory_ConcurrencyViolation",
    /// The link to a page is too old.
    ExpiredPageToken = "Directory_ExpiredPageToken",
    /// A copy of the directory does not have the object (yet).
    ObjectNotFound = "Directory_ObjectNotFound",
    /// The directory is full.
    QuotaExceeded = "Directory_QuotaExceeded",
    /// The object that the address names does not exist.
    ResourceNotFound = "Request_ResourceNotFound",
    /// A recipient's address is wrong.
    InvalidRecipients = "ErrorInvalidRecipients",
    /// There is no such mailbox.
    InvalidUser = "ErrorInvalidUser",
    /// The mailbox may not be sent from.
    SendAsDenied = "ErrorSendAsDenied",
    /// The mailbox has sent all that it may for a while.
    MessageLimit = "ErrorExceededMessageLimit",
    /// The account may not send mail any more.
    SubmissionBlocked = "ErrorMessageSubmissionBlocked",
    /// The account is suspended.
    AccountSuspended = "ErrorAccountSuspend",
    /// The mailbox is full.
    MailboxFull = "ErrorQuotaExceeded",
    /// The mail is too large.
    MessageSize = "ErrorMessageSizeExceeded",
}

/// The code that `text` is, which Graph's services do not all write with the same capitals.
pub fn known(text: &str) -> Option<Code> {
    let (_, code) = CODES.iter().find(|(known, _)| known.eq_ignore_ascii_case(text))?;
    Some(*code)
}
