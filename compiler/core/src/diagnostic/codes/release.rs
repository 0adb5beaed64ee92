//! TC14xx: versions, changelogs and releases.

super::codes! {
    NO_REPOSITORY = "TC1401", Error, "a project that is in no git repository";
    SHALLOW_CLONE = "TC1402", Error, "a clone whose history is cut off";
    UNKNOWN_VERSION = "TC1403", Error, "a version that does not exist";
    GIT_FAILED = "TC1404", Error, "git cannot do what it is asked for";
    UNKNOWN_SERVICE = "TC1405", Error, "a service that no topology is called";
    AMBIGUOUS_SERVICE = "TC1406", Error, "a service that several topologies are called";
    UNREADABLE_VERSION = "TC1407", Error, "a version whose topology cannot be read";
    UNCOMMITTED = "TC1410", Error, "a release of what is not committed";
    UNPUBLISHED = "TC1411", Error, "a release of a commit that is not pushed or merged";
    VERSION_TAKEN = "TC1412", Error, "a version that another commit has taken";
    DAMAGED_BUNDLE = "TC1413", Error, "a release that is not what its manifest says";
    NO_BUNDLE = "TC1414", Error, "a version that was not released by tc";
    NOT_REPRODUCED = "TC1415", Error, "a version that compiles to something else than was released";
}
