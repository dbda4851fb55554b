//! The component's actions, run outside a sandbox against a scripted Graph and a virtual
//! clock: what was sent, how long was waited, what came back.
//!
//! | module | what it tests |
//! | --- | --- |
//! | `support` | the scripted Graph, and reading an error |
//! | `input` | what is refused before anything is sent |
//! | `requests` | the exact requests of each action |
//! | `seats` | counting seats |
//! | `retry` | what is repeated, and how long is waited |
//! | `success` | what counts as done, call by call |
//! | `intermediaries` | answers that Graph did not make |
//! | `codes` | what Graph's error codes mean |
//! | `refusals` | from Graph's refusals to the contract's errors |
//! | `creation` | creating a user: conflicts, lost answers, replication |
//! | `compensation` | a new user that cannot have its licence |
//! | `existing_users` | assigning a licence to a user, deleting a user |
//! | `notifications` | the seven mails: who sends them, where they go, the exact bytes |
//! | `notifications_text` | subjects, the mails as text, and that no input changes their HTML |
//! | `notifications_input` | which input of the mails is refused |
//! | `notifications_refusals` | mails that Graph does not take, or may have taken |
//! | `reports`, `report_pages` | whole reports, and reports by page |
//! | `report_users` | how reports read users |
//! | `catalog`, `data_sets` | services, product names, countries |
//! | `diagnostics` | checking a connection |

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]
#![expect(clippy::result_large_err, reason = "the contract's error is one value")]

mod catalog;
mod codes;
mod compensation;
mod creation;
mod data_sets;
mod diagnostics;
mod existing_users;
mod group_licenses;
mod input;
mod intermediaries;
mod notifications;
mod notifications_input;
mod notifications_refusals;
mod notifications_text;
mod refusals;
mod report_pages;
mod report_users;
mod reports;
mod requests;
mod retry;
mod seats;
mod success;
mod support;
