//! Asking a person before a change.
//!
//! Where the protocol has sessions, the server asks the client while the call waits. In the
//! stateless revision the response is the question, and the client calls again with the answer and
//! with the state that came with the question.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rmcp::model::{
    CallToolRequestParams, ClientCapabilities, ClientResult, ElicitRequest, ElicitRequestParams,
    ElicitResult, ElicitationAction, ElicitationSchema, InputRequest, InputRequiredResult,
    ProtocolVersion, ServerRequest,
};
use rmcp::service::{PeerRequestOptions, RequestContext, RequestHandle, RoleServer};
use serde_json::Value;
use uuid::Uuid;

use crate::report::{Kind, Report, printable};

/// How long a person may think.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// The name of the question, and of its only field.
const CONFIRM: &str = "confirm";

/// The questions of a session that are open at a time; the oldest has to go.
const MOST_OPEN: usize = 256;

/// The longest question, in characters.
const LONGEST: usize = 4_000;

/// What became of a question.
pub(super) enum Answer {
    Confirmed,
    /// The client calls again with the answer.
    Asked(Box<InputRequiredResult>),
    /// Nobody confirmed the change, or nobody can be asked.
    Refused(Report),
}

/// The questions that clients without a session will answer. Each can be answered once.
#[derive(Debug, Default)]
pub(super) struct Questions(Mutex<VecDeque<Question>>);

/// A question that is open.
#[derive(Debug)]
struct Question {
    state: String,
    /// The digest of the call, with its secrets and its key.
    about: String,
    asked_at: Instant,
}

impl Questions {
    /// Returns whether a call comes with the confirmation of what it asks for; `None` if nobody has
    /// answered a question about that.
    pub fn answer(&self, request: &CallToolRequestParams, about: &str) -> Option<bool> {
        let (state, answers) = (request.request_state.as_ref()?, request.input_responses.as_ref()?);
        let answer = answers.get(CONFIRM)?;
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_meant = |it: &Question| it.state == *state && it.about == about;
        let place = open.iter().position(is_meant)?;
        let question = open.remove(place)?;
        let answer = serde_json::from_value::<ElicitResult>(answer.clone()).ok();
        (question.asked_at.elapsed() < PATIENCE).then(|| answer.is_some_and(|it| confirms(&it)))
    }

    /// Asks about a plan. `about` is the digest of the call.
    pub async fn ask(
        &self,
        title: &str,
        plan: &Value,
        about: String,
        context: &RequestContext<RoleServer>,
    ) -> Answer {
        let can_ask = context.client_capabilities().is_some_and(|it| can_ask(&it));
        let question = question(title, plan).filter(|_| can_ask);
        let Some(question) = question else { return Answer::Refused(cannot_ask()) };
        let stateless = |version: ProtocolVersion| version >= ProtocolVersion::V_2026_07_28;
        if !context.protocol_version().is_some_and(stateless) {
            return ask_at_once(question, context).await;
        }
        let state = Uuid::new_v4().to_string();
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.push_back(Question { state: state.clone(), about, asked_at: Instant::now() });
        if open.len() > MOST_OPEN {
            open.pop_front();
        }
        drop(open);
        let question = InputRequest::Elicitation(ElicitRequest::new(question));
        let questions = BTreeMap::from([(CONFIRM.to_owned(), question)]);
        Answer::Asked(Box::new(InputRequiredResult::new(Some(questions), Some(state))))
    }
}

/// Returns whether a client can show a form. One that names no mode can.
fn can_ask(capabilities: &ClientCapabilities) -> bool {
    let elicitation = capabilities.elicitation.as_ref();
    elicitation.is_some_and(|it| it.form.is_some() || it.url.is_none())
}

/// Asks while the call waits.
async fn ask_at_once(
    question: ElicitRequestParams,
    context: &RequestContext<RoleServer>,
) -> Answer {
    let question = ServerRequest::ElicitRequest(ElicitRequest::new(question));
    let options = PeerRequestOptions::no_options();
    let Ok(mut asked) = context.peer.send_request_with_option(question, options).await else {
        return Answer::Refused(cannot_ask());
    };
    let answered = tokio::select! {
        answered = &mut asked.rx => answered,
        () = context.ct.cancelled() => return withdrawn(asked).await,
        () = tokio::time::sleep(PATIENCE) => return withdrawn(asked).await,
    };
    match answered {
        Ok(Ok(ClientResult::ElicitResult(answer))) if confirms(&answer) => Answer::Confirmed,
        Ok(Ok(ClientResult::ElicitResult(_))) => Answer::Refused(declined()),
        // Clients that cannot ask say so with several codes.
        _ => Answer::Refused(cannot_ask()),
    }
}

/// Takes a question back that nobody has answered in time, or whose call was cancelled.
async fn withdrawn(asked: RequestHandle<RoleServer>) -> Answer {
    let _ = asked.cancel(Some("nobody answered in time".to_owned())).await;
    Answer::Refused(declined())
}

fn confirms(answer: &ElicitResult) -> bool {
    let confirmed = || answer.content.as_ref()?.get(CONFIRM)?.as_bool();
    answer.action == ElicitationAction::Accept && confirmed() == Some(true)
}

/// Returns the question about a plan.
fn question(title: &str, plan: &Value) -> Option<ElicitRequestParams> {
    let schema = ElicitationSchema::builder()
        .required_bool_with(CONFIRM, |field| field.description("Make these changes."))
        .build()
        .ok()?;
    Some(ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: in_words(title, plan),
        requested_schema: schema,
    })
}

/// Returns a plan in words. Names of the tenant and of the caller are in it, so that no character
/// may mislead.
fn in_words(title: &str, plan: &Value) -> String {
    let texts = |list: &str, member: Option<&str>| -> Vec<String> {
        let items = plan.get(list).and_then(Value::as_array);
        let text =
            |item: &Value| Some(printable(member.map_or(Some(item), |it| item.get(it))?.as_str()?));
        items.into_iter().flatten().filter_map(text).collect()
    };
    let changes = texts("writes", Some("changes"));
    let mut words = match changes.is_empty() {
        true => format!("{title}. At present nothing would change. Confirm the call:"),
        false => format!("{title}. Confirm these changes of the tenant:"),
    };
    // Writing to a string cannot fail.
    for (number, change) in (1..).zip(changes) {
        let _ = write!(words, "\n{number}. {change}");
    }
    for reason in texts("refused", Some("reason")) {
        let _ = write!(words, "\nGraph would refuse: {reason}");
    }
    for sentence in texts("notChecked", None) {
        let _ = write!(words, "\nNot checked: {sentence}");
    }
    words.chars().take(LONGEST).collect()
}

fn cannot_ask() -> Report {
    let message = "a person must confirm this change, and the client cannot ask one";
    let fix = "Show the plan to a person, who can make the change with a client that supports elicitation, or with o365 run; nothing was sent.";
    Report::new(Kind::NotAllowed, message, fix)
}

pub(super) fn declined() -> Report {
    let message = "the person who was asked did not confirm the change";
    Report::new(Kind::Cancelled, message, "Ask what should be done instead; nothing was sent.")
}
