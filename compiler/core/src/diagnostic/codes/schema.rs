//! TC01xx: schemas, placeholders, names and references.

super::codes! {
    UNKNOWN_KEY = "TC0101", Error, "unknown key";
    MISSING_KEY = "TC0102", Error, "missing key";
    WRONG_TYPE = "TC0103", Error, "a value of the wrong type";
    WRONG_VALUE = "TC0104", Error, "a value outside of what is allowed";
    UNKNOWN_PLACEHOLDER = "TC0105", Error, "unknown placeholder";
    SYMBOL_NOT_ALLOWED = "TC0106", Error, "a value that must be known when compiling depends on the account or region";
    UNKNOWN_FUNCTION = "TC0107", Error, "a function that does not exist";
    UNKNOWN_REFERENCE = "TC0108", Error, "a name that does not exist";
    TWO_TARGETS = "TC0109", Error, "more than one target";
    NO_TARGET = "TC0110", Error, "nothing to invoke";
    EXCLUSIVE_KEYS = "TC0111", Error, "keys that exclude each other";
    DUPLICATE_FUNCTION = "TC0112", Error, "two functions of one name";
    ORPHAN_FILE = "TC0113", Warning, "a vars or roles file of no function";
    NOT_FETCHED = "TC0114", Error, "a function of another repository that has not been fetched";
    DUPLICATE_TOPOLOGY = "TC0115", Error, "two topologies of one name";
    TOPOLOGY_CYCLE = "TC0116", Error, "topologies that start each other";
}
