"""How the local CloudFormation treats nested stacks, of which MiniStack does only a part.

MiniStack makes what a nested template says, and no more: a failure leaves behind what was made before it, what was changed
is not changed back, and a deletion has no events and cannot fail. Here a nested stack goes through the very steps that any
stack goes through, and what CloudFormation does above them is added:

    names     PARENT-LOGICALID-RANDOM, with ParentId and RootId
    failures  "Embedded stack ARN was not successfully created: ..." in the parent, the reason in the stack itself; the
              parent's undoing undoes the nested stacks too
    the rest  cancelling an update, and ContinueUpdateRollback with NESTEDSTACKNAME.LOGICALID, reach the nested stacks
"""

import asyncio
import copy
import random
import string
from html import escape

from ministack.core.responses import get_account_id, get_region, new_uuid, now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import engine, helpers, provisioners, stacks
from ministack.services.cloudformation import handlers as actions

TYPE = "AWS::CloudFormation::Stack"

# What an update puts back where it fails.
KEPT = ["_resources", "_template", "_template_body", "_resolved_params", "_conditions", "Parameters", "Tags", "Outputs"]

# The longest name of a stack, and how many random characters end that of a nested one.
LONGEST, RANDOM = 128, 13


def mend():
    """Replaces MiniStack's handlers of nested stacks, and the requests that concern them."""
    table = next(
        value for value in vars(provisioners).values() if isinstance(value, dict) and "create" in (value.get(TYPE) or {})
    )
    table[TYPE] = {
        "create": create,
        "update": update,
        "update_with_logical_id": True,
        "delete": delete,
    }
    delete_before_undoing()
    wrap("DescribeStacks", describe_stacks)
    wrap("CancelUpdateStack", cancel_update)
    wrap("ContinueUpdateRollback", continue_update_rollback)
    wait_before_deleting()


def wrap(action, handler):
    """Puts a handler before MiniStack's."""
    theirs = actions._ACTION_HANDLERS[action]
    actions._ACTION_HANDLERS[action] = lambda params: handler(theirs, params)


# The stacks


def stack_of(id_or_name):
    return actions._resolve_stack(id_or_name)


def children(stack):
    """The nested stacks of a stack, of all that were ever made."""
    return [one for one in list(cloudformation._stacks.values()) if one.get("ParentId") == stack["StackId"]]


def name_of(parent, logical_id):
    """A name for a nested stack, which is not given twice."""
    ending = "".join(random.choices(string.ascii_uppercase + string.digits, k=RANDOM))
    return f"{f'{parent}-{logical_id}'[:LONGEST - RANDOM - 1]}-{ending}"


def read(properties):
    """The template of a nested stack as text, and its parameters as a request has them."""
    body, error = helpers._resolve_template({"TemplateURL": [properties.get("TemplateURL", "")]})
    if error or not body:
        raise ValueError(f"S3 error: The specified key does not exist: {properties.get('TemplateURL')}")
    given = properties.get("Parameters") or {}
    return body, [{"Key": key, "Value": "" if value is None else str(value)} for key, value in given.items()]


def prepare(stack, properties):
    """Gives a stack what its properties say; its template and parameters."""
    body, given = read(properties)
    template = engine._parse_template(body)
    provisioners._check_nested_stack_capabilities(stack["_parent_stack_name"], template)
    values = engine._resolve_parameters(template, given)
    conditions = engine._evaluate_conditions(template, values)
    engine.validate_template_support(template, conditions, params=values)
    stack.update(
        Description=template.get("Description", ""),
        LastUpdatedTime=now_iso(),
        Parameters=[{"ParameterKey": k, "ParameterValue": v["Value"], "NoEcho": v["NoEcho"]} for k, v in values.items()],
        Tags=[{"Key": k, "Value": v} for k, v in provisioners._tag_map(properties.get("Tags")).items()],
        Capabilities=provisioners._inherited_capabilities(stack["_parent_stack_name"]),
        _template_body=body,
        _conditions=conditions,
    )
    return template, values


def tell(stack, status, reason=""):
    """Puts a stack into a state, with the event of that."""
    stack["StackStatus"], stack["StackStatusReason"] = status, reason
    stacks._add_event(stack["StackId"], stack["StackName"], stack["StackName"], TYPE, status, reason, stack["StackId"])


def announce(stack, status, reason=""):
    """Says in the parent's events which stack a resource is, as CloudFormation does once it has asked for it."""
    parent = stack_of(stack["ParentId"])
    stacks._add_event(
        parent["StackId"], parent["StackName"], stack["_logical_id"], TYPE, status, reason, stack["StackId"]
    )


def new_stack(parent, logical_id, name=None):
    """A nested stack that has nothing yet."""
    name = name or name_of(parent["StackName"], logical_id)
    stack = {
        "StackName": name,
        "StackId": f"arn:aws:cloudformation:{get_region()}:{get_account_id()}:stack/{name}/{new_uuid()}",
        "StackStatus": "CREATE_IN_PROGRESS",
        "StackStatusReason": "",
        "CreationTime": now_iso(),
        "Outputs": [],
        "DisableRollback": True,
        "_region": get_region(),
        "_resources": {},
        "_template": {},
        "_resolved_params": {},
    }
    cloudformation._stacks[name] = stack
    cloudformation._stack_events[stack["StackId"]] = []
    return adopted(stack, parent, logical_id)


def adopted(stack, parent, logical_id):
    """A stack as that of a resource of another one."""
    stack.update(
        ParentId=parent["StackId"],
        RootId=parent.get("RootId") or parent["StackId"],
        _logical_id=logical_id,
        _parent_stack_name=parent["StackName"],
    )
    return stack


def failed(stack, operation):
    """Which resources failed, in CloudFormation's words."""
    record = stack.get("_failed_operation") or {}
    logical_id = record.get("failed_logical_id")
    if not logical_id:
        return stack.get("StackStatusReason") or "Internal failure"
    is_new = operation == "create" or record.get("failed_update") is None
    return f"The following resource(s) failed to {'create' if is_new else 'update'}: [{logical_id}]. "


def attributes(stack):
    return {f"Outputs.{output['OutputKey']}": output["OutputValue"] for output in stack["Outputs"]}


def create(logical_id, properties, parent_name):
    """Makes a nested stack. One that fails is left to the parent's undoing."""
    parent = stack_of(parent_name)
    if parent.get("_is_to_be_deleted"):
        raise ValueError("Resource creation cancelled")
    waiting = [one for one in children(parent) if one["_logical_id"] == logical_id]
    waiting = [one for one in waiting if one["StackStatus"] == "REVIEW_IN_PROGRESS"]
    stack = waiting[0] if waiting else new_stack(parent, logical_id)
    stack["DisableRollback"] = True
    announce(stack, "CREATE_IN_PROGRESS", "Resource creation Initiated")
    tell(stack, "CREATE_IN_PROGRESS")
    reason = ""
    try:
        template, values = prepare(stack, properties)
        deploy(stack, template, values, True)
        if stack["StackStatus"] != "CREATE_COMPLETE":
            reason = failed(stack, "create")
            last_event(stack)["ResourceStatusReason"] = stack["StackStatusReason"] = reason
    except ValueError as error:
        reason = str(error)
        tell(stack, "CREATE_FAILED", reason)
    if reason:
        raise ValueError(f"Embedded stack {stack['StackId']} was not successfully created: {reason}")
    return stack["StackId"], attributes(stack)


def update(physical_id, old, new, parent_name, logical_id=None):
    """Changes a nested stack, which undoes the change itself where that fails. One that is so already is left alone."""
    stack = stack_of(physical_id)
    body, given = read(new)
    if stack["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
        raise ValueError(not_updated(stack, failed_to_undo(stack)))
    before = {one["ParameterKey"]: str(one["ParameterValue"]) for one in stack["Parameters"]}
    if body == stack["_template_body"] and {one["Key"]: one["Value"] for one in given}.items() <= before.items():
        return physical_id, attributes(stack)
    previous = {key: copy.deepcopy(stack.get(key)) for key in KEPT}
    announce(stack, "UPDATE_IN_PROGRESS")
    tell(stack, "UPDATE_IN_PROGRESS")
    try:
        template, values = prepare(stack, new)
    except ValueError as error:
        stack.update(previous)
        tell(stack, "UPDATE_ROLLBACK_COMPLETE", str(error))
        raise ValueError(not_updated(stack, str(error))) from error
    deploy(stack, template, values, False, previous)
    if stack["StackStatus"] != "UPDATE_COMPLETE":
        if stack.pop("_is_cancelled", False):
            raise ValueError("Resource update cancelled")
        raise ValueError(not_updated(stack, rollback_reason(stack)))
    return physical_id, attributes(stack)


def not_updated(stack, reason):
    states = "UPDATE_ROLLBACK_FAILED" if stack["StackStatus"].endswith("_FAILED") else "UPDATE_ROLLBACK_IN_PROGRESS"
    return f"Embedded stack {stack['StackId']} was not successfully updated. Currently in {states} with reason: {reason}"


def rollback_reason(stack):
    """Why a stack began to undo its update."""
    if stack["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
        return failed_to_undo(stack)
    events = cloudformation._stack_events[stack["StackId"]]
    begins = [one for one in events if one["ResourceStatus"] == "UPDATE_ROLLBACK_IN_PROGRESS"]
    own = [one for one in begins if one["PhysicalResourceId"] == stack["StackId"]]
    return own[-1]["ResourceStatusReason"] if own else ""


def failed_to_undo(stack):
    return stacks._rollback_failure_reason(stack.get("_rollback_failed") or {})


def last_event(stack):
    return cloudformation._stack_events[stack["StackId"]][-1]


def delete(physical_id, properties):
    """Deletes a nested stack with all that it has."""
    stack = stack_of(physical_id)
    if not stack or stack["StackStatus"] == "DELETE_COMPLETE":
        return
    asyncio.run(stacks._delete_stack_async(stack["StackName"], stack["StackId"]))
    if stack["StackStatus"] != "DELETE_COMPLETE":
        reason = stack["StackStatusReason"]
        raise ValueError(f"Embedded stack {stack['StackId']} was not successfully deleted: {reason} ")


def deploy(stack, template, values, stays, previous=None):
    """Makes or changes what a template says. Called in a thread of its own."""
    asyncio.run(
        stacks._deploy_stack_async(
            stack["StackName"],
            stack["StackId"],
            template,
            values,
            stays,
            stack["Tags"],
            is_update=previous is not None,
            previous_stack=previous,
        )
    )


def delete_before_undoing():
    """Lets the undoing of a stack delete a nested stack that could not be made, which MiniStack has forgotten by then."""
    theirs = stacks._roll_back_operation

    async def undo(name, stack_id, stack, operation, *others, **named):
        for child in children(stack):
            if child["StackStatus"] == "CREATE_FAILED" and child["_logical_id"] not in stack["_resources"]:
                stack["_resources"][child["_logical_id"]] = {
                    "PhysicalResourceId": child["StackId"],
                    "ResourceType": TYPE,
                    "ResourceStatus": "CREATE_FAILED",
                    "LogicalResourceId": child["_logical_id"],
                    "Properties": {},
                    "Attributes": {},
                    "Timestamp": now_iso(),
                }
                operation["created"] = [*operation.get("created", []), child["_logical_id"]]
        await theirs(name, stack_id, stack, operation, *others, **named)
        end_waiting(stack)

    stacks._roll_back_operation = undo


def end_waiting(stack):
    """Ends nested stacks that a change set was to make, and that it did not come to."""
    for child in children(stack) if stack else []:
        if child["StackStatus"] == "REVIEW_IN_PROGRESS":
            end_waiting(child)
            tell(child, "DELETE_COMPLETE")
    for one in list(cloudformation._change_sets.values()):
        if (stack_of(one["StackId"]) or {}).get("StackStatus") == "DELETE_COMPLETE":
            cloudformation._change_sets.pop(one["ChangeSetId"], None)


def wait_before_deleting():
    """Lets a deletion that comes while nested stacks are made wait for the one that is being made; no other is begun."""
    theirs = actions._delete_stack_async

    async def deleted(name, stack_id, *others, **named):
        stack = cloudformation._stacks.get(name) or {}
        stack["_is_to_be_deleted"] = True
        while (state := stack.get("StackStatus", "")).endswith("_IN_PROGRESS") and state != "REVIEW_IN_PROGRESS":
            await asyncio.sleep(0.01)
        if state != "DELETE_COMPLETE":
            await theirs(name, stack_id, *others, **named)
        end_waiting(stack)

    actions._delete_stack_async = deleted


# The requests


def is_error(answer):
    return answer[0] >= 400


def described(answer, change):
    """An answer with its text changed."""
    status, headers, body = answer
    return status, headers, change(body.decode()).encode()


def describe_stacks(theirs, params):
    """Names the parent and the root of a nested stack."""

    def named(text):
        for stack in list(cloudformation._stacks.values()):
            if "ParentId" in stack:
                own = f"<StackId>{escape(stack['StackId'])}</StackId>"
                others = f"<ParentId>{escape(stack['ParentId'])}</ParentId><RootId>{escape(stack['RootId'])}</RootId>"
                text = text.replace(own, own + others)
        return text

    return described(theirs(params), named)


def cancel_update(theirs, params):
    """Cancels what is under way in the nested stacks too."""
    answer = theirs(params)
    stack = stack_of(helpers._p(params, "StackName"))
    for child in children(stack) if stack and not is_error(answer) else []:
        if child["StackStatus"] == "UPDATE_IN_PROGRESS":
            child["_is_cancelled"] = True
            cancel_update(theirs, {**params, "StackName": [child["StackId"]]})
    return answer


def continue_update_rollback(theirs, params):
    """Undoes the nested stacks first; a resource of theirs to be skipped is NESTEDSTACKNAME.LOGICALID."""
    stack = stack_of(helpers._p(params, "StackName"))
    if not stack or stack["StackStatus"] != "UPDATE_ROLLBACK_FAILED":
        return theirs(params)
    skipped = helpers._extract_string_members(params, "ResourcesToSkip")
    below = [child for child in children(stack) if child["StackStatus"] == "UPDATE_ROLLBACK_FAILED"]
    pending = set(stack.get("_rollback_failed", {}))
    own = [name for name in skipped if "." not in name]
    others = {name for name in skipped if "." in name}
    for child in below:
        known = {f"{child['StackName']}.{name}" for name in child.get("_rollback_failed", {})}
        child["_to_skip"] = [name.split(".", 1)[1] for name in skipped if name in known]
        others -= known
    if others or set(own) - pending:
        unknown = ", ".join(sorted(others | (set(own) - pending)))
        return helpers._error("ValidationError", f"Resource(s) [{unknown}] cannot be skipped")

    async def go_on():
        tell(stack, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
        for child in below:
            announce(child, "UPDATE_IN_PROGRESS")
            skip = frozenset(child.pop("_to_skip"))
            await stacks._continue_update_rollback_async(child["StackName"], child["StackId"], skip)
        await stacks._continue_update_rollback_async(stack["StackName"], stack["StackId"], frozenset(own))

    stacks._create_stack_task_in_region(go_on(), stack, stack["StackId"])
    result = "<ContinueUpdateRollbackResult></ContinueUpdateRollbackResult>"
    return helpers._xml(200, "ContinueUpdateRollbackResponse", result)
