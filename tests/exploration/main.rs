//! Every schedule of faults, and not a sample of them: the component is deterministic and
//! time is virtual, so a test can walk them all, as those of FoundationDB and TigerBeetle.
//!
//! For each action, on each tenant that it may meet, every fault of the catalogue is put in
//! at every call, with every status that it can have, and every pair of faults at every pair
//! of calls; which calls there are is found by running, since a fault changes what follows
//! it. In pairs a fault that can have several statuses comes with one or two of them only,
//! which `schedule` names: a schedule of one fault has shown that each of them is taken for
//! what it is, and what a run does next follows from that. A crash is a fault, too: at every call of
//! every case, at each of its points, and beside the faults before it; a run goes on from its
//! journal, and comes to what it came to without the crash. `crashes` says which pairs cannot
//! differ and are left out. After each run it is checked
//! what must hold whatever the faults. A schedule that breaks a rule is printed as a
//! command line that replays it. The runs are those of the application itself, as
//! `o365 run --simulate` makes them.
//!
//! - `cases`: the actions, their inputs, the tenants
//! - `schedule`: a case with its faults, and its command line
//! - `walk`: running them all
//! - `rules`: what must hold of a run: of the `tenant_rules`, the `request_rules`, the
//!   `result_rules` and the `kind_rules`
//! - `crashes`: which crashes meet other faults, and what may come of them
//! - `shown`: what the tenant shows, as results have it, and `claims`: what is said in words
//! - `platform`: single faults, as a platform runs them
//! - `found`: the schedules that once broke a rule, and that a printed line replays one

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod cases;
mod claims;
mod crashes;
mod found;
mod kind_rules;
mod platform;
mod request_rules;
mod result_rules;
mod rules;
mod schedule;
mod shown;
mod tenant_rules;
mod walk;
