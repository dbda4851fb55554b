//! The limits of a run and of a tenant, in one table.
//!
//! A new limit needs a row in the table at the end of this file, the code that enforces it, and a
//! row in docs/serve.md. The row generates the fields of [`TenantLimits`] and [`Limits`], their
//! defaults, the key of the configuration and the text in `o365 tenant list`. The code that
//! enforces a limit with `ends` stops the run with [`Stop::at`](crate::context::Stop::at).

use std::ops::RangeInclusive;
use std::time::Duration;

/// The unit in which the configuration states a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Runs.
    Runs,
    /// Calls.
    Calls,
    /// Requests to Graph.
    Requests,
    /// Seconds.
    Seconds,
    /// 2^20 bytes.
    Mebibytes,
}

impl Unit {
    /// Returns the name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Calls => "calls",
            Self::Requests => "requests",
            Self::Seconds => "seconds",
            Self::Mebibytes => "MiB",
        }
    }

    /// Returns the suffix of a limit's name in JSON that states the unit.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Runs | Self::Calls | Self::Requests => "",
            Self::Seconds => "Seconds",
            Self::Mebibytes => "Mib",
        }
    }

    /// Returns the factor from this unit to the base unit of a field: runs, calls, requests, seconds or
    /// bytes.
    const fn size(self) -> u64 {
        match self {
            Self::Runs | Self::Calls | Self::Requests | Self::Seconds => 1,
            Self::Mebibytes => 1 << 20,
        }
    }
}

/// The type of a limit's field.
pub trait Amount {
    /// Converts a number; saturates at the maximum of the type.
    fn of(amount: u64) -> Self;

    /// Returns the amount as a number.
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

/// Seconds.
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
    /// The key in the configuration.
    pub key: &'static str,
    /// The unit of the value.
    pub unit: Unit,
    /// The accepted values.
    pub possible: RangeInclusive<u64>,
    /// Formats the value for the listing of all limits.
    pub words: fn(u64) -> String,
    /// The argument of [`Stop::at`](crate::context::Stop::at); `None` if
    /// [`Stop`](crate::context::Stop) has a variant for the limit, or it applies to several runs.
    pub ends: Option<RunLimit>,
    set: fn(&mut TenantLimits, u64),
    amount: fn(&TenantLimits) -> u64,
}

impl Row {
    /// Returns the limit in its unit.
    pub fn value(&self, limits: &TenantLimits) -> u64 {
        (self.amount)(limits) / self.unit.size()
    }

    /// Sets the limit, in its unit.
    pub fn set(&self, limits: &mut TenantLimits, value: u64) {
        self.set_amount(limits, value.saturating_mul(self.unit.size()));
    }

    /// Sets the limit, in the base unit of its field.
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
        /// The limits of a tenant, for one run and for all its runs together. A call or run that
        /// exceeds one is rejected or stopped with an error that names the limit.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct TenantLimits {
            $($(#[doc = $tenant_doc])+ pub $tenant: $tenant_type,)+
            $($(#[doc = $doc])+ pub $field: $type,)+
        }

        impl Default for TenantLimits {
            /// Returns limits for a tenant of some thousand users. A report on 100,000 users makes
            /// 101 requests, receives 90 MB and computes for some seconds. A result of 8 MiB holds
            /// a report on 10,000 users; its smallest records take up to twenty times as much
            /// memory in the host.
            fn default() -> Self {
                Self {
                    $($tenant: Amount::of($tenant_usual * Unit::$tenant_unit.size()),)+
                    $($field: Amount::of($usual * Unit::$unit.size()),)+
                }
            }
        }

        impl TenantLimits {
            /// Returns the limits of each run of the tenant.
            pub fn of_run(&self) -> Limits {
                Limits { $($field: self.$field,)+ request: REQUEST }
            }
        }

        /// The limits of a run.
        #[derive(Clone, Copy, Debug)]
        pub struct Limits {
            $($(#[doc = $doc])+ pub $field: $type,)+
            /// The largest body of one request, in bytes.
            pub request: usize,
        }

        impl Default for Limits {
            /// Returns limits for a report on a million users. Graph's replication can take two
            /// minutes, and Graph accepts request bodies of at most 4 MB. A result of 128 MiB
            /// holds a report on 200,000 users.
            fn default() -> Self {
                Self { $($field: Amount::of($alone * Unit::$unit.size()),)+ request: REQUEST }
            }
        }

        /// A limit that is counted during a run.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum RunLimit {
            $($(#[doc = concat!("`", $name, "` in errors.")] $limit,)?)+
        }

        impl RunLimit {
            /// Returns the name in errors.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$limit => $name,)?)+ }
            }

            /// Describes the exceeded limit of `amount` in an error message.
            pub fn reached(self, amount: u64) -> String {
                let words: fn(u64) -> String = match self { $($(Self::$limit => $reached,)?)+ };
                words(amount)
            }
        }

        /// All limits that the configuration of a tenant can set, in the order of the keys.
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

/// The default number of concurrent runs in a process. A run holds its permit while it waits for
/// Graph, so a small number would let a few slow tenants take all permits. A free permit costs
/// only address space: a process with a thousand runs used 135 MiB.
pub const DEFAULT_MAX_RUNS: u32 = 1_000;

/// The largest body of one request, in bytes.
const REQUEST: usize = 5 << 20;

/// Converts bytes to MiB, rounded up.
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
        /// The number of concurrent runs.
        concurrent_runs: usize = 16,
            "concurrent-runs" in 1..=1000 => Runs,
            "{} at a time";

        /// The number of queued runs; a further one is rejected.
        queue_length: usize = 64,
            "queue-length" in 0..=10_000 => Runs,
            ", {} waiting";

        /// The number of calls in a minute; they may come at once. The default is more than one
        /// process can do.
        calls_per_minute: u32 = 600_000,
            "calls-per-minute" in 1..=600_000 => Calls,
            "\n{} calls a minute";
    }
    run {
        /// The wall-clock time of a run. The host stops the run a little later, so that a guest
        /// that observes the limit can still report what it has done.
        time: Duration = 120, alone 120,
            "time-limit" in 1..=3600 => Seconds,
            "\n{} s";

        /// The processor time of a run.
        cpu: Duration = 20, alone 120,
            "cpu-limit" in 1..=3600 => Seconds,
            ", {} s of computing";

        /// The linear memory of a run, in bytes. The minimum is the initial memory of the
        /// component, the maximum that of the sandbox.
        memory: usize = 64, alone 64,
            "memory-limit" in 4..=1024 => Mebibytes,
            "\n{} MiB of memory";

        /// The number of requests of a run to Graph, retries included.
        requests: u32 = 1_000, alone 10_000,
            "requests-per-run" in 1..=1_000_000 => Requests,
            "\n{} requests",
            ends Requests "requests" |limit| format!("{limit} requests to Graph");

        /// The size of all response bodies that a run receives from Graph, in bytes.
        bytes_in: u64 = 256, alone 4096,
            "bytes-in" in 1..=65_536 => Mebibytes,
            "\n{} MiB in",
            ends BytesIn "bytes-in" |limit| format!("{limit} bytes from Graph");

        /// The size of all request bodies that a run sends to Graph, in bytes.
        bytes_out: u64 = 16, alone 64,
            "bytes-out" in 1..=65_536 => Mebibytes,
            ", {} MiB out",
            ends BytesOut "bytes-out" |limit| format!("{limit} bytes to Graph");

        /// The size of the result or error of a run, in bytes of JSON.
        result: usize = 8, alone 128,
            "result-limit" in 1..=1024 => Mebibytes,
            "\n{} MiB of result",
            ends Result "result" |limit| format!("{} MiB for its result", mebibytes(limit));
    }
}
