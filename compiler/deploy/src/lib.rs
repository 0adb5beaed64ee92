//! What touches an AWS account. The only crate that knows the AWS SDK.
//!
//! ```text
//! environment  where a command works: what tc.yml or an AWS profile says
//! profiles     the AWS profiles of this machine
//! connection   an environment's clients, signed in and checked
//! sign_in      signing in by SSO
//! failure      what a failed request comes to, as a finding
//! stack        stacks of tc's own, such as the one of the artifact bucket
//! bucket       the artifact bucket of an environment, made on first use
//! upload       a file by its digest: skipped where it is there, resumed where it was cut off
//! layers       layers published, shared and listed
//! assets       trees of files on the environment's file system
//! code         the code that functions have, beside the code that they are to have
//! link         what only an account knows, for the parameters of a template
//! standing     sandboxes as they stand in an account
//! nested       the stacks that are nested in theirs
//! operation    what is under way with a stack, and whose it is
//! release      what was released, in the artifact bucket
//! ready        a sandbox waited for, cleared away or brought back
//! change_set   a change set: made, read, executed or discarded
//! refactor     resources that go from stack to stack
//! interruption Ctrl-C, where nothing is under way
//! follow       what becomes of a stack, event by event
//! deployed     the manifest of what was deployed last
//! drift        what was changed in them by other hands
//! run          what was deployed is started
//! logs         what functions log
//! local        an AWS on this machine
//! ```
//!
//! Whatever a command is about, it begins with [`Environment::find`] and [`Connection::open`]. Functions here block until
//! they are done; a [`Connection`] may be used by several threads at once.

pub mod assets;
pub mod bucket;
pub mod change_set;
pub mod code;
pub mod connection;
pub mod deployed;
pub mod drift;
pub mod environment;
mod failure;
pub mod follow;
pub mod interruption;
pub mod layers;
pub mod link;
pub mod local;
pub mod logs;
mod nested;
pub mod operation;
pub mod profiles;
pub mod ready;
pub mod refactor;
pub mod release;
pub mod run;
pub mod sign_in;
mod stack;
pub mod standing;
pub mod upload;

pub use connection::Connection;
pub use environment::Environment;
