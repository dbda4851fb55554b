//! The operations on runs that nobody waits for.

use serde_json::{Value, json};

use super::model::{Done, Method, Operation, Parameter, Visibility};
use super::server::keyed;
use super::{responses, schemas};
use crate::report::Kind;

/// The tag of the operations on runs.
pub const RUNS: &str = "Runs";

/// The path of one run.
const RUN_PATH: &str = "/v1/runs/{run}";

/// Returns the operations.
pub fn operations() -> Vec<Operation> {
    vec![list_runs(), get_run(), cancel_run()]
}

fn list_runs() -> Operation {
    let runs = Done::json("The runs, the newest first.", schemas::reference(schemas::RUNS));
    Operation {
        parameters: vec![Parameter::Limit, Parameter::Continuation],
        description: Some(
            "Lists the runs of calls that preferred `respond-async`, for a day after their ends."
                .to_owned(),
        ),
        failures: responses::keyed_and(&[Kind::InvalidInput, Kind::Environment]),
        ..of_runs("list-runs", "/v1/runs", "Lists the runs that nobody waits for", runs)
    }
}

fn get_run() -> Operation {
    let text = "The result, as the call would have returned it.";
    // Each action has a result of its own.
    let result = Done { is_run: true, ..Done::json(text, json!({})) };
    Operation {
        parameters: vec![Parameter::Run],
        description: Some(
            "Returns the result of a run, or its error, as the call would have. Until then, tells how far it is."
                .to_owned(),
        ),
        accepted: Some("The run has not ended. Ask again after the time in `Retry-After`."),
        failures: responses::of_results(),
        // Power Platform polls by itself, and has no name for a result of any type.
        visibility: Visibility::Absent,
        ..of_runs("get-run", RUN_PATH, "Returns the result of a run", result)
    }
}

fn cancel_run() -> Operation {
    let state = schemas::reference(schemas::RUN);
    let ended = Done::json("The run had ended before, and stays as it is.", state);
    Operation {
        method: Method::Delete,
        parameters: vec![Parameter::Run],
        description: Some(
            "Ends a run before its next change. What it has changed stays, and its error tells of it."
                .to_owned(),
        ),
        accepted: Some("The run ends before its next change."),
        failures: responses::keyed_and(&[Kind::NoSuchRun, Kind::Environment]),
        ..of_runs("cancel-run", RUN_PATH, "Cancels a run", ended)
    }
}

fn of_runs(id: &str, path: &str, summary: &str, done: Done) -> Operation {
    Operation {
        tag: RUNS.to_owned(),
        visibility: Visibility::Advanced,
        ..keyed(id, path, summary, done)
    }
}

/// Returns the schema of a run.
pub fn state() -> Value {
    json!({
        "type": "object",
        "description": "A run that nobody waits for.",
        "properties": {
            "run": {
                "type": "string", "format": "uuid",
                "description": "The id of the run, which is also Graph's `client-request-id`.",
            },
            "state": {
                "type": "string", "enum": ["queued", "running", "done", "failed", "cancelled"],
                "description": "How far it is.",
            },
            "action": { "type": "string", "description": "The action." },
            "acceptedAt": {
                "type": "string", "format": "date-time", "description": "When it was accepted.",
            },
            "graphRequests": {
                "type": "integer", "format": "int64", "minimum": 0,
                "description": "The number of its requests to Graph so far.",
            },
            "cancelling": {
                "type": "boolean", "description": "Whether it ends before its next change.",
            },
            "endedAt": {
                "type": "string", "format": "date-time", "description": "When it ended.",
            },
            "status": {
                "type": "integer", "minimum": 200, "maximum": 599,
                "description": "The status of its result.",
            },
            "kind": { "type": "string", "description": "The kind of its error." },
        },
        "required": ["run", "state", "action", "acceptedAt", "graphRequests"],
        "additionalProperties": false,
    })
}

/// Returns the schema of a list of runs.
pub fn list() -> Value {
    json!({
        "type": "object",
        "description": "Runs that nobody waits for.",
        "properties": {
            "runs": {
                "type": "array", "items": schemas::reference(schemas::RUN),
                "description": "The runs, the newest first.",
            },
            "continuation": {
                "type": "string",
                "description": "The parameter with which the next part of the list comes, if there is one.",
            },
        },
        "required": ["runs"],
        "additionalProperties": false,
    })
}
