//! What must hold of every run.

use std::time::Duration;

use http::Method;
use runner::egress::faults::{Fault, Rule, Target};
use runner::run::Host;
use runner::simulator::Tenant;
use runner::simulator::tenant::User;
use serde_json::Value;

use crate::cases::{Case, FREE};
use crate::schedule::is_long;
use crate::{kind_rules, request_rules, result_rules, tenant_rules};
use support::faulted::{Exchange, Ran};
use support::library::Outcome;

/// How long the component waits for an answer.
const LONGEST_ANSWER: Duration = Duration::from_secs(60);

/// How long a licence is looked for at least: 30 s, less the longest wait between two looks.
const WINDOW: Duration = Duration::from_secs(20);

/// A run, and what is known of it.
pub struct Facts<'a> {
    pub case: &'a Case,
    /// The tenant before it.
    pub before: &'a Tenant,
    /// The same without a fault.
    pub plain: &'a Ran,
    pub rules: &'a [Rule],
    pub ran: &'a Ran,
}

/// What is broken, each in a sentence.
pub fn violations(facts: &Facts<'_>, host: &Host) -> Vec<String> {
    let mut wrong = Vec::new();
    tenant_rules::check(facts, &mut wrong);
    request_rules::check(facts, &mut wrong);
    kind_rules::check(facts, &mut wrong);
    result_rules::check(facts, host, &mut wrong);
    wrong.dedup();
    wrong
}

/// Notes `sentence` unless `holds`.
pub fn must(wrong: &mut Vec<String>, holds: bool, sentence: impl FnOnce() -> String) {
    if !holds {
        wrong.push(sentence());
    }
}

impl<'a> Facts<'a> {
    /// The facts of a run on the case's own tenant.
    pub fn new(case: &'a Case, plain: &'a Ran, rules: &'a [Rule], ran: &'a Ran) -> Self {
        Self { case, before: &case.scenario.tenant, plain, rules, ran }
    }

    /// Whether the faults can be those of one tenant. A seat that the user has nobody else
    /// can take; and what the answer to a deletion was that got lost, a directory that lags
    /// for minutes lets no one tell.
    pub fn is_possible(&self) -> bool {
        let assigned =
            |call: &Exchange| call.path.ends_with("/assignLicense") && call.status == Some(200);
        let taken = self.has(Fault::LastSeatTaken) && self.ran.reached.iter().any(assigned);
        let lags = self.has(Fault::ReplicationLag) && self.rules.iter().any(is_long);
        let unsure = || self.lost_writes().any(|call| call.method == Method::DELETE);
        !(taken || lags && unsure())
    }

    pub fn action(&self) -> &str {
        &self.case.scenario.action
    }

    /// The user that the action is about, as it was and as it is.
    pub fn user_before(&self) -> Option<&'a User> {
        user(self.before, self.case)
    }

    pub fn user_after(&self) -> Option<&'a User> {
        user(&self.ran.tenant, self.case)
    }

    /// How many mails were sent.
    pub fn mails(&self) -> usize {
        self.ran.tenant.mail.len() - self.before.mail.len()
    }

    /// `done`, or the kind of the error.
    pub fn kind(&self) -> &str {
        self.ran.outcome()
    }

    /// What the run said, as JSON.
    pub fn said(&self) -> &Value {
        match &self.ran.outcome {
            Outcome::Done(said) | Outcome::Failed(said) => said,
        }
    }

    /// Whether the answer to the call with this index did not arrive as Graph gave it, so
    /// that the caller cannot know whether the call was carried out.
    pub fn is_lost(&self, index: usize) -> bool {
        let exchange = &self.ran.asked[index];
        // Graph's own 503 says when to come back; another can be any gateway's, which only
        // matters where nothing tells later whether the call was carried out.
        let is_mail = exchange.path.ends_with("/sendMail");
        let is_busy = exchange.status == Some(503) && (exchange.come_back.is_some() || !is_mail);
        let failed = exchange.status.is_none_or(|status| status >= 500) && !is_busy;
        failed || self.met_by(index).any(|rule| self.is_cut(rule, exchange))
    }

    /// Whether the fault of a rule leaves nothing of Graph's answer that can be relied upon.
    /// What a proxy or a firewall refuses it may still have passed on.
    fn is_cut(&self, rule: &Rule, exchange: &Exchange) -> bool {
        match rule.fault {
            Fault::ResetMidBody
            | Fault::Html
            | Fault::HtmlAfter
            | Fault::ErrorInSuccess
            | Fault::Empty
            | Fault::EmptyAfter
            | Fault::ProxyPage => true,
            Fault::CutJson => has_body(exchange),
            Fault::SlowBody => self.is_too_slow(rule, exchange, true),
            _ => false,
        }
    }

    /// Whether the process of the run crashed at the call with this index.
    pub fn is_crashed(&self, index: usize) -> bool {
        self.met_by(index).any(|rule| rule.fault.crashes())
    }

    /// The rules whose faults met the call with this index.
    fn met_by(&self, index: usize) -> impl Iterator<Item = &'a Rule> {
        let asked = &self.ran.asked;
        let exchange = &asked[index];
        let (path, query) = exchange.target.split_once('?').unzip();
        let path = path.unwrap_or(&exchange.target);
        self.rules.iter().filter(move |rule| {
            let meant = match &rule.target {
                Target::Number(number) => usize::try_from(*number).unwrap() == index + 1,
                Target::Kind { call, nth } => {
                    let is = |exchange: &&Exchange| exchange.name() == call.to_string();
                    let seen = asked[..=index].iter().filter(is).count();
                    is(&exchange) && seen == usize::try_from(*nth).unwrap()
                }
                Target::Every(_) => true,
            };
            meant && rule.covers(&exchange.method, path, query)
        })
    }

    /// Whether the fault of `rule` met a call that changes nothing, or one that does.
    pub fn met(&self, rule: &Rule, reads: bool) -> bool {
        let asked = self.ran.asked.iter().enumerate();
        let mut of_kind = asked.filter(|(_, exchange)| exchange.method.is_safe() == reads);
        of_kind.any(|(index, _)| self.met_by(index).any(|met| met == rule))
    }

    /// Whether the fault of `rule` cut a refusal in its middle, which then is nobody's.
    pub fn is_refusal_cut(&self, rule: &Rule) -> bool {
        let asked = self.ran.asked.iter().enumerate();
        let mut refusals = asked.filter(|(_, exchange)| !is_success(exchange));
        rule.fault == Fault::CutJson
            && refusals.any(|(index, _)| self.met_by(index).any(|met| met == rule))
    }

    /// Whether an answer that comes slowly is given up; one that comes with the last moment
    /// of the run's time may be.
    fn is_too_slow(&self, rule: &Rule, exchange: &Exchange, may_be: bool) -> bool {
        let duration = Duration::from_secs(rule.number().unwrap_or_default().into());
        let (comes, limit) = (exchange.sent + duration, self.case.scenario.time_limit);
        duration > LONGEST_ANSWER || comes > limit || may_be && comes == limit
    }

    /// The writes whose answers are lost.
    pub fn lost_writes(&self) -> impl Iterator<Item = &'a Exchange> {
        let asked = self.ran.asked.iter().enumerate();
        let lost =
            asked.filter(|(index, exchange)| !exchange.method.is_safe() && self.is_lost(*index));
        lost.map(|(_, exchange)| exchange).collect::<Vec<_>>().into_iter()
    }

    /// Whether a licence was assigned, as Graph says, that no read may have shown since.
    pub fn may_be_unread(&self) -> bool {
        let Some(assigned) = self.assigned() else { return false };
        self.before.lag > 0 || !self.reads_since(assigned).any(|index| !self.is_lost(index))
    }

    /// Whether a licence was assigned, as Graph says, that no read has shown since: then it
    /// cannot be said that the tenant has it.
    pub fn is_unread(&self) -> bool {
        let Some(assigned) = self.assigned() else { return false };
        let is_slow = |rule: &Rule| rule.fault == Fault::SlowBody;
        let arrives = |index: &usize| {
            let exchange = &self.ran.asked[*index];
            !self.met_by(*index).any(|rule| match is_slow(rule) {
                true => self.is_too_slow(rule, exchange, false),
                false => self.is_cut(rule, exchange),
            })
        };
        let user = self.user_after().and_then(|user| self.ran.tenant.lagging.get(&user.id));
        let has_it = |user: &User| user.has_license(FREE.parse().unwrap());
        let lags = user.is_some_and(|lagging| !lagging.before.as_deref().is_some_and(has_it));
        lags || !self.reads_since(assigned).any(|index| arrives(&index))
    }

    /// Whether so long passed after the assignment of a licence that a directory that lags
    /// need not have been asked often enough.
    pub fn is_window_used_up(&self) -> bool {
        let since = |index: usize| self.ran.elapsed - self.ran.asked[index].sent;
        self.before.lag > 0 && self.assigned().is_some_and(|index| since(index) >= WINDOW)
    }

    /// The reads of a user behind the call with this index that Graph answered.
    fn reads_since(&self, index: usize) -> impl Iterator<Item = usize> {
        let asked = &self.ran.asked;
        ((index + 1)..asked.len())
            .filter(|index| asked[*index].name() == "GET /users/{id}" && is_success(&asked[*index]))
    }

    /// The index of the last assignment that Graph acknowledged.
    fn assigned(&self) -> Option<usize> {
        let asked = &self.ran.asked;
        (0..asked.len()).rev().find(|index| {
            let exchange = &asked[*index];
            let is_done = is_success(exchange) && !self.is_lost(*index);
            exchange.path.ends_with("/assignLicense") && is_done
        })
    }

    /// Whether the directory may not know the user yet.
    pub fn lags(&self) -> bool {
        self.before.lag > 0 || self.has(Fault::ReplicationLag)
    }

    /// Whether a call met this fault.
    pub fn has(&self, fault: Fault) -> bool {
        self.rules.iter().any(|rule| rule.fault == fault)
    }

    /// Whether each fault alone can be waited out or got around.
    pub fn passes(&self) -> bool {
        let stays = |rule: &Rule| match rule.fault {
            Fault::TokenExpired
            | Fault::LastSeatTaken
            | Fault::FederatedDomain
            | Fault::AddressTaken
            | Fault::DirectoryFull
            | Fault::MessageLimit
            | Fault::SendingBlocked
            | Fault::ProxyPage => true,
            // A write can be made again, or looked for; a question has no answer.
            Fault::Html
            | Fault::HtmlAfter
            | Fault::ErrorInSuccess
            | Fault::Empty
            | Fault::EmptyAfter
            | Fault::CutJson => self.met(rule, true) || self.is_refusal_cut(rule),
            _ => false,
        };
        !self.rules.iter().any(|rule| is_long(rule) || stays(rule))
    }
}

fn user<'a>(tenant: &'a Tenant, case: &Case) -> Option<&'a User> {
    tenant.users.get(tenant.users.find(&case.user()?)?)
}

/// Whether the status is one of success.
fn is_success(exchange: &Exchange) -> bool {
    exchange.status.is_some_and(|status| (200..300).contains(&status))
}

/// Whether Graph's answer has a body: that to a deletion and to a mail has none.
fn has_body(exchange: &Exchange) -> bool {
    let is_mail = exchange.path.ends_with("/sendMail");
    !(exchange.status == Some(204) || is_mail && exchange.status == Some(202))
}
