//! Running every schedule.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use runner::egress::faults::{Fault, Rule, Target};
use runner::run::Host;
use runner::sandbox::COMPONENT;

use crate::cases::{self, Case};
use crate::crashes;
use crate::rules::{self, Facts};
use crate::schedule::{faults, is_in_pairs, line, script};
use support::faulted::{Exchange, Ran};

/// How many faults a run meets at most, 2 if not said; 3 takes hours.
const DEPTH: &str = "EXPLORATION_DEPTH";

/// How the names of the cases begin that are walked, all if not said.
const CASES: &str = "EXPLORATION_CASES";

/// How many schedules that break a rule are printed.
const SHOWN: usize = 20;

/// What came of the walk.
#[derive(Default)]
struct Walked {
    schedules: usize,
    virtual_time: Duration,
    /// How many schedules end otherwise by a crash, and why.
    otherwise: BTreeMap<&'static str, usize>,
    /// Schedules that break a rule.
    broken: Vec<Broken>,
}

/// A schedule that breaks a rule; the simplest is the least.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Broken {
    faults: usize,
    with_a_file: bool,
    /// The names of its faults.
    names: Vec<&'static str>,
    line: String,
    wrong: Vec<String>,
}

struct Walk<'a> {
    host: &'a Host,
    depth: usize,
    walked: Mutex<Walked>,
}

/// A case, what comes of it without a fault, and where its schedules begin.
struct Start {
    case: Case,
    plain: Ran,
    first: Vec<Rule>,
}

#[test]
fn every_schedule_of_faults_keeps_the_rules() {
    let begun = Instant::now();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let host = Host::new(COMPONENT, u32::try_from(threads).unwrap()).unwrap();
    let depth = std::env::var(DEPTH).map_or(2, |depth| depth.parse().unwrap());
    let walk = Walk { host: &host, depth, walked: Mutex::default() };
    let named = std::env::var(CASES).unwrap_or_default();
    let cases = cases::cases(&host).into_iter().filter(|case| case.name.starts_with(&named));
    let starts: Vec<Start> = cases.map(|case| walk.start(case)).collect();
    let work: Vec<(&Start, &Rule)> =
        starts.iter().flat_map(|start| start.first.iter().map(move |rule| (start, rule))).collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((start, rule)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    walk.from(start, &start.plain, &mut vec![(*rule).clone()]);
                }
            });
        }
    });
    let mut walked = walk.walked.into_inner().unwrap();
    let said = format!(
        "explored {} schedules of up to {depth} faults in {} cases, {:.1} days of virtual time, in {:.1?}",
        walked.schedules,
        starts.len(),
        walked.virtual_time.as_secs_f64() / 86_400.0,
        begun.elapsed(),
    );
    support::say(&said);
    walked.broken.sort();
    for (why, schedules) in &walked.otherwise {
        support::say(&format!("{schedules} schedules end otherwise by a crash: {why}"));
    }
    assert!(walked.broken.is_empty(), "{said}\n{}", shown(&walked.broken));
    if named.is_empty() && depth >= 2 {
        assert_eq!(crashes::unshown(&walked.otherwise), [""; 0]);
    }
}

#[test]
fn every_action_has_a_case() {
    let host = Host::new(COMPONENT, 1).unwrap();
    let cases = cases::cases(&host);
    for action in host.guest().actions() {
        assert!(cases.iter().any(|case| case.scenario.action == action.name), "{}", action.name);
    }
}

impl Walk<'_> {
    /// Runs a case without a fault, and sees which faults it can meet.
    fn start(&self, case: Case) -> Start {
        let plain = case.scenario.run(self.host, script(&[]));
        let every = |(fault, value)| Rule { fault, value, target: Target::Every(1) };
        let lasting = faults().into_iter().filter(|(fault, _)| !fault.crashes());
        let mut first: Vec<Rule> = lasting.map(every).collect();
        first.extend(followers(&case, &plain.asked, 0));
        let start = Start { case, plain, first };
        self.judge(&start, &start.plain, &[], &start.plain);
        start
    }

    /// Runs the schedule `rules` and all that go on from it. `before` came of it without its last
    /// fault.
    fn from(&self, start: &Start, before: &Ran, rules: &mut Vec<Rule>) {
        let tenant = start.case.scenario.tenant.clone();
        let ran = match start.case.scenario.run_on(tenant, self.host, script(rules)) {
            Ok(ran) if ran.missed.is_empty() => ran,
            Ok(_) => return,
            Err(stop) => return self.broken(start, rules, vec![format!("{stop}")]),
        };
        let kept = self.judge(start, before, rules, &ran);
        let Some(Target::Number(last)) = rules.last().map(|rule| rule.target.clone()) else {
            return;
        };
        let in_pairs = |rule: &Rule| is_in_pairs(rule.fault, rule.value);
        if !kept || rules.len() >= self.depth || !rules.iter().all(in_pairs) {
            return;
        }
        let followers = followers(&start.case, &ran.asked, usize::try_from(last).unwrap());
        let is_telling = |rule: &Rule| crashes::is_telling(rules, rule, &ran.asked);
        let followers: Vec<Rule> =
            followers.into_iter().filter(in_pairs).filter(is_telling).collect();
        for rule in followers {
            rules.push(rule);
            self.from(start, &ran, rules);
            rules.pop();
        }
    }

    /// Holds a run against the rules, and says whether it keeps them.
    fn judge(&self, start: &Start, before: &Ran, rules: &[Rule], ran: &Ran) -> bool {
        let facts = Facts::new(&start.case, &start.plain, rules, ran);
        if !facts.is_possible() {
            return true;
        }
        let mut wrong = rules::violations(&facts, self.host);
        if rules.last().is_some_and(|rule| rule.fault.crashes()) {
            let why = crashes::check(before, &facts, &mut wrong);
            let mut walked = self.walked.lock().unwrap();
            why.into_iter().for_each(|why| *walked.otherwise.entry(why).or_default() += 1);
        }
        {
            let mut walked = self.walked.lock().unwrap();
            walked.schedules += 1;
            walked.virtual_time += ran.elapsed;
        }
        let kept = wrong.is_empty();
        if !kept {
            self.broken(start, rules, wrong);
        }
        kept
    }

    fn broken(&self, start: &Start, rules: &[Rule], wrong: Vec<String>) {
        let case = &start.case;
        let wrong = wrong.into_iter().map(|text| format!("{}: {text}", case.name)).collect();
        let names = rules.iter().map(|rule| rule.fault.name()).collect();
        let (faults, with_a_file, line) = (rules.len(), !case.built_in, line(case, rules));
        let broken = Broken { faults, with_a_file, names, line, wrong };
        self.walked.lock().unwrap().broken.push(broken);
    }
}

/// The faults that a call behind the call number `last` can meet.
pub fn followers(case: &Case, asked: &[Exchange], last: usize) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (number, exchange) in (1..).zip(asked).skip(last) {
        let (path, query) = exchange.target.split_once('?').unzip();
        let path = path.unwrap_or(&exchange.target);
        let met = |rule: &Rule| {
            // A directory that lags needs no fault for it.
            let known = rule.fault == Fault::ReplicationLag && case.scenario.tenant.lag > 0;
            !known && rule.covers(&exchange.method, path, query)
        };
        let target = Target::Number(number);
        let all = faults().into_iter();
        let all = all.map(|(fault, value)| Rule { fault, value, target: target.clone() });
        rules.extend(all.filter(met));
    }
    rules
}

fn shown(broken: &[Broken]) -> String {
    let mut of_faults: BTreeMap<&str, usize> = BTreeMap::new();
    for fault in broken.iter().flat_map(|broken| &broken.names) {
        *of_faults.entry(fault).or_default() += 1;
    }
    let mut text = format!("{} schedules break a rule, by fault: {of_faults:?}\n", broken.len());
    for Broken { line, wrong, .. } in broken.iter().take(SHOWN) {
        text.push_str(&format!("\n{line}\n    {}\n", wrong.join("\n    ")));
    }
    text
}
