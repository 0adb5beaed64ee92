"""What the local CloudFormation does otherwise than MiniStack.

Of an AWS::Lambda::Function MiniStack drops VpcConfig, FileSystemConfigs, DeadLetterConfig and
ReservedConcurrentExecutions, and takes code that is not in S3 and a name that is taken, where CloudFormation fails. Here
they count, and the failures have AWS's words. A stack that a change set has made or changed has the description of its
template, which MiniStack gives only to those that were made without one; and a stack that waits for a change set to be
executed stays the same when it gets a second one.
"""

from ministack.services import cloudformation, lambda_svc
from ministack.services.cloudformation import changesets, provisioners
from ministack.services.cloudformation import handlers as actions

TYPE = "AWS::Lambda::Function"

# The properties that are set after the function was made, and what they are when they are taken away.
SET_AFTER = {"VpcConfig": {}, "FileSystemConfigs": [], "DeadLetterConfig": {"TargetArn": ""}}


def handlers():
    """MiniStack's handlers of the type, in its table of all types."""
    for value in vars(provisioners).values():
        if isinstance(value, dict) and "create" in (value.get(TYPE) or {}) and "update" in value[TYPE]:
            return value[TYPE]
    raise LookupError(f"MiniStack has no handlers of {TYPE}")


def check_code(properties):
    """Fails as CloudFormation does where the code is not in S3."""
    code = properties.get("Code") or {}
    bucket, key = code.get("S3Bucket"), code.get("S3Key")
    if key and lambda_svc._fetch_code_from_s3(bucket, key, version_id=code.get("S3ObjectVersion")) is None:
        raise ValueError(
            "Error occurred while GetObject. S3 Error Code: NoSuchKey. "
            "S3 Error Message: The specified key does not exist. (Service: Lambda, Status Code: 400)"
        )


def check_name(properties):
    """Fails as CloudFormation does where the name is taken."""
    name = properties.get("FunctionName")
    if name and name in lambda_svc._functions:
        message = f'Resource handler returned message: "Function already exist: {name}"'
        raise ValueError(f"{message} (HandlerErrorCode: AlreadyExists)")


def set_after(name, properties, old):
    """Sets what MiniStack drops, and unsets what is there no more."""
    concerned = [key for key in SET_AFTER if key in properties or key in old]
    if concerned:
        changes = {key: properties.get(key) or SET_AFTER[key] for key in concerned}
        status, _, body = lambda_svc._update_config(name, changes)
        if status >= 400:
            raise ValueError(f"{TYPE}: {body!r}")
    reserved = properties.get("ReservedConcurrentExecutions")
    lambda_svc._functions[name]["concurrency"] = None if reserved is None else int(reserved)


def describe_changed_stacks():
    """Gives a stack the description of its template once a change set is executed."""
    track = changesets._track_change_set_execution

    async def tracked(change_set, stack, deployment):
        stack["Description"] = change_set["_template"].get("Description", "")
        await track(change_set, stack, deployment)

    changesets._track_change_set_execution = tracked


def keep_stacks_under_review():
    """Lets a stack that waits for a change set keep its id, where MiniStack makes another stack of the name."""
    create, new_uuid = changesets._create_change_set, changesets.new_uuid

    def created(params):
        stack = cloudformation._stacks.get(changesets._p(params, "StackName")) or {}
        kept = []
        if changesets._p(params, "ChangeSetType") == "CREATE" and stack.get("StackStatus") == "REVIEW_IN_PROGRESS":
            kept.append(stack["StackId"].rsplit("/", 1)[1])
        # The stack's id is the first that is made.
        changesets.new_uuid = lambda: kept.pop() if kept else new_uuid()
        try:
            return create(params)
        finally:
            changesets.new_uuid = new_uuid

    for value in vars(actions).values():
        if isinstance(value, dict) and value.get("CreateChangeSet") is create:
            value["CreateChangeSet"] = created


def mend():
    """Replaces MiniStack's handlers of the type, and how it makes and executes change sets."""
    describe_changed_stacks()
    keep_stacks_under_review()
    theirs = handlers()
    create_function, update_function = theirs["create"], theirs["update"]

    def create(logical_id, properties, stack):
        check_code(properties)
        check_name(properties)
        made = create_function(logical_id, properties, stack)
        set_after(made[0], properties, {})
        return made

    def update(physical_id, old, new, stack, logical_id=None):
        if new.get("Code") != old.get("Code"):
            check_code(new)
        made = update_function(physical_id, old, new, stack, logical_id)
        set_after(made[0], new, old)
        return made

    theirs["create"], theirs["update"] = create, update
