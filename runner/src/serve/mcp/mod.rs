//! The actions as tools of the Model Context Protocol: over HTTP at `/mcp`, and over stdin and
//! stdout.
//!
//! The protocol is that of the crate `rmcp`, in its revisions with a handshake and in the stateless
//! one of 2026-07-28. A request over HTTP is complete by itself: it has the key of its tenant, and
//! any process of a server can answer it.
//!
//! - `party`: who calls
//! - `tools`: the tools, and `schemas`: what they take and return
//! - `arguments`: what a call of a tool asks for
//! - `calls`: the runs behind the calls
//! - `confirmation`: asking a person before a change
//! - `progress`: telling the client how far a run is
//! - `outcome`: results and errors, as a client gets them
//! - `resources`: lists of choices for arguments
//! - `http`, [`stdio`]: the transports

mod arguments;
mod calls;
mod confirmation;
pub(super) mod http;
mod outcome;
mod party;
mod progress;
mod resources;
mod schemas;
pub mod stdio;
mod tools;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rmcp::ErrorData;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CancelledNotificationParam, CustomRequest,
    CustomResult, ErrorCode, Implementation, ListResourcesResult, ListToolsResult,
    PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, RequestId,
    ServerCapabilities, ServerConfig,
};
use rmcp::service::{NotificationContext, RequestContext, RoleServer};

use super::idempotency::IdempotencyKey;
use super::service::Service;
use crate::platform::RunHandle;
use crate::values::problem::nearest;
use confirmation::Questions;
use party::Party;

/// What a client tells its model about the server.
const INSTRUCTIONS: &str = "Actions on users and licences of a Microsoft 365 tenant. Before a change, call the tool with plan: true, which shows what would change and changes nothing. An error says what to do (fix), who can do it (who), and whether the same call is safe to repeat (retrySafe). A repeated call with the same arguments returns the first result; a new idempotencyKey makes it run again.";

/// The tools for one client, or for one request.
#[derive(Clone)]
pub(super) struct Face {
    service: Service,
    /// Who calls; `None` where each request says so.
    party: Option<Party>,
    /// Whether a person confirms each change.
    confirms: bool,
    /// The changes that were confirmed and made, by their keys, and when.
    made: Arc<Mutex<HashMap<IdempotencyKey, Instant>>>,
    /// The questions that the client will answer.
    questions: Arc<Questions>,
    /// The runs that the client can cancel.
    running: Arc<Mutex<HashMap<RequestId, RunHandle>>>,
}

impl Face {
    fn new(service: Service, party: Option<Party>, confirms: bool) -> Self {
        Self {
            service,
            party,
            confirms,
            made: Arc::default(),
            questions: Arc::default(),
            running: Arc::default(),
        }
    }

    /// Returns who calls.
    fn party(&self, context: &RequestContext<RoleServer>) -> Result<Party, ErrorData> {
        let party = self.party.clone().or_else(|| Party::of(&context.extensions));
        party.ok_or_else(|| ErrorData::internal_error("the caller is not known", None))
    }

    fn running(&self) -> MutexGuard<'_, HashMap<RequestId, RunHandle>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the error for a tool that does not exist.
    fn no_such_tool(&self, name: &str, party: &Party) -> ErrorData {
        let (documents, tenant) = (self.service.0.documents.load(), party.tenant(&self.service));
        let known = documents.actions().map(|action| action.name);
        let known = known.filter(|name| tenant.as_ref().is_some_and(|it| it.may_run(name)));
        let hint = nearest(name, known).map(|it| format!("; did you mean {it}?"));
        let message = format!("there is no tool {name:?}{}", hint.unwrap_or_default());
        ErrorData::invalid_params(message, None)
    }
}

impl ServerHandler for Face {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_resources().build();
        let server = Implementation::new("o365", env!("CARGO_PKG_VERSION"))
            .with_title("Office 365 connector");
        ServerConfig::new(capabilities).with_server_info(server).with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        // One page: some clients read no other.
        let tools = tools::of(&self.service, &self.party(&context)?);
        tools.map(ListToolsResult::with_all_items).map_err(|error| {
            ErrorData::internal_error(format!("the component has no schema: {error}"), None)
        })
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let party = self.party(&context)?;
        if self.service.0.documents.load().action(&request.name).is_none() {
            return Err(self.no_such_tool(&request.name, &party));
        }
        Ok(self.call(&party, request, &context).await)
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let party = self.party(&context)?;
        Ok(ListResourcesResult::with_all_items(resources::of(&self.service, &party)))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        self.read(&self.party(&context)?, request.uri).await.map(Into::into)
    }

    /// Refuses what is no request of the protocol, such as arguments that are not an object.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        let method = request.method;
        match method.as_str() {
            "tools/call" => Err(ErrorData::invalid_params(
                "the parameters are not a name, which is a string, and arguments, which are an object",
                None,
            )),
            "resources/read" => {
                Err(ErrorData::invalid_params("the parameters are not a uri", None))
            }
            _ => Err(ErrorData::new(
                ErrorCode::METHOD_NOT_FOUND,
                format!("there is no method {method}"),
                None,
            )),
        }
    }

    /// Cancels a run before its next write. A client that only disconnects cancels nothing.
    async fn on_cancelled(
        &self,
        notification: CancelledNotificationParam,
        _: NotificationContext<RoleServer>,
    ) {
        let Some(id) = notification.request_id else { return };
        if let Some(handle) = self.running().get(&id) {
            handle.cancel();
        }
    }
}
