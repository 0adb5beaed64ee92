//! TC13xx: what is written for a start.

super::codes! {
    UNSUITABLE_NAME = "TC1301", Error, "a name that a topology or function cannot have";
    ALREADY_THERE = "TC1302", Error, "a place where something stands";
    SCAFFOLD_NOT_WRITTEN = "TC1303", Error, "a start that cannot be written";
    UNKNOWN_LANGUAGE = "TC1304", Error, "a language that there is no start for";
}
