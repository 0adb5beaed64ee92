//! TC11xx: deploying: linking, change sets, stacks.

super::codes! {
    UNRESOLVED_IMPORT = "TC1101", Error, "an import that is not to be found";
    NO_SANDBOX = "TC1102", Error, "a sandbox that is not there";
    CHANGE_SET_REFUSED = "TC1103", Error, "a change set that CloudFormation does not take";
    DEPLOYMENT_FAILED = "TC1104", Error, "a deployment that failed";
    STUCK_STACK = "TC1105", Error, "a stack that cannot be changed";
    FOREIGN_STACK = "TC1106", Error, "a stack of something else";
    NOT_CONFIRMED = "TC1107", Error, "a change that nobody confirmed";
    GATED_CHANGE = "TC1108", Error, "a change that `--fail-on` forbids";
    BAD_PLAN = "TC1109", Error, "a plan that cannot be written or read";
    OUTDATED_PLAN = "TC1110", Error, "a plan of something that has changed";
    UNKNOWN_COMPONENT = "TC1111", Error, "a component that is not there";
    STACK_IN_USE = "TC1112", Error, "a stack that somebody else is changing";
    DETACHED = "TC1113", Error, "a deployment that was left before its end";
    NOT_WATCHED = "TC1114", Error, "something that is not updated on each save";
    MOVED = "TC1115", Error, "a part of a sandbox that would go to another stack";
    NOT_MOVED = "TC1118", Error, "a part of a sandbox that cannot go to another stack";
}
