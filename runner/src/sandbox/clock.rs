//! The monotonic clock of a guest.

use std::time::Duration;

use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock as wasi;
use wasmtime_wasi_io::poll::{DynPollable, Pollable, subscribe};

use crate::context::Clock;

/// The host side of `wasi:clocks/monotonic-clock`.
pub struct ClockView<'a> {
    pub clock: &'a Clock,
    pub table: &'a mut ResourceTable,
}

impl HasData for ClockView<'static> {
    type Data<'a> = ClockView<'a>;
}

/// A pollable that is ready at `deadline`.
struct Alarm {
    clock: Clock,
    deadline: Duration,
}

#[wasmtime_wasi_io::async_trait]
impl Pollable for Alarm {
    async fn ready(&mut self) {
        self.clock.sleep_until(self.deadline).await;
    }
}

impl ClockView<'_> {
    fn alarm(&mut self, deadline: Duration) -> wasmtime::Result<Resource<DynPollable>> {
        let alarm = self.table.push(Alarm { clock: self.clock.clone(), deadline })?;
        subscribe(self.table, alarm)
    }
}

impl wasi::Host for ClockView<'_> {
    fn now(&mut self) -> wasmtime::Result<wasi::Instant> {
        Ok(u64::try_from(self.clock.read().as_nanos()).unwrap_or(u64::MAX))
    }

    fn resolution(&mut self) -> wasmtime::Result<wasi::Duration> {
        Ok(1)
    }

    fn subscribe_instant(
        &mut self,
        when: wasi::Instant,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        self.alarm(Duration::from_nanos(when))
    }

    fn subscribe_duration(
        &mut self,
        when: wasi::Duration,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        let deadline = self.clock.now().saturating_add(Duration::from_nanos(when));
        self.alarm(deadline)
    }
}
