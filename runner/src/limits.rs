//! The limits of a run and of a tenant, in one table.
//!
//! A new limit is a row of the table at the end of this file, the code that enforces it, and a
//! line in docs/serve.md. From the row come the fields of [`TenantLimits`] and [`Limits`], the
//! defaults, the key of the configuration and the list of `o365 tenant list`. The code that
//! enforces a limit with `ends` stops the run with [`Stop::at`](crate::context::Stop::at).

use std::ops::RangeInclusive;
use std::time::Duration;

/// The unit in which the configuration states a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Runs.
    Runs,
    /// Requests to Graph.
    Requests,
    /// Seconds.
    Seconds,
    /// 2^20 bytes.
    Mebibytes,
}

impl Unit {
    /// Its name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Requests => "requests",
            Self::Seconds => "seconds",
            Self::Mebibytes => "MiB",
        }
    }

    /// What it adds to the name of a limit in JSON, which otherwise would not say it.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Runs | Self::Requests => "",
            Self::Seconds => "Seconds",
            Self::Mebibytes => "Mib",
        }
    }

    /// The factor from this unit to what the field of a limit counts: runs, requests, seconds or
    /// bytes.
    const fn size(self) -> u64 {
        match self {
            Self::Runs | Self::Requests | Self::Seconds => 1,
            Self::Mebibytes => 1 << 20,
        }
    }
}

/// The type of a limit's field.
pub trait Amount {
    /// The amount; the largest of the type if it has no such amount.
    fn of(amount: u64) -> Self;

    /// The amount as a number.
    fn amount(&self) -> u64;
}

macro_rules! whole_numbers {
    ($($number:ty),+) => {$(
        impl Amount for $number {
            fn of(amount: u64) -> Self {
                Self::try_from(amount).unwrap_or(Self::MAX)
            }

            fn amount(&self) -> u64 {
                u64::try_from(*self).unwrap_or(u64::MAX)
            }
        }
    )+};
}

whole_numbers!(u32, u64, usize);

/// In seconds.
impl Amount for Duration {
    fn of(amount: u64) -> Self {
        Self::from_secs(amount)
    }

    fn amount(&self) -> u64 {
        self.as_secs()
    }
}

/// A limit that the configuration of a tenant can set.
#[derive(Debug)]
pub struct Row {
    /// Its key.
    pub key: &'static str,
    /// The unit of its value.
    pub unit: Unit,
    /// The values that are possible.
    pub possible: RangeInclusive<u64>,
    /// The part of a text on all limits that shows this one, given its value.
    pub words: fn(u64) -> String,
    /// The limit as [`Stop::at`](crate::context::Stop::at) takes it; `None` if
    /// [`Stop`](crate::context::Stop) has a variant for it, or it limits more than one run.
    pub ends: Option<RunLimit>,
    set: fn(&mut TenantLimits, u64),
    amount: fn(&TenantLimits) -> u64,
}

impl Row {
    /// The limit in its unit.
    pub fn value(&self, limits: &TenantLimits) -> u64 {
        (self.amount)(limits) / self.unit.size()
    }

    /// Sets the limit, in its unit.
    pub fn set(&self, limits: &mut TenantLimits, value: u64) {
        self.set_amount(limits, value.saturating_mul(self.unit.size()));
    }

    /// Sets the limit, in what its field counts.
    pub fn set_amount(&self, limits: &mut TenantLimits, amount: u64) {
        (self.set)(limits, amount);
    }
}

macro_rules! limits {
    (@ends) => { None };
    (@ends $limit:ident) => { Some(RunLimit::$limit) };
    (
        tenant {$(
            $(#[doc = $tenant_doc:literal])+
            $tenant:ident: $tenant_type:ty = $tenant_usual:literal,
            $tenant_key:literal in $tenant_possible:expr => $tenant_unit:ident,
            $tenant_words:literal;
        )+}
        run {$(
            $(#[doc = $doc:literal])+
            $field:ident: $type:ty = $usual:literal, alone $alone:literal,
            $key:literal in $possible:expr => $unit:ident,
            $words:literal
            $(, ends $limit:ident $name:literal $reached:expr)?;
        )+}
    ) => {
        /// What one tenant may use, in one run and in all its runs at a time. Whatever goes over
        /// is refused, or ended, at once and says which limit it was.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct TenantLimits {
            $($(#[doc = $tenant_doc])+ pub $tenant: $tenant_type,)+
            $($(#[doc = $doc])+ pub $field: $type,)+
        }

        impl Default for TenantLimits {
            /// For a tenant of some thousand users. Two minutes and 64 MiB, as from the command
            /// line; a report on 100,000 users makes 101 requests, takes in 90 MB and computes
            /// for some seconds, page by page: 8 MiB of a result are a report on 10,000 at once.
            /// The host takes up to twenty times as much for it, of the smallest records there
            /// are.
            fn default() -> Self {
                Self {
                    $($tenant: Amount::of($tenant_usual * Unit::$tenant_unit.size()),)+
                    $($field: Amount::of($usual * Unit::$unit.size()),)+
                }
            }
        }

        impl TenantLimits {
            /// What each of the tenant's runs may use.
            pub fn of_run(&self) -> Limits {
                Limits { $($field: self.$field,)+ request: REQUEST }
            }
        }

        /// What a run may use up.
        #[derive(Clone, Copy, Debug)]
        pub struct Limits {
            $($(#[doc = $doc])+ pub $field: $type,)+
            /// How large the body of one of its requests may be, in bytes.
            pub request: usize,
        }

        impl Default for Limits {
            /// Two minutes, as Graph's replication may need, of which any part may be computing;
            /// 64 MiB, as no action needs; 5 MiB for a request, as Graph itself takes no more
            /// than 4 MB; and for all of them together what a report on a million users takes. A
            /// result of 128 MiB is a report on 200,000.
            fn default() -> Self {
                Self { $($field: Amount::of($alone * Unit::$unit.size()),)+ request: REQUEST }
            }
        }

        /// A limit of which a run's use is counted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum RunLimit {
            $($(#[doc = concat!("`", $name, "` in errors.")] $limit,)?)+
        }

        impl RunLimit {
            /// Its name in errors.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$limit => $name,)?)+ }
            }

            /// What a run is told that has reached it at `amount`.
            pub fn reached(self, amount: u64) -> String {
                let words: fn(u64) -> String = match self { $($(Self::$limit => $reached,)?)+ };
                words(amount)
            }
        }

        /// All limits that a tenant's configuration can set, in the order of its keys.
        pub const ROWS: &[Row] = &[
            $(Row {
                key: $tenant_key,
                unit: Unit::$tenant_unit,
                possible: $tenant_possible,
                words: |value| format!($tenant_words, value),
                ends: None,
                set: |limits, amount| limits.$tenant = Amount::of(amount),
                amount: |limits| limits.$tenant.amount(),
            },)+
            $(Row {
                key: $key,
                unit: Unit::$unit,
                possible: $possible,
                words: |value| format!($words, value),
                ends: limits!(@ends $($limit)?),
                set: |limits, amount| limits.$field = Amount::of(amount),
                amount: |limits| limits.$field.amount(),
            },)+
        ];
    };
}

/// How many runs may go on in a process where nothing else is said. A place is held while a
/// run waits for Graph, so with few of them some slow tenants would hold them all; and one
/// that is free costs address space alone: with a thousand runs the process had 135 MiB.
pub const DEFAULT_MAX_RUNS: u32 = 1_000;

/// The largest body of one request, in bytes.
const REQUEST: usize = 5 << 20;

/// Bytes in MiB, rounded up.
fn mebibytes(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

// A row has, in this order: the documentation of the field; the field and its default for a
// tenant, in the unit of the configuration; after `alone` the default for a run outside the
// platform, such as one from the command line; the key, its possible values and their unit; how
// `o365 tenant list` shows the value; and after `ends`, for a limit that is counted during a run,
// the variant of `RunLimit`, the name in errors and the words in their messages.
limits! {
    tenant {
        /// How many runs may go on at a time.
        concurrent_runs: usize = 16,
            "concurrent-runs" in 1..=1000 => Runs,
            "{} at a time";

        /// How many more may wait for their turn; a further one is refused.
        queue_length: usize = 64,
            "queue-length" in 0..=10_000 => Runs,
            ", {} waiting";
    }
    run {
        /// How long a run may take by the wall clock, from its start. It ends a little later, so
        /// that a guest that keeps to its time can still say what it has done.
        time: Duration = 120, alone 120,
            "time-limit" in 1..=3600 => Seconds,
            "\n{} s";

        /// How long a run may compute, by the processor's clock.
        cpu: Duration = 20, alone 120,
            "cpu-limit" in 1..=3600 => Seconds,
            ", {} s of computing";

        /// How much linear memory a run may have, in bytes. The least is what the component
        /// begins with, the most what the sandbox has.
        memory: usize = 64, alone 64,
            "memory-limit" in 4..=1024 => Mebibytes,
            "\n{} MiB of memory";

        /// How many requests a run may make to Graph, repeats included.
        requests: u32 = 1_000, alone 10_000,
            "requests-per-run" in 1..=1_000_000 => Requests,
            "\n{} requests",
            ends Requests "requests" |limit| format!("{limit} requests to Graph");

        /// How much a run may take in from Graph, in bytes of bodies.
        bytes_in: u64 = 256, alone 4096,
            "bytes-in" in 1..=65_536 => Mebibytes,
            "\n{} MiB in",
            ends BytesIn "bytes-in" |limit| format!("{limit} bytes from Graph");

        /// How much a run may send to Graph, in bytes of bodies.
        bytes_out: u64 = 16, alone 64,
            "bytes-out" in 1..=65_536 => Mebibytes,
            ", {} MiB out",
            ends BytesOut "bytes-out" |limit| format!("{limit} bytes to Graph");

        /// How large what a run returns may be, a result or an error, in bytes of JSON.
        result: usize = 8, alone 128,
            "result-limit" in 1..=1024 => Mebibytes,
            "\n{} MiB of result",
            ends Result "result" |limit| format!("{} MiB for its result", mebibytes(limit));
    }
}
