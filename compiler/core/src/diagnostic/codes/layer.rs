//! TC096x and TC097x: sizes, splitting and the cache of layers.

super::codes! {
    TOO_LARGE = "TC0960", Error, "dependencies that are too large for Lambda";
    TOO_MANY_CHUNKS = "TC0961", Error, "dependencies that do not fit into three layers";
    FILE_TOO_LARGE = "TC0962", Error, "a file that is too large for a layer";
    NOT_LAYERABLE = "TC0963", Error, "something that cannot stand in a layer";
    LAYER_NAME = "TC0964", Error, "a layer's name that is too long or taken";
    LAYER_COUNT = "TC0965", Error, "a layer in so many chunks that its function has too many layers";
    UNUSED_LAYER = "TC0966", Warning, "a layer that its function does not use";
    EMPTY_LAYER = "TC0967", Warning, "a list of dependencies that comes to nothing";
    DEPENDENCIES_ELSEWHERE = "TC0968", Note, "dependencies that are not built as a layer";
    CACHE_DAMAGED = "TC0970", Note, "a layer in the cache that was damaged";
    LAYER_NOT_WRITTEN = "TC0971", Error, "a layer that cannot be written";
    CHANGED_MEANWHILE = "TC0972", Warning, "dependencies that changed while they were built";
    MANIFEST_DAMAGED = "TC0973", Note, "a manifest of layers that cannot be read";
    LIBRARY_CHANGED = "TC0974", Note, "a library of this machine that has changed since a layer took it";
}
