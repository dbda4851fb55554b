//! Asking a person before a change.
//!
//! Where the protocol has sessions, the server asks the client while the call waits. In the
//! stateless revision the response is the question, and the client calls again with the answer and
//! with the state that came with the question, which names the call that was asked about.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, ClientResult, ElicitRequest, ElicitRequestParams, ElicitResult,
    ElicitationAction, ElicitationSchema, InputRequest, InputRequiredResult, ProtocolVersion,
    ServerRequest,
};
use rmcp::service::{PeerRequestOptions, RequestContext, RequestHandle, RoleServer};
use serde_json::Value;

use crate::report::{Kind, Report, printable};

/// How long a person may think.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// The name of the question, and of its only field.
const CONFIRM: &str = "confirm";

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

/// Returns whether a call comes with the confirmation of what `state` names; `None` if nobody has
/// answered.
pub(super) fn answer(request: &CallToolRequestParams, state: &str) -> Option<bool> {
    let answer = request.input_responses.as_ref()?.get(CONFIRM)?;
    let answer = serde_json::from_value::<ElicitResult>(answer.clone()).ok();
    let is_about_it = request.request_state.as_deref() == Some(state);
    is_about_it.then(|| answer.is_some_and(|it| confirms(&it)))
}

/// Asks about a plan, unless the call comes with the answer. `state` names the call.
pub(super) async fn of(
    title: &str,
    plan: &Value,
    (state, answered): (String, Option<bool>),
    context: &RequestContext<RoleServer>,
) -> Answer {
    match answered {
        Some(true) => return Answer::Confirmed,
        Some(false) => return Answer::Refused(declined()),
        None => {}
    }
    let can_ask = context.client_capabilities().is_some_and(|it| it.elicitation.is_some());
    let question = question(title, plan).filter(|_| can_ask);
    let Some(question) = question else { return Answer::Refused(cannot_ask()) };
    let stateless = |version: ProtocolVersion| version >= ProtocolVersion::V_2026_07_28;
    if context.protocol_version().is_some_and(stateless) {
        let question = InputRequest::Elicitation(ElicitRequest::new(question));
        let questions = BTreeMap::from([(CONFIRM.to_owned(), question)]);
        let asked = InputRequiredResult::new(Some(questions), Some(state));
        return Answer::Asked(Box::new(asked));
    }
    ask_at_once(question, context).await
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
    let mut words = format!("{title}. Confirm these changes of the tenant:");
    // Writing to a string cannot fail.
    for (number, change) in (1..).zip(texts("writes", Some("changes"))) {
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

fn declined() -> Report {
    let message = "the person who was asked did not confirm the change";
    Report::new(Kind::Cancelled, message, "Ask what should be done instead; nothing was sent.")
}
