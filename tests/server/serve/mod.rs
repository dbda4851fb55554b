//! `o365 serve` as its users have it: the real binary, over HTTP.
//!
//! - `keys`: what each caller sees, and that nobody else sees anything
//! - `input`: calls that are wrong before anything runs
//! - `repeats`: `Idempotency-Key`, also after a crash
//! - `busy`: a tenant at its limit, and the others beside it
//! - `callers`: what a caller is told of the operator's failures
//! - `clients`: whose request it is, also behind a proxy, and how many connections one address has
//! - `metrics`: the metrics, as scrapers ask for them
//! - `forms`: large responses, compressed and as lines
//! - `starting`: what a server needs, and what it says where that is missing
//! - `stopping`: the end, soft and hard
//! - `reload`: another configuration, another file of the audit log
//! - `tls`: a certificate, and addresses that ask for one
//! - `hostile`: clients that no library would be
//! - `http2`: HTTP/2, many requests at once and floods of frames
//! - `unattended`: runs that nobody waits for
//! - `unended`: the commands about runs that have not ended
//! - `killed`: kills under load, and the audit log
//! - `schemathesis`: the OpenAPI document against the server, by another's tool
//! - `explorer`: the page in a browser
//! - `server`: the binary, in a place of its own
//! - `client`: requests, byte by byte
//! - `gate`: a wire to Graph on which answers can be held back

mod busy;
mod callers;
pub mod client;
mod clients;
mod explorer;
mod forms;
pub mod gate;
mod hostile;
mod http2;
mod input;
pub mod journals;
mod keys;
pub mod killed;
mod metrics;
pub mod reload;
mod repeats;
mod resumed;
mod schemathesis;
pub mod server;
mod starting;
mod stopping;
mod tls;
mod unattended;
mod unended;
