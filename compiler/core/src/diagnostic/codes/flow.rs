//! TC02xx: the state machine.

super::codes! {
    UNKNOWN_FIELD = "TC0201", Error, "a field that this part of a flow does not have";
    MISSING_TARGET = "TC0202", Error, "a transition to a state that does not exist";
    UNREACHABLE_STATE = "TC0203", Error, "a state that cannot be reached";
    ENDLESS = "TC0204", Error, "states from which no end can be reached";
    MISSING_FIELD = "TC0205", Error, "a field that is missing in a flow";
    FIELD_TYPE = "TC0206", Error, "a value of the wrong type in a flow";
    FIELD_VALUE = "TC0207", Error, "a value outside of what Step Functions takes";
    EXCLUSIVE_FIELDS = "TC0208", Error, "fields of a flow that exclude each other";
    CROSSING_TRANSITION = "TC0209", Error, "a transition into or out of a Map or Parallel state";
    STATE_NAME = "TC0210", Error, "a state name that AWS refuses";
    DUPLICATE_STATE = "TC0211", Error, "two states of one name";
    QUERY_LANGUAGE = "TC0212", Error, "JSONPath in a JSONata state, or the other way round";
    JSONPATH = "TC0213", Error, "a path that cannot be read";
    REFERENCE_PATH = "TC0214", Error, "a path where a single node is needed";
    JSONATA = "TC0215", Error, "a JSONata expression that cannot be read";
    JSONATA_REFERENCE = "TC0216", Error, "a JSONata expression that refers to what is not there";
    INTRINSIC = "TC0217", Error, "an intrinsic function that cannot be called so";
    TEMPLATE_KEY = "TC0218", Error, "a key with `.$` that cannot be filled";
    ERROR_NAMES = "TC0219", Error, "errors of Retry or Catch that AWS refuses";
    RESOURCE = "TC0220", Error, "a resource that a Task cannot run";
    EXPRESS = "TC0221", Error, "what an Express flow cannot do";
    DEFINITION_SIZE = "TC0222", Error, "a flow that is too large";
    VARIABLE_NAME = "TC0223", Error, "a variable that cannot be assigned";
    UNKNOWN_INTEGRATION = "TC0224", Warning, "an integration that tc does not know";
    SUBSTITUTION = "TC0225", Warning, "a substitution that nothing replaces";
    NO_EFFECT = "TC0226", Warning, "a field without an effect";
    LITERAL_EXPRESSION = "TC0227", Warning, "a path or expression that is passed as text";
    UNASSIGNED_VARIABLE = "TC0228", Warning, "a variable that no state assigns";
    UNKNOWN_ERROR_NAME = "TC0229", Warning, "an error that Step Functions does not report";
    MISSING_DATA = "TC0230", Warning, "a path into what no state before it has put there";
    NO_TOKEN = "TC0231", Warning, "a callback that does not get its token";
    OTHER_FLOW_TYPE = "TC0232", Error, "a flow of another type than the task can run";
}
