//! A topology with one below it, and one below that: `order`, `payment` and `stripe`, each of which starts the next.

/// The outermost, whose flow runs that of `payment`.
const ORDER: &str = "name: order
routes:
  /orders: {method: POST, state: order}
  /payments: {method: POST, state: payment}
flow:
  StartAt: check
  States:
    check:
      Type: Task
      Resource: arn:aws:states:::lambda:invoke
      Parameters: {FunctionName: check, Payload.$: $}
      OutputPath: $.Payload
      Next: pay
    pay:
      Type: Task
      Resource: arn:aws:states:::states:startExecution.sync:2
      Parameters: {StateMachineArn: payment, Input.$: $}
      OutputPath: $.Output.Output
      End: true
";

/// The one between, whose flow runs that of `stripe`.
const PAYMENT: &str = "name: payment
flow:
  StartAt: charge
  States:
    charge:
      Type: Task
      Resource: arn:aws:states:::lambda:invoke
      Parameters: {FunctionName: charge, Payload.$: $}
      OutputPath: $.Payload
      Next: book
    book:
      Type: Task
      Resource: arn:aws:states:::states:startExecution.sync:2
      Parameters: {StateMachineArn: stripe, Input.$: $}
      End: true
";

/// The innermost.
pub const STRIPE: &str = "name: stripe
flow:
  StartAt: book
  States:
    book: {Type: Pass, End: true}
";

const HANDLER: &str = "def handler(event, context):\n    return event\n";

/// Its files.
pub const FILES: &[(&str, &str)] = &[
    ("topology.yml", ORDER),
    ("check/handler.py", HANDLER),
    ("payment/topology.yml", PAYMENT),
    ("payment/charge/handler.py", HANDLER),
    ("payment/stripe/topology.yml", STRIPE),
];

/// One of its files.
///
/// # Panics
/// When it has no such file.
pub fn tree(path: &str) -> &'static str {
    FILES.iter().find(|(one, _)| *one == path).map(|(_, text)| *text).expect("a file of the tree")
}
