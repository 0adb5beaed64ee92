//! TC10xx: AWS accounts: sign-in, requests, the artifact bucket, layers.

super::codes! {
    NO_PROFILE = "TC1001", Error, "an AWS profile that does not exist";
    NO_CREDENTIALS = "TC1002", Error, "no credentials for AWS";
    SIGNED_OUT = "TC1003", Error, "a sign-in that has expired";
    BAD_CREDENTIALS = "TC1004", Error, "credentials that AWS does not accept";
    WRONG_ACCOUNT = "TC1005", Error, "credentials of another account";
    NO_REGION = "TC1006", Error, "an environment without a region";
    BAD_CONFIGURATION = "TC1007", Error, "an AWS configuration that cannot be used";
    WRONG_REGION = "TC1008", Error, "an AWS profile for another region";
    ACCESS_DENIED = "TC1010", Error, "an action that the credentials do not allow";
    UNREACHABLE = "TC1011", Error, "an address that cannot be reached";
    THROTTLED = "TC1012", Error, "more requests than AWS takes";
    REFUSED = "TC1013", Error, "a request that AWS refused";
    FOREIGN_BUCKET = "TC1020", Error, "an artifact bucket that cannot be used";
    STACK_FAILED = "TC1021", Error, "a stack of tc's own that could not be made";
    UPLOAD_FAILED = "TC1022", Error, "a file that cannot be uploaded";
    LAYER_REFUSED = "TC1030", Error, "a layer that Lambda does not take";
}
