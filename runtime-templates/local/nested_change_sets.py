"""The change sets of nested stacks, which MiniStack does not know.

Where IncludeNestedStacks says so, a change set has a nested one for each nested stack that it adds or changes, and these
their own. Only the root one is executed or deleted, and what it was to make goes with it. What a nested stack that changes
hands on is not known before the change set is executed, so whatever refers to it in another one counts as changed.
"""

import copy
from html import escape

from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, engine, helpers, stacks

from nested import TYPE, adopted, described, is_error, name_of, stack_of, tell, wrap

# What a parameter is whose value is that of something that the change set changes.
UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"


def mend():
    """Puts these before MiniStack's handlers."""
    wrap("CreateChangeSet", create_change_set)
    wrap("DescribeChangeSet", describe_change_set)
    wrap("ExecuteChangeSet", execute_change_set)
    wrap("DeleteChangeSet", delete_change_set)


def create_change_set(theirs, params):
    """Makes the nested change sets of a change set that includes them."""
    answer = theirs(params)
    if is_error(answer) or helpers._p(params, "IncludeNestedStacks", "false").lower() != "true":
        return answer
    change_set = cloudformation._change_sets[text_of(answer, "Id")]
    change_set["IncludeNestedStacks"] = True
    stack = stack_of(change_set["StackId"])
    for change in change_set["Changes"]:
        change = change["ResourceChange"]
        if change["ResourceType"] == TYPE and change["Action"] != "Remove" and change_set["Status"] != "FAILED":
            nest(theirs, change_set, stack, change, params)
    return answer


def nest(theirs, change_set, stack, change, params):
    """Makes the nested change set of a change."""
    logical_id = change["LogicalResourceId"]
    is_new = change["Action"] == "Add"
    name = name_of(stack["StackName"], logical_id) if is_new else stack_of(change["PhysicalResourceId"])["StackName"]
    properties = resolved(change_set, stack, logical_id)
    request = {
        "StackName": [name],
        "ChangeSetName": [name_of(change_set["ChangeSetName"], logical_id)],
        "ChangeSetType": ["CREATE" if is_new else "UPDATE"],
        "TemplateURL": [properties.get("TemplateURL", "")],
        "IncludeNestedStacks": ["true"],
        **{key: value for key, value in params.items() if key.startswith("Capabilities")},
    }
    for number, (key, value) in enumerate((properties.get("Parameters") or {}).items(), 1):
        request[f"Parameters.member.{number}.ParameterKey"] = [key]
        request[f"Parameters.member.{number}.ParameterValue"] = [str(value)]
    answer = create_change_set(theirs, request)
    if is_error(answer):
        nested = refused(change_set, name, text_of(answer, "Message"))
    else:
        nested = cloudformation._change_sets[text_of(answer, "Id")]
        adopted(stack_of(nested["StackId"]), stack, logical_id)
        # A nested stack of which nothing changes is no failure.
        if nested["Status"] == "FAILED" and not nested["Changes"] and "didn't contain changes" in nested["StatusReason"]:
            nested.update(Status="CREATE_COMPLETE", StatusReason="")
    nested["ExecutionStatus"] = "UNAVAILABLE"
    nested["ParentChangeSetId"] = change_set["ChangeSetId"]
    nested["_logical_id"] = logical_id
    change["ChangeSetId"] = nested["ChangeSetId"]
    if nested["Status"] == "FAILED":
        reason = f"Nested change set {nested['ChangeSetId']} was not successfully created: Currently in FAILED."
        change_set.update(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=reason)


def refused(change_set, name, reason):
    """A nested change set that cannot be made."""
    id = f"arn:aws:cloudformation:{get_region()}:{get_account_id()}:changeSet/{name}/{new_uuid()}"
    kept = {"ChangeSetId": id, "ChangeSetName": name, "StackName": name, "Changes": [], "Parameters": []}
    nested = {**change_set, **kept, "Status": "FAILED", "StatusReason": reason}
    cloudformation._change_sets[id] = nested
    return nested


def resolved(change_set, stack, logical_id):
    """The properties of a nested stack so far as they are known before the change set is executed."""
    template, values = change_set["_template"], change_set["_resolved_params"]
    properties = copy.deepcopy(template["Resources"][logical_id].get("Properties", {}))
    changed = {change["ResourceChange"]["LogicalResourceId"] for change in change_set["Changes"]}
    parameters = properties.get("Parameters") or {}
    for name, value in parameters.items():
        if any(entity in changed and attribute for entity, attribute in stacks._intrinsic_references(value)):
            parameters[name] = UNKNOWN
    return engine._resolve_refs(
        properties,
        stack.get("_resources", {}),
        values,
        engine._evaluate_conditions(template, values),
        template.get("Mappings", {}),
        stack["StackName"],
        stack["StackId"],
    )


def text_of(answer, tag):
    return answer[2].decode().split(f"<{tag}>")[1].split("<")[0]


def nested_change_sets(change_set):
    """The change sets below one, the nearest first."""
    found = []
    for one in list(cloudformation._change_sets.values()):
        if one.get("ParentChangeSetId") == change_set["ChangeSetId"]:
            found += [one, *nested_change_sets(one)]
    return found


def root_of(change_set):
    while parent := change_set.get("ParentChangeSetId"):
        change_set = cloudformation._change_sets.get(parent) or {"ChangeSetId": parent}
    return change_set["ChangeSetId"]


def found(params):
    return changesets._find_change_set(helpers._p(params, "ChangeSetName"), helpers._p(params, "StackName"))[1]


def describe_change_set(theirs, params):
    """Names the nested change sets, and those above."""
    change_set = found(params)

    def named(text):
        for change in change_set["Changes"]:
            change = change["ResourceChange"]
            if "ChangeSetId" in change:
                own = f"<LogicalResourceId>{escape(change['LogicalResourceId'])}</LogicalResourceId>"
                text = text.replace(own, f"{own}<ChangeSetId>{change['ChangeSetId']}</ChangeSetId>")
        above = "<IncludeNestedStacks>true</IncludeNestedStacks>" if change_set.get("IncludeNestedStacks") else ""
        if parent := change_set.get("ParentChangeSetId"):
            root = f"<RootChangeSetId>{root_of(change_set)}</RootChangeSetId>"
            above += f"<ParentChangeSetId>{parent}</ParentChangeSetId>{root}"
        return text.replace("</DescribeChangeSetResult>", f"{above}</DescribeChangeSetResult>")

    answer = theirs(params)
    return answer if is_error(answer) else described(answer, named)


def only_root(change_set, what):
    """Refuses what is done with the root change set alone ("User Guide, Change sets for nested stacks"). The words are not
    AWS's."""
    if change_set and change_set.get("ParentChangeSetId"):
        return helpers._error("ValidationError", f"A nested change set is {what} by its root change set")
    return None


def execute_change_set(theirs, params):
    """Executes a root change set; with the others of its stack goes what they were to make."""
    change_set = found(params)
    if refusal := only_root(change_set, "executed"):
        return refusal
    answer = theirs(params)
    if not is_error(answer):
        for one in nested_change_sets(change_set):
            cloudformation._change_sets.pop(one["ChangeSetId"], None)
        kept = {change_set["ChangeSetId"], *cloudformation._change_sets}
        for one in list(cloudformation._change_sets.values()):
            if one.get("ParentChangeSetId") and root_of(one) not in kept:
                drop(one)
    return answer


def drop(change_set):
    """Removes a nested change set, and the stack that it was to make."""
    cloudformation._change_sets.pop(change_set["ChangeSetId"], None)
    stack = cloudformation._stacks.get(change_set["StackName"])
    if stack and "ParentId" in stack and stack["StackStatus"] == "REVIEW_IN_PROGRESS":
        tell(stack, "DELETE_COMPLETE")


def delete_change_set(theirs, params):
    """Deletes the change sets below a root one as well."""
    change_set = found(params)
    if refusal := only_root(change_set, "deleted"):
        return refusal
    below = nested_change_sets(change_set) if change_set else []
    answer = theirs(params)
    if not is_error(answer):
        for one in below:
            drop(one)
    return answer
