//! TC098x: assets: models and dependencies on a function's file system.

super::codes! {
    NO_SOURCE = "TC0980", Error, "an asset that nothing provides";
    UNSTORABLE = "TC0981", Error, "something that cannot stand on the file system";
    CHANGED_MEANWHILE = "TC0982", Error, "files that changed while they were published";
    PATH_TAKEN = "TC0983", Error, "a path on the file system that is taken";
    NO_NETWORK = "TC0984", Error, "a file system whose network is not known";
    COPY_FAILED = "TC0985", Error, "a copy to the file system that failed";
    UNREACHABLE = "TC0986", Error, "a file system or bucket that the helper cannot reach";
    NOTHING_TO_PUBLISH = "TC0987", Error, "a function without the asset that is to be published";
}
