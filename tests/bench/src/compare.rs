//! Samples of several cases that take turns, as ratios.

use std::time::{Duration, Instant};

/// In how many parts the samples are compared for the spread of a ratio.
const PARTS: usize = 20;

/// Something that is measured.
pub struct Case<'a> {
    /// What is printed.
    pub name: &'a str,
    /// Does it once.
    pub run: Box<dyn FnMut() + 'a>,
}

impl<'a> Case<'a> {
    /// Creates a case.
    pub fn new(name: &'a str, run: impl FnMut() + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// The samples of one case, in the order in which they were taken.
pub struct Samples(Vec<Duration>);

/// How often one case takes what another takes.
#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    /// Of the medians of all samples.
    pub median: f64,
    /// The smallest and the largest of the medians of a twentieth of the samples.
    pub spread: (f64, f64),
}

impl Samples {
    /// The median.
    pub fn median(&self) -> Duration {
        median(&self.0)
    }

    /// How often this takes what `other` takes, of which there are as many.
    pub fn ratio(&self, other: &Self) -> Ratio {
        let by = |own: &[Duration], other: &[Duration]| {
            median(own).as_secs_f64() / median(other).as_secs_f64()
        };
        let size = self.0.len().div_ceil(PARTS).max(1);
        let parts: Vec<f64> = self
            .0
            .chunks(size)
            .zip(other.0.chunks(size))
            .map(|(own, other)| by(own, other))
            .collect();
        let spread = (
            parts.iter().copied().fold(f64::INFINITY, f64::min),
            parts.iter().copied().fold(0.0, f64::max),
        );
        Ratio { median: by(&self.0, &other.0), spread }
    }
}

/// The median of some samples.
pub fn median<T: Copy + Ord>(samples: &[T]) -> T {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

/// Takes this many samples of each case, one after the other in turn, after a tenth as many that
/// do not count, and prints their medians beside that of the first.
pub fn compare(title: &str, samples: usize, mut cases: Vec<Case<'_>>) -> Vec<Samples> {
    for _ in 0..samples.div_ceil(10) {
        cases.iter_mut().for_each(|case| (case.run)());
    }
    let mut taken: Vec<Samples> = cases.iter().map(|_| Samples(Vec::new())).collect();
    for _ in 0..samples {
        for (case, taken) in cases.iter_mut().zip(&mut taken) {
            let began = Instant::now();
            (case.run)();
            taken.0.push(began.elapsed());
        }
    }
    println!("\n{title}: {samples} samples each");
    for (case, samples) in cases.iter().zip(&taken) {
        let Ratio { median, spread: (least, most) } = samples.ratio(&taken[0]);
        let us = samples.median().as_secs_f64() * 1e6;
        println!("  {us:>12.1} us  {median:>6.2}x  ({least:.2} to {most:.2})  {}", case.name);
    }
    taken
}
