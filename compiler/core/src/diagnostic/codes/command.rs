//! TC08xx: the command line and the project file.

super::codes! {
    UNKNOWN_ENVIRONMENT = "TC0801", Warning, "an environment that tc.yml does not name";
}
