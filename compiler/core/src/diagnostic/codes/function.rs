//! TC05xx: functions.

super::codes! {
    UNKNOWN_RUNTIME = "TC0501", Error, "an unknown runtime";
    NO_RUNTIME = "TC0502", Error, "a runtime that cannot be inferred";
    DEPRECATED_RUNTIME = "TC0503", Warning, "a deprecated runtime";
    NO_HANDLER_FILE = "TC0504", Error, "a handler file that does not exist";
    NO_HANDLER_SYMBOL = "TC0505", Error, "a handler that its file does not define";
    RESERVED_VARIABLE = "TC0506", Error, "an environment variable that Lambda reserves";
    VARIABLE_NAME = "TC0507", Error, "an environment variable's name that Lambda refuses";
    ENVIRONMENT_SIZE = "TC0508", Error, "an environment over 4 KB";
    PLAIN_SECRET = "TC0509", Warning, "a secret in plain text";
    LAYER_COUNT = "TC0510", Error, "more than five layers";
    DUPLICATE_LAYER = "TC0511", Error, "a layer that is used twice";
    IMAGE_LAYERS = "TC0512", Error, "layers of a container image";
    SNAP_START = "TC0513", Error, "SnapStart with what it does not support";
    CONCURRENCY = "TC0514", Error, "more provisioned than reserved concurrency";
    UNUSED_FUNCTION = "TC0515", Warning, "a function that nothing invokes";
    EXCLUDED_RUNTIME = "TC0516", Warning, "a runtime that the function's own files exclude";
}
