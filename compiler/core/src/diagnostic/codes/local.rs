//! TC120x: the local AWS.

super::codes! {
    NO_PYTHON = "TC1201", Error, "no Python for the local AWS";
    NOT_INSTALLED = "TC1202", Error, "a local AWS that cannot be installed";
    PORT_TAKEN = "TC1203", Error, "a port that something else has";
    NOT_STARTED = "TC1204", Error, "a local AWS that does not start";
    NOT_STOPPED = "TC1205", Error, "a local AWS that cannot be stopped";
}
