//! TC00xx: reading files.

super::codes! {
    NO_TOPOLOGY = "TC0001", Error, "no topology.yml";
    UNREADABLE = "TC0002", Error, "a file cannot be read";
    NOT_UTF8 = "TC0003", Error, "a file is not UTF-8";
    SYNTAX = "TC0004", Error, "YAML or JSON syntax";
    DUPLICATE_KEY = "TC0005", Error, "a key stands twice in one mapping";
    KEY_NOT_STRING = "TC0006", Error, "a key that is not a string";
    TOO_DEEP = "TC0007", Error, "nested too deeply";
    TOO_LARGE = "TC0008", Error, "a file, or what its aliases expand to, is too large";
    MANY_DOCUMENTS = "TC0009", Error, "more than one YAML document in a file";
    UNSUPPORTED_YAML = "TC0010", Error, "a YAML feature that topologies do not use";
    OUTSIDE_PROJECT = "TC0011", Error, "a path leads out of the project";
}
