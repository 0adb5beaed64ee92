//! TC02xx: the state machine.

super::codes! {
    MISSING_TARGET = "TC0202", Error, "a transition to a state that does not exist";
    UNREACHABLE_STATE = "TC0203", Error, "a state that cannot be reached";
    ENDLESS = "TC0204", Error, "states from which no end can be reached";
    FIELD_TYPE = "TC0206", Error, "a value of the wrong type in a flow";
    CROSSING_TRANSITION = "TC0209", Error, "a transition into or out of a Map or Parallel state";
    STATE_NAME = "TC0210", Error, "a state name that AWS refuses";
    DUPLICATE_STATE = "TC0211", Error, "two states of one name";
}
