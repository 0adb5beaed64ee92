//! TC09xx: dependencies. TC090x speak of any language; see [`super`] for the other ranges.

super::codes! {
    TOOL_ABSENT = "TC0900", Error, "a program that is needed to install dependencies is absent";
    TOOL_FAILED = "TC0901", Error, "a program that failed while it installed dependencies";
    UNREACHABLE = "TC0902", Error, "a registry or repository that cannot be reached";
    ACCESS_REFUSED = "TC0903", Error, "a registry or repository that refuses access";
    NO_ROOM = "TC0904", Error, "no room on the disk for dependencies";
    UNUSABLE_LIST = "TC0905", Error, "a list of dependencies that cannot be taken";
    NOT_FOUND = "TC0906", Error, "a dependency that is not to be found";
    CONFLICT = "TC0907", Error, "dependencies that exclude each other";
    STALE_LOCK = "TC0908", Error, "a lock that does not fit its list of dependencies";
    WRONG_HASH = "TC0909", Error, "a download that is not what the list says";
    NO_WHEEL = "TC0910", Error, "a Python dependency without a wheel for the function's runtime";
    GAVE_WAY = "TC0911", Note, "a Python dependency that gives way to an older version with a wheel";
    OVERRIDDEN = "TC0912", Note, "a conflict that was solved by an override";
    BUILT_HERE = "TC0913", Error, "a Python dependency with compiled code that was built for this machine";
    WRONG_PYTHON = "TC0914", Error, "a list of dependencies that excludes the function's Python";
    SLIMMED = "TC0915", Note, "what `--slim` left out";
    NOT_STRIPPED = "TC0916", Warning, "symbols that `--slim` could not leave out";
    SOURCE_FAILED = "TC0917", Error, "a Python dependency from git or a path that cannot be built";
    OLD_UV = "TC0918", Note, "a uv that is too old to be used";
    MOVING = "TC0919", Note, "a Python dependency that follows a branch";
    LOCK_ABSENT = "TC0930", Warning, "dependencies that are not locked";
    FOREIGN_LOCK = "TC0931", Error, "a lock of a package manager that tc does not install with";
    LOCAL_ABSENT = "TC0932", Error, "a dependency on a directory that cannot be taken";
    SCRIPT_NOT_RUN = "TC0933", Warning, "an install script that was not run";
    WRONG_NODE = "TC0934", Warning, "a package for another Node than the function's";
    WRONG_RUBY = "TC0935", Error, "a gem or Gemfile for another Ruby than the function's";
    WRONG_PLATFORM = "TC0936", Error, "a dependency or lock that is not for Lambda's machines";
    EXTENSION = "TC0937", Error, "a gem with an extension that cannot be compiled here";
    BUILTIN_GEM = "TC0938", Note, "a gem that is left to the runtime";
    COMMAND_FAILED = "TC0939", Error, "a command of `build` that failed";
    TARGET_ABSENT = "TC0940", Error, "a compilation target that is not installed";
    NOT_COMPILED = "TC0941", Error, "a function that does not compile";
    NO_PROGRAM = "TC0942", Error, "a crate or module that does not make the one program to run";
    WRONG_MACHINE = "TC0950", Error, "a native library for another machine";
    NEWER_LIBC = "TC0951", Error, "a native library that needs a newer C or C++ library";
    MISSING_LIBRARY = "TC0952", Error, "a shared library that is neither in the layer nor in the runtime's image";
    UNSURE_LIBRARY = "TC0953", Warning, "a shared library that may not be in the runtime's image";
    LIBRARY_TAKEN = "TC0954", Note, "a shared library that was taken into the layer";
    NO_LIBRARIES = "TC0955", Error, "a directory of shared libraries that cannot be read";
    MALFORMED_LIBRARY = "TC0956", Warning, "a native library that cannot be read";
    MERGE_CONFLICT = "TC0957", Error, "two files for one place in a layer";
    UNMERGEABLE = "TC0958", Error, "something in `lib/` or `vendor/` that cannot be merged into a layer";
}
