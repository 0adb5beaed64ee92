//! TC08xx: the command line and the project file.

super::codes! {
    UNKNOWN_ENVIRONMENT = "TC0801", Warning, "an environment that tc.yml does not name";
    NO_DIRECTORY = "TC0802", Error, "the topology's directory cannot be opened";
    OUTPUT_NOT_OURS = "TC0803", Error, "the output directory holds what tc did not write";
    OUTPUT_NOT_WRITTEN = "TC0804", Error, "the output cannot be written or read";
    OUT_OF_DATE = "TC0805", Error, "the committed output is not what the sources compile to";
    UNKNOWN_FUNCTION = "TC0806", Error, "a function that the topology does not have";
}
