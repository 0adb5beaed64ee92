//! What the test suites share.

#![allow(clippy::expect_used, clippy::panic, reason = "what tests share may fail like a test")]

pub mod binary;
pub mod cloudformation;
pub mod compilers;
pub mod compose;
pub mod document;
pub mod elf;
pub mod emulator;
pub mod explanation;
pub mod fuzz;
pub mod generate;
pub mod golden;
pub mod interceptor;
pub mod judges;
pub mod layer;
pub mod npm_registry;
pub mod project;
pub mod releases;
pub mod repository;
pub mod ruby;
pub mod sandbox;
pub mod terminal;
pub mod tree;
pub mod uv;
pub mod wheel;
pub mod wheels;
