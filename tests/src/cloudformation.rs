//! Answers of CloudFormation that the local AWS never gives: operations that fail half way, states that a stack is stuck in.

use crate::interceptor::Reply;

const HEADERS: [(&str, &str); 1] = [("content-type", "text/xml")];

/// A stack of this name in this state.
pub fn stack(name: &str, description: &str, status: &str) -> Reply {
    stack_of(&id(name), name, description, status)
}

/// [`stack`] with this id.
pub fn stack_of(id: &str, name: &str, description: &str, status: &str) -> Reply {
    answer(
        "DescribeStacks",
        &format!(
            "<Stacks><member><StackId>{id}</StackId><StackName>{name}</StackName><Description>{description}</Description>\
             <CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>{status}</StackStatus></member></Stacks>"
        ),
    )
}

/// Something that happened to a resource of a stack, or to the stack itself: the logical id, the type, the status and the
/// reason.
pub type Happened<'a> = (&'a str, &'a str, &'a str, &'a str);

/// The type of what happens to the stack itself.
pub const STACK: &str = "AWS::CloudFormation::Stack";

/// What happened to a stack, the oldest first.
pub fn events(name: &str, happened: &[Happened<'_>]) -> Reply {
    events_of("tc-ann-1", name, happened)
}

/// [`events`] that a request with this token began.
pub fn events_of(token: &str, name: &str, happened: &[Happened<'_>]) -> Reply {
    let id = id(name);
    let event = |(index, (logical, kind, status, reason)): (usize, &Happened<'_>)| {
        let physical = if *kind == STACK { id.as_str() } else { "" };
        format!(
            "<member><EventId>{logical}-{index}</EventId><StackId>{id}</StackId><StackName>{name}</StackName>\
             <LogicalResourceId>{logical}</LogicalResourceId><PhysicalResourceId>{physical}</PhysicalResourceId>\
             <ResourceType>{kind}</ResourceType><ClientRequestToken>{token}</ClientRequestToken><Timestamp>2026-01-01T00:00:00Z</Timestamp>\
             <ResourceStatus>{status}</ResourceStatus><ResourceStatusReason>{reason}</ResourceStatusReason></member>"
        )
    };
    // CloudFormation lists the newest first.
    let mut members: Vec<String> = happened.iter().enumerate().map(event).collect();
    members.reverse();
    answer("DescribeStackEvents", &format!("<StackEvents>{}</StackEvents>", members.concat()))
}

/// That an action without a result was done.
pub fn done(action: &str) -> Reply {
    answer(action, "")
}

/// That an action is refused, by the code and the words of AWS.
pub fn refused(status: u16, code: &str, words: &str) -> Reply {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{words}</Message></Error>");
    Reply::Answer(status, &HEADERS, format!("<ErrorResponse>{error}<RequestId>r-1</RequestId></ErrorResponse>"))
}

/// The result of an action.
pub fn answer(action: &str, result: &str) -> Reply {
    let result = format!("<{action}Result>{result}</{action}Result>");
    let metadata = "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>";
    Reply::Answer(200, &HEADERS, format!("<{action}Response>{result}{metadata}</{action}Response>"))
}

fn id(name: &str) -> String {
    format!("arn:aws:cloudformation:us-west-2:123456789012:stack/{name}/0a1b2c3d")
}
