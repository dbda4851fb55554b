//! The connection to NATS, and what must exist there.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::context::CreateStreamErrorKind;
use async_nats::jetstream::{self, Context, kv, object_store, stream};
use async_nats::{ConnectOptions, Event};
use bytes::Bytes;

use super::options::Options;
use super::{Connected, JetStream, REQUEST_TIME};
use crate::store::{Expected, Group, Key, Store, StoreError};

/// The version of what this program stores.
const VERSION: u32 = 1;

/// The bucket of the entries.
const BUCKET: &str = "o365";

/// The stream of journals, and the subjects in it.
const JOURNALS: &str = "o365-journals";
const JOURNAL_SUBJECTS: &str = "o365.journals.*";

/// The bucket of components.
const COMPONENTS: &str = "o365-components";

/// The time for which the server tells that an entry has been removed.
const MARKERS: Duration = Duration::from_secs(60);

impl JetStream {
    /// Connects to a store. What it needs on the server is created if it does not exist.
    ///
    /// # Errors
    /// Fails when the server cannot be reached, refuses the user, has no JetStream, or has what a
    /// newer version of this program has stored.
    pub async fn open(options: &Options) -> Result<Self, StoreError> {
        let place: Arc<str> = options.place().into();
        let failed = |reason: String| StoreError::Unavailable { place: Arc::clone(&place), reason };
        let client = connect(options).await.map_err(failed)?;
        let mut context = jetstream::new(client.clone());
        context.set_timeout(REQUEST_TIME);
        let bucket = bucket(&context, options.replicas).await.map_err(failed)?;
        let journals = journals(&context, options.replicas).await.map_err(failed)?;
        let components = components(&context, options.replicas).await.map_err(failed)?;
        let connected = Connected { place, client, context, bucket, journals, components };
        let store = Self(Arc::new(connected));
        store.check_version().await?;
        Ok(store)
    }

    /// Refuses the store of a newer version, and writes the version of a new one.
    async fn check_version(&self) -> Result<(), StoreError> {
        let key = Key::new(Group::About, &["version"]);
        let version = Bytes::from(VERSION.to_string());
        if self.put(&key, version.clone(), Expected::Absent, None).await?.is_some() {
            return Ok(());
        }
        let found = self.get(&key).await?.map(|entry| entry.value).unwrap_or_default();
        if found == version {
            return Ok(());
        }
        let found = String::from_utf8_lossy(&found).into_owned();
        Err(StoreError::Version { place: Arc::clone(&self.0.place), found, known: VERSION })
    }
}

async fn connect(options: &Options) -> Result<async_nats::Client, String> {
    let mut connect = ConnectOptions::new()
        .name("o365")
        .connection_timeout(REQUEST_TIME)
        .request_timeout(Some(REQUEST_TIME))
        .reconnect_delay_callback(|attempt| match attempt {
            0 | 1 => Duration::ZERO,
            _ => Duration::from_millis(250),
        })
        .event_callback(|event| async move { log(&event) });
    if let Some(path) = &options.authorities {
        connect = connect.add_root_certificates(path.clone());
    }
    if let Some(path) = &options.credentials {
        let read = connect.credentials_file(path).await;
        connect = read.map_err(|error| {
            format!("the credentials {} cannot be read: {error}", path.display())
        })?;
    }
    connect.connect(options.servers.as_slice()).await.map_err(|error| error.to_string())
}

fn log(event: &Event) {
    match event {
        Event::Connected => tracing::info!("the store is connected"),
        Event::Disconnected => tracing::warn!("the store is disconnected"),
        event => tracing::warn!(%event, "the store"),
    }
}

async fn bucket(context: &Context, replicas: usize) -> Result<kv::Store, String> {
    let config = kv::Config {
        bucket: BUCKET.to_owned(),
        description: "What the processes of o365 serve share".to_owned(),
        history: 1,
        num_replicas: replicas,
        limit_markers: Some(MARKERS),
        ..Default::default()
    };
    // It exists, perhaps with settings of the operator.
    if let Ok(bucket) = context.get_key_value(BUCKET).await {
        return Ok(bucket);
    }
    context.create_key_value(config).await.map_err(|error| sources(&error))
}

async fn journals(context: &Context, replicas: usize) -> Result<stream::Stream, String> {
    let config = stream::Config {
        name: JOURNALS.to_owned(),
        description: Some("The journals of the runs of o365 serve".to_owned()),
        subjects: vec![JOURNAL_SUBJECTS.to_owned()],
        num_replicas: replicas,
        discard: stream::DiscardPolicy::New,
        allow_direct: true,
        allow_message_ttl: true,
        ..Default::default()
    };
    match context.create_stream(config).await {
        Ok(stream) => Ok(stream),
        Err(error) if is_other_config(&error.kind()) => {
            context.get_stream(JOURNALS).await.map_err(|error| sources(&error))
        }
        Err(error) => Err(sources(&error)),
    }
}

async fn components(
    context: &Context,
    replicas: usize,
) -> Result<object_store::ObjectStore, String> {
    if let Ok(components) = context.get_object_store(COMPONENTS).await {
        return Ok(components);
    }
    let config = object_store::Config {
        bucket: COMPONENTS.to_owned(),
        description: Some("The components that runs of o365 serve need".to_owned()),
        num_replicas: replicas,
        ..Default::default()
    };
    context.create_object_store(config).await.map_err(|error| sources(&error))
}

/// Returns whether a stream exists with other settings, such as those of the operator.
fn is_other_config(kind: &CreateStreamErrorKind) -> bool {
    /// `JSStreamNameExistErr`.
    const NAME_EXISTS: u64 = 10058;

    matches!(kind, CreateStreamErrorKind::JetStream(error) if error.error_code().0 == NAME_EXISTS)
}

/// Returns an error with its sources.
fn sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let reason = error.to_string();
        if !text.contains(&reason) {
            text = format!("{text}: {reason}");
        }
        source = error.source();
    }
    text
}
