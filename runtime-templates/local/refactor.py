"""Stack refactoring, which MiniStack has not: resources that go from stack to stack and stay what they are.

As the CloudFormation User Guide says in "Stack refactoring": two to five stacks with their new templates, by their bodies or
addresses; no resource may be new, go or be configured otherwise, no parameter, condition or mapping be new, and no stack be
empty. Whether that holds is found out when the refactor is created, and told by DescribeStackRefactor. References are
compared by their values. The reasons are not AWS's words. What the resources need of each other while they go is not looked
at, and no stack is made.
"""

import copy
from html import escape

from ministack.core.responses import new_uuid
from ministack.services import cloudformation
from ministack.services.cloudformation import engine, helpers, stacks
from ministack.services.cloudformation import handlers as actions

# The most stacks of one refactor.
MOST = 5

# Types that are not moved here. Which ones CloudFormation does not move it tells of a refactor that has one.
FIXED = {"AWS::CloudFormation::Stack"}

REFACTORS = {}


class Refused(ValueError):
    """What CloudFormation does not take."""


def mend():
    """Adds the requests."""
    actions._ACTION_HANDLERS.update(
        CreateStackRefactor=create,
        DescribeStackRefactor=describe,
        ListStackRefactorActions=list_actions,
        ExecuteStackRefactor=execute,
    )


def members(params, prefix, *fields):
    """A list of a request, each element by its fields."""
    found = []
    while True:
        element = {field: helpers._p(params, f"{prefix}.member.{len(found) + 1}.{field}") for field in fields}
        if not any(element.values()):
            return found
        found.append(element)


def create(params):
    """Makes a refactor; one that is not allowed fails afterwards, as it does in AWS."""
    definitions = members(params, "StackDefinitions", "StackName", "TemplateBody", "TemplateURL")
    if not definitions:
        constraint = "Value at 'stackDefinitions' failed to satisfy constraint: Member must not be null"
        return helpers._error("ValidationError", constraint)
    ends = ["Source.StackName", "Source.LogicalResourceId", "Destination.StackName", "Destination.LogicalResourceId"]
    refactor = {"Id": new_uuid(), "Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE", "Reason": "", "Stacks": []}
    REFACTORS[refactor["Id"]] = refactor
    try:
        plan(refactor, definitions, members(params, "ResourceMappings", *ends))
    except (Refused, ValueError) as error:
        refactor.update(Status="CREATE_FAILED", ExecutionStatus="UNAVAILABLE", Reason=str(error))
    result = f"<CreateStackRefactorResult><StackRefactorId>{refactor['Id']}</StackRefactorId></CreateStackRefactorResult>"
    return helpers._xml(200, "CreateStackRefactorResponse", result)


def plan(refactor, definitions, mappings):
    """Finds out what goes where, and whether it may."""
    if not 2 <= len(definitions) <= MOST:
        raise Refused(f"A stack refactor takes 2 to {MOST} stacks, not {len(definitions)}")
    known = {}
    for definition in definitions:
        stack = actions._resolve_stack(definition["StackName"])
        if not stack or stack["StackStatus"] == "DELETE_COMPLETE":
            raise Refused(f"Stack {definition['StackName']} does not exist")
        if not stack["StackStatus"].endswith("_COMPLETE"):
            raise Refused(f"Stack {stack['StackName']} is in {stack['StackStatus']} state and cannot be refactored")
        if stack["StackId"] in known:
            raise Refused(f"Stack {stack['StackName']} is named twice")
        body, error = helpers._resolve_template({key: [value] for key, value in definition.items()})
        if error:
            raise Refused("the template cannot be read")
        template = engine._parse_template(body)
        engine._validate_template_limits(template)
        check_sections(stack, template)
        known[stack["StackId"]] = (stack, template, body)
    refactor["Stacks"] = list(known)
    refactor["Definitions"] = known
    refactor["Before"] = {id: stack["_template_body"] for id, (stack, _, _) in known.items()}
    refactor["Moves"] = moves(known, mappings)
    compare(refactor)


def check_sections(stack, template):
    """What beside resources may not be other than it is."""
    for section in ("Parameters", "Conditions", "Mappings"):
        if (template.get(section) or {}) != (stack["_template"].get(section) or {}):
            raise Refused(f"Stack Refactor does not support changes of {section}: {stack['StackName']}")
    if not template.get("Resources"):
        raise Refused(f"Stack {stack['StackName']} would be empty, which is not supported")


def moves(known, mappings):
    """By the stack and the logical id that a resource gets, those that it has."""
    stack_ids = {stack["StackName"]: id for id, (stack, _, _) in known.items()}
    stack_ids.update({id: id for id in known})
    old = {(id, name) for id, (stack, _, _) in known.items() for name in stack["_template"]["Resources"]}
    new = {(id, name) for id, (_, template, _) in known.items() for name in template["Resources"]}
    found = {}
    for mapping in mappings:
        source = (stack_ids.get(mapping["Source.StackName"]), mapping["Source.LogicalResourceId"])
        destination = (stack_ids.get(mapping["Destination.StackName"]), mapping["Destination.LogicalResourceId"])
        if source not in old - new or destination not in new - old:
            raise Refused(f"The mapping of {mapping['Source.LogicalResourceId']} does not agree with the templates")
        found[destination] = source
    for destination in sorted(new - old - set(found)):
        sources = [one for one in sorted(old - new - set(found.values())) if one[1] == destination[1]]
        if len(sources) != 1:
            raise Refused(f"Stack Refactor does not support new resources: {destination[1]}")
        found[destination] = sources[0]
    gone = old - new - set(found.values())
    if gone:
        names = ", ".join(sorted(name for _, name in gone))
        raise Refused(f"Stack Refactor does not support that resources are deleted: {names}")
    for id, name in found.values():
        of_type = known[id][0]["_template"]["Resources"][name]["Type"]
        if of_type in FIXED:
            raise Refused(f"Stack Refactor does not support the resource type {of_type}: {name}")
    return found


def after(refactor, stack_id):
    """The resources of a stack as they will be."""
    stack, template, _ = refactor["Definitions"][stack_id]
    moves, known = refactor["Moves"], refactor["Definitions"]
    resources = {}
    for name in template["Resources"]:
        id, old = moves.get((stack_id, name), (stack_id, name))
        if old in known[id][0]["_resources"]:
            resources[name] = {**known[id][0]["_resources"][old], "LogicalResourceId": name}
    return resources


def settled(stack, template, resources, part):
    """A part of a template with its references' values."""
    parameters = stack["_resolved_params"]
    conditions = engine._evaluate_conditions(template, parameters)
    mappings = template.get("Mappings", {})
    name, id = stack["StackName"], stack["StackId"]
    return engine._resolve_refs(copy.deepcopy(part), resources, parameters, conditions, mappings, name, id)


def compare(refactor):
    """Whether every resource is configured as before."""
    known = refactor["Definitions"]
    for stack_id, (stack, template, _) in known.items():
        resources = after(refactor, stack_id)
        check_references(stack, template)
        for name, resource in template["Resources"].items():
            id, old_name = refactor["Moves"].get((stack_id, name), (stack_id, name))
            old_stack = known[id][0]
            old = old_stack["_template"]["Resources"][old_name]
            before = settled(old_stack, old_stack["_template"], old_stack["_resources"], old.get("Properties") or {})
            now = settled(stack, template, resources, resource.get("Properties") or {})
            if old["Type"] != resource["Type"] or before != now:
                raise Refused(f"Stack Refactor does not support modifications of resources: {name}")
        for name, output in (template.get("Outputs") or {}).items():
            value = settled(stack, template, resources, output["Value"])
            old = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
            if name in old and old[name] != str(value):
                raise Refused(f"Stack Refactor does not support that an output changes: {name}")


def check_references(stack, template):
    """Whether everything that is referred to is in the template, for MiniStack takes it for text."""
    there = {*template["Resources"], *(template.get("Parameters") or {})}
    parts = [resource.get("Properties") or {} for resource in template["Resources"].values()]
    parts += [output["Value"] for output in (template.get("Outputs") or {}).values()]
    for part in parts:
        for name, _ in engine._intrinsic_references(part):
            if name not in there and not name.startswith("AWS::"):
                raise Refused(f"Unresolved resource dependencies [{name}] in the template of {stack['StackName']}")
    for name, resource in template["Resources"].items():
        waits = resource.get("DependsOn", [])
        for other in [waits] if isinstance(waits, str) else waits:
            if other not in template["Resources"]:
                raise Refused(f"Unresolved resource dependencies [{other}] of {name}")


def found(params):
    return REFACTORS.get(helpers._p(params, "StackRefactorId"))


def unknown(params):
    message = f"Stack refactor {helpers._p(params, 'StackRefactorId')} does not exist"
    return helpers._error("StackRefactorNotFoundException", message, 404)


def describe(params):
    refactor = found(params)
    if not refactor:
        return unknown(params)
    ids = "".join(f"<member>{escape(id)}</member>" for id in refactor["Stacks"])
    result = (
        f"<DescribeStackRefactorResult><StackRefactorId>{refactor['Id']}</StackRefactorId><StackIds>{ids}</StackIds>"
        f"<Status>{refactor['Status']}</Status><StatusReason>{escape(refactor['Reason'])}</StatusReason>"
        f"<ExecutionStatus>{refactor['ExecutionStatus']}</ExecutionStatus></DescribeStackRefactorResult>"
    )
    return helpers._xml(200, "DescribeStackRefactorResponse", result)


def list_actions(params):
    refactor = found(params)
    if not refactor:
        return unknown(params)
    entries = ""
    for (to, name), (of, old) in sorted(refactor.get("Moves", {}).items()):
        ends = [("Source", of, old), ("Destination", to, name)]
        ends = "".join(
            f"<{end}><StackName>{escape(id)}</StackName><LogicalResourceId>{at}</LogicalResourceId></{end}>"
            for end, id, at in ends
        )
        mapping = f"<ResourceMapping>{ends}</ResourceMapping>"
        entries += f"<member><Action>MOVE</Action><Entity>RESOURCE</Entity>{mapping}</member>"
    result = f"<StackRefactorActions>{entries}</StackRefactorActions>"
    result = f"<ListStackRefactorActionsResult>{result}</ListStackRefactorActionsResult>"
    return helpers._xml(200, "ListStackRefactorActionsResponse", result)


def execute(params):
    """Moves the resources, all or none."""
    refactor = found(params)
    if not refactor:
        return unknown(params)
    known = refactor.get("Definitions", {})
    if any(stack["_template_body"] != refactor["Before"][id] for id, (stack, _, _) in known.items()):
        refactor["ExecutionStatus"] = "OBSOLETE"
    if refactor["ExecutionStatus"] != "AVAILABLE":
        message = f"Stack refactor {refactor['Id']} cannot be executed in the state {refactor['ExecutionStatus']}"
        return helpers._error("ValidationError", message)
    resources = {id: after(refactor, id) for id in known}
    for id, (stack, template, body) in known.items():
        outputs, _ = stacks._resolve_stack_outputs(
            template.get("Outputs") or {},
            engine._evaluate_conditions(template, stack["_resolved_params"]),
            resources[id],
            stack["_resolved_params"],
            template.get("Mappings", {}),
            stack["StackName"],
            id,
        )
        stack.update(_template=template, _template_body=body, _resources=resources[id], Outputs=outputs)
        stack["StackStatus"] = "UPDATE_COMPLETE"
    refactor["ExecutionStatus"] = "EXECUTE_COMPLETE"
    return helpers._xml(200, "ExecuteStackRefactorResponse", "")
