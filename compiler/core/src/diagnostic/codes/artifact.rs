//! TC07xx: code artifacts.

super::codes! {
    EMPTY = "TC0701", Error, "a function without code";
    TOO_LARGE = "TC0702", Error, "code that is too large for Lambda";
    NOT_PACKABLE = "TC0703", Error, "a file that cannot be packed";
    NO_HANDLER = "TC0704", Error, "a zip without the handler";
    NOT_BUILT = "TC0705", Error, "a function that has to be built first";
    WRONG_PROCESSOR = "TC0706", Error, "a program for another processor";
    NO_MATCH = "TC0707", Error, "a build command that names a file which is not there";
    DIRECTORY_SKIPPED = "TC0708", Warning, "a directory that is zipped without what is in it";
    BUILD_FAILED = "TC0709", Error, "a build command that failed";
    UNUSABLE_PRODUCT = "TC0710", Error, "a build command that made what cannot be packed";
    NOT_WRITTEN = "TC0711", Error, "an artifact that cannot be written";
}
