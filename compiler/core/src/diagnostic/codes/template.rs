//! TC06xx: the template.

super::codes! {
    DUPLICATE_LOGICAL_ID = "TC0601", Error, "two entities with one logical id";
    PHYSICAL_NAME = "TC0610", Error, "a name that AWS refuses";
    TEMPLATE_LIMIT = "TC0611", Error, "a template over a limit of CloudFormation";
    EMPTY_TEMPLATE = "TC0612", Error, "a topology with nothing to deploy";
    UNKNOWN_RESOURCE_TYPE = "TC0620", Error, "a resource type tc knows nothing of";
    UNKNOWN_PROPERTY = "TC0621", Error, "a property the resource type does not have";
    MISSING_PROPERTY = "TC0622", Error, "a property the resource type needs";
    PROPERTY_TYPE = "TC0623", Error, "a property of the wrong type";
    PROPERTY_VALUE = "TC0624", Error, "a property outside of what AWS allows";
    PROPERTY_COMBINATION = "TC0625", Error, "properties that do not go together";
    DANGLING_REFERENCE = "TC0626", Error, "a reference to a resource or parameter that does not exist";
    UNKNOWN_ATTRIBUTE = "TC0627", Error, "an attribute the resource type does not give";
    WRONG_REFERENCE = "TC0628", Error, "a reference to the wrong attribute";
    RESOURCE_CYCLE = "TC0629", Error, "resources that need each other";
    UNUSED_PARAMETER = "TC0630", Warning, "a parameter that nothing refers to";
    NAME_CUT = "TC0631", Note, "a name that was cut to AWS's limit";
    POLICY_TOO_LARGE = "TC0632", Warning, "a role with more statements than IAM takes";
    UNGRANTED_TASK = "TC0633", Warning, "a task whose rights cannot be read off the flow";
    OUTPUTS_LEFT_OUT = "TC0634", Note, "names of functions or queues that are no outputs";
    BAD_LOCK = "TC0640", Error, "a topology.lock that cannot be read";
    TOO_LARGE_FOR_STACK = "TC0641", Error, "an entity too large for any stack";
    MISPLACED = "TC0642", Error, "a part of the topology in a stack where it cannot be";
    PERHAPS_RENAMED = "TC0643", Warning, "an entity that may have been renamed";
}
