//! The topology as an app of the AWS CDK. In JavaScript: TypeScript would add its compiler to what is measured, Python
//! the bridge to JavaScript.

use super::{Step, handlers};
use crate::tree::Tree;

const APP: &str = r"const cdk = require('aws-cdk-lib');
const gateway = require('aws-cdk-lib/aws-apigatewayv2');
const { HttpLambdaIntegration } = require('aws-cdk-lib/aws-apigatewayv2-integrations');
const events = require('aws-cdk-lib/aws-events');
const targets = require('aws-cdk-lib/aws-events-targets');
const lambda = require('aws-cdk-lib/aws-lambda');
const sfn = require('aws-cdk-lib/aws-stepfunctions');
const tasks = require('aws-cdk-lib/aws-stepfunctions-tasks');
const steps = require('./steps.json');

const app = new cdk.App();
const stack = new cdk.Stack(app, 'bench', { env: { account: '123456789012', region: 'us-east-1' } });
const api = new gateway.HttpApi(stack, 'Api');
const states = steps.map(({ id, name, path }) => {
  const handler = new lambda.Function(stack, id, {
    runtime: lambda.Runtime.PYTHON_3_11,
    handler: 'handler.handler',
    code: lambda.Code.fromAsset(name),
    timeout: cdk.Duration.seconds(10),
  });
  const integration = new HttpLambdaIntegration(`${id}Integration`, handler);
  api.addRoutes({ path, methods: [gateway.HttpMethod.POST], integration });
  new events.Rule(stack, `${id}Rule`, {
    eventPattern: { detailType: [id] },
    targets: [new targets.LambdaFunction(handler)],
  });
  return new tasks.LambdaInvoke(stack, `${id}State`, { lambdaFunction: handler, outputPath: '$.Payload' });
});
const chain = states.slice(1).reduce((chain, state) => chain.next(state), sfn.Chain.start(states[0]));
new sfn.StateMachine(stack, 'Flow', { definitionBody: sfn.DefinitionBody.fromChainable(chain) });
";

/// `cdk.json`, `app.js` and the steps that it goes through.
pub(super) fn project(steps: &[Step]) -> Tree {
    let mut files = handlers(steps);
    let step = |step: &Step| serde_json::json!({"id": step.id(), "name": step.name(), "path": step.path()});
    let list: Vec<_> = steps.iter().map(step).collect();
    files.insert("cdk.json".to_owned(), b"{\"app\": \"node app.js\", \"versionReporting\": false}\n".to_vec());
    files.insert("app.js".to_owned(), APP.into());
    files.insert("steps.json".to_owned(), format!("{:#}\n", serde_json::Value::from(list)).into_bytes());
    files
}
