//! The calls that a person makes with a client, and how the tenant shows them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use super::driver::{Driver, Told};
use super::observer::{Observer, Seen};
use super::prepared::Prepared;
use super::{groups, licenses, mail, users};

/// A call, which is a row of the table.
pub struct Call {
    /// Its name in the programs of the clients.
    pub key: &'static str,
    pub title: &'static str,
    /// What it is about.
    pub about: fn(&Prepared) -> Value,
    /// The path where the tenant shows it.
    pub shown_at: fn(&Prepared) -> String,
    pub check: fn(&Made<'_>),
}

/// A call that a client made.
pub struct Made<'a> {
    pub prepared: &'a Prepared,
    pub about: Value,
    /// What the client learned.
    pub learned: Value,
    pub before: Seen,
    pub after: Seen,
    /// The server's lines about it.
    pub requests: &'a [Value],
}

/// How a call ended, which is a cell of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Works,
    NotSimulated,
    Absent,
}

impl Outcome {
    pub fn text(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::NotSimulated => "not simulated",
            Self::Absent => "–",
        }
    }
}

/// All calls, in the order of the table.
pub fn all() -> Vec<Call> {
    [users::calls(), licenses::calls(), groups::calls(), mail::calls()]
        .into_iter()
        .flatten()
        .collect()
}

impl Call {
    /// Makes the call, and checks that the tenant shows it. An error that is not Graph's 501 is a
    /// problem of the simulator or of the program.
    pub fn make(
        &self,
        driver: &mut Driver,
        observer: &Observer<'_>,
        prepared: &Prepared,
    ) -> Result<Outcome, String> {
        let about = (self.about)(prepared);
        let path = (self.shown_at)(prepared);
        let before = observer.see(&path);
        let answered = observer.requests().len();
        let told = driver.ask(self.key, &about);
        let requests = observer.requests().split_off(answered);
        let is_refused = requests.iter().any(|request| request["status"] == 501);
        match told {
            Told::Absent => Ok(Outcome::Absent),
            _ if is_refused => Ok(Outcome::NotSimulated),
            Told::Error(error) => Err(format!("{error}\n{requests:#?}")),
            Told::Learned(learned) => {
                let after = observer.see(&path);
                let requests = &requests;
                let made = Made { prepared, about, learned, before, after, requests };
                // Each problem of a client is told, with the call that it is about.
                let checked = catch_unwind(AssertUnwindSafe(|| (self.check)(&made)));
                checked.map(|()| Outcome::Works).map_err(|_| format!("see above; {requests:#?}"))
            }
        }
    }
}

impl Made<'_> {
    /// Checks that the client learned these texts, in any order.
    #[track_caller]
    pub fn learned_all(&self, expected: &[&str]) {
        let learned = self.learned.as_array().into_iter().flatten();
        let mut learned: Vec<&str> = learned.map(|one| one.as_str().unwrap()).collect();
        let mut expected = expected.to_vec();
        learned.sort_unstable();
        expected.sort_unstable();
        assert!(!expected.is_empty(), "there is something to learn");
        assert_eq!(learned, expected);
    }

    /// Checks that a collection has got this member.
    #[track_caller]
    pub fn is_added(&self, id: &str) {
        assert!(!self.before.ids().contains(&id), "{:?}", self.before);
        assert!(self.after.ids().contains(&id), "{:?}", self.after);
    }

    /// Checks that a collection has lost this member.
    #[track_caller]
    pub fn is_removed(&self, id: &str) {
        assert!(self.before.ids().contains(&id), "{:?}", self.before);
        assert!(!self.after.ids().contains(&id), "{:?}", self.after);
    }

    /// Checks that a property has become what the call is about.
    #[track_caller]
    pub fn is_set(&self, property: &str) {
        assert_ne!(self.before.body[property], self.about[property]);
        assert_eq!(self.after.body[property], self.about[property]);
    }

    /// Checks that a property has changed.
    #[track_caller]
    pub fn is_changed(&self, property: &str) {
        assert!(self.after.body[property].is_string(), "{:?}", self.after);
        assert_ne!(self.before.body[property], self.after.body[property]);
    }
}
