//! `AWS::Lambda::Function` with its role and log group.

use super::{findings, lowered, only, property, statements};
use crate::backend::expr::Expr;
use crate::backend::lower::testing::{HANDLER, lower_files};
use crate::backend::template::Template;

#[test]
fn a_function_has_a_role_of_its_own_and_a_log_group() {
    let lowered = lowered("name: etl\n", &[("enhancer", "description: enhance wer data\n")]);
    let expected = r"FunctionEnhancerRole:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: '2012-10-17'
      Statement:
        - Effect: Allow
          Principal:
            Service: lambda.amazonaws.com
          Action: sts:AssumeRole
    Policies:
      - PolicyName: Enhancer
        PolicyDocument:
          Version: '2012-10-17'
          Statement:
            - Sid: WriteLog
              Effect: Allow
              Action:
                - logs:CreateLogStream
                - logs:PutLogEvents
              Resource: !GetAtt FunctionEnhancerLogGroup.Arn
FunctionEnhancerLogGroup:
  Type: AWS::Logs::LogGroup
  Properties:
    LogGroupName: /aws/lambda/etl_enhancer_bob
    RetentionInDays: 30
FunctionEnhancer:
  Type: AWS::Lambda::Function
  Properties:
    FunctionName: etl_enhancer_bob
    Description: enhance wer data
    Architectures:
      - x86_64
    Runtime: python3.13
    Handler: handler.handler
    Code:
      S3Bucket: !Ref ArtifactBucket
      S3Key: abababababababababababababababababababababababababababababababab.zip
    MemorySize: 256
    Timeout: 30
    LoggingConfig:
      LogGroup: !Ref FunctionEnhancerLogGroup
    Role: !GetAtt FunctionEnhancerRole.Arn
";
    let ids = ["FunctionEnhancerRole", "FunctionEnhancerLogGroup", "FunctionEnhancer"];
    assert_eq!(only(&lowered.template, &ids), expected);
    assert_eq!(lowered.template.resources.len(), 3);
    assert!(lowered.template.outputs.contains_key("FunctionEnhancerName"));
}

#[test]
fn an_image_brings_its_own_runtime_handler_and_layers() {
    let lowered = lowered("name: etl\n", &[("model", "runtime: {package_type: image, layers: [x]}\n")]);
    let text = only(&lowered.template, &["FunctionModel"]);
    assert!(text.contains("    PackageType: Image\n    Code:\n      ImageUri: !Ref ImageModel\n"), "{text}");
    assert!(!["Runtime", "Handler", "Layers", "S3Key"].iter().any(|name| text.contains(name)), "{text}");
    assert_eq!(lowered.template.parameters["ImageModel"].name, "model");
    assert_eq!(property(&lowered.template, "FunctionModel", "ImageConfig"), "null\n");
}

#[test]
fn the_handler_of_an_image_is_its_command() {
    let lowered = lowered("name: etl\n", &[("model", "runtime: {package_type: image, handler: app.main}\n")]);
    assert_eq!(property(&lowered.template, "FunctionModel", "ImageConfig"), "Command:\n  - app.main\n");
}

/// What the `Layers` of a function are.
fn layers<'t>(template: &'t Template, function: &str) -> &'t Expr {
    template.resources[function].properties.get("Layers").unwrap()
}

#[test]
fn functions_share_the_import_of_a_layer() {
    let of_a = "runtime: {layers: [common, 'pinned:3'], extensions: [insights, common]}\n";
    let lowered = lowered("name: etl\n", &[("a", of_a), ("b", "runtime: {layers: [common, pinned]}\n")]);
    let template = &lowered.template;
    let arns = "${LayerCommon},${LayerPinnedVersion3},${LayerInsights}";
    assert_eq!(layers(template, "FunctionA"), &Expr::Split(",", Box::new(Expr::Sub(arns.to_owned()))));
    let arns = "${LayerCommon},${LayerPinned}";
    assert_eq!(layers(template, "FunctionB"), &Expr::Split(",", Box::new(Expr::Sub(arns.to_owned()))));
    let imports: Vec<(&str, &str)> =
        template.parameters.iter().map(|(id, import)| (id.as_str(), import.name.as_str())).collect();
    let expected = [
        ("ArtifactBucket", ""),
        ("LayerCommon", "common"),
        ("LayerInsights", "insights"),
        ("LayerPinned", "pinned"),
        ("LayerPinnedVersion3", "pinned:3"),
    ];
    assert_eq!(imports, expected);
}

#[test]
fn the_chunks_of_a_layer_are_one_parameter() {
    let lowered = lowered("name: etl\n", &[("a", "runtime: {layers: [common]}\n")]);
    let expected = Expr::Split(",", Box::new(Expr::reference("LayerCommon")));
    assert_eq!(layers(&lowered.template, "FunctionA"), &expected);
    let import = &lowered.template.parameters["LayerCommon"];
    assert_eq!(import.parameter_type, "String");
    assert_eq!(
        import.description,
        "The ARN of the newest version of the layer common; if it has chunks, those of all with commas between"
    );
}

#[test]
fn layers_that_come_to_one_parameter_are_found() {
    let lowered = lowered("name: etl\n", &[("a", "runtime: {layers: [in-out, in_out]}\n")]);
    assert_eq!(
        findings(&lowered),
        ["TC0601 `layers/in-out` and `layers/in_out` have the same logical id `LayerInOut`"]
    );
}

#[test]
fn assets_are_mounted_and_their_dependencies_importable() {
    let assets = "assets: {DEPS_PATH: /mnt/assets/etl/deps, MODEL_PATH: /mnt/assets/etl/model}\n";
    let lowered = lowered("name: etl\n", &[("t", assets)]);
    let template = &lowered.template;
    let text = only(template, &["FunctionT"]);
    let expected = r"    Environment:
      Variables:
        DEPS_PATH: /mnt/assets/etl/deps
        LD_LIBRARY_PATH: /var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib:/mnt/assets/etl/deps/lib
        MODEL_PATH: /mnt/assets/etl/model
        PYTHONPATH: /mnt/assets/etl/deps:/var/runtime
    VpcConfig:
      SecurityGroupIds: !Ref FileSystemAssetsSecurityGroups
      SubnetIds: !Ref FileSystemAssetsSubnets
    FileSystemConfigs:
      - Arn: !Ref FileSystemAssetsAccessPoint
        LocalMountPath: /mnt/assets
";
    assert!(text.contains(expected), "{text}");
    assert_eq!(template.parameters["FileSystemAssetsSubnets"].parameter_type, "List<AWS::EC2::Subnet::Id>");
    let rights = statements(template, "FunctionTRole");
    let mount = r"- Sid: MountFileSystem
  Effect: Allow
  Action:
    - elasticfilesystem:ClientMount
    - elasticfilesystem:ClientWrite
  Resource: !Sub 'arn:${AWS::Partition}:elasticfilesystem:${AWS::Region}:*:file-system/*'
  Condition:
    StringEquals:
      elasticfilesystem:AccessPointArn: !Ref FileSystemAssetsAccessPoint
";
    assert!(rights.contains(mount), "{rights}");
    let denied = "      lambda:SourceFunctionArn: !Sub \
                  'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:etl_t_bob'\n";
    assert!(rights.contains("- Sid: ConnectToVpc\n") && rights.contains(denied), "{rights}");
}

#[test]
fn what_is_written_down_is_not_imported() {
    let vars = r#"{"network": {"subnets": ["subnet-1", "subnet-2"], "security_groups": ["sg-1"]},
        "filesystem": {"arn": "arn:aws:elasticfilesystem:{{region}}:{{account}}:access-point/fsap-1"}}"#;
    let lowered = lower_files(&[
        ("topology.yml", "name: etl\n"),
        ("f/handler.py", HANDLER),
        ("../infrastructure/tc/etl/vars/f.json", vars),
    ]);
    let template = &lowered.template;
    let vpc = "SecurityGroupIds:\n  - sg-1\nSubnetIds:\n  - subnet-1\n  - subnet-2\n";
    assert_eq!(property(template, "FunctionF", "VpcConfig"), vpc);
    let mount = "- Arn: !Sub 'arn:aws:elasticfilesystem:${AWS::Region}:${AWS::AccountId}:access-point/fsap-1'\n  \
                 LocalMountPath: /mnt/assets\n";
    assert_eq!(property(template, "FunctionF", "FileSystemConfigs"), mount);
    assert_eq!(template.parameters.keys().collect::<Vec<_>>(), ["ArtifactBucket"]);
}

#[test]
fn each_language_finds_dependencies_beside_its_defaults() {
    let assets = "assets: {DEPS_PATH: /mnt/assets/d}\n";
    let of = |lang: &str| {
        let text = format!("runtime: {{lang: {lang}, handler: handler.handler}}\n{assets}");
        let lowered = lowered("name: etl\n", &[("f", &text)]);
        property(&lowered.template, "FunctionF", "Environment")
    };
    let node = "  NODE_PATH: /opt/nodejs/node22/node_modules:/opt/nodejs/node_modules:/mnt/assets/d/node_modules:\
                /var/runtime/node_modules:/var/runtime:/var/task\n";
    assert!(of("nodejs22.x").contains(node), "{}", of("nodejs22.x"));
    let ruby = "  GEM_PATH: /var/task/vendor/bundle/ruby/3.4.0:/opt/ruby/gems/3.4.0:/mnt/assets/d/ruby/3.4.0:\
                /var/runtime/ruby/3.4.0\n";
    assert!(of("ruby3.4").contains(ruby), "{}", of("ruby3.4"));
    assert_eq!(of("rust"), "Variables:\n  DEPS_PATH: /mnt/assets/d\n");
}

#[test]
fn the_author_decides_over_what_is_derived() {
    let text =
        "assets: {DEPS_PATH: /mnt/assets/d}\nruntime: {environment: {PYTHONPATH: /mine, QUEUE_JOBS_URL: none}}\n";
    let lowered = lowered("name: etl\nqueues: {jobs: {producer: f}}\n", &[("f", text)]);
    let libraries = "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib";
    let expected = format!(
        "Variables:\n  DEPS_PATH: /mnt/assets/d\n  LD_LIBRARY_PATH: {libraries}:/mnt/assets/d/lib\n  \
         PYTHONPATH: /mine\n  QUEUE_JOBS_URL: 'none'\n"
    );
    assert_eq!(property(&lowered.template, "FunctionF", "Environment"), expected);
}

#[test]
fn secrets_stay_names_with_the_right_to_read_them() {
    let text = "runtime: {environment: {A_KEY: 'ssm:/etl/key', SAME: 'ssm:/etl/key', DB: 'secret:prod/db'}}\n";
    let lowered = lowered("name: etl\n", &[("f", text)]);
    let variables = "Variables:\n  A_KEY: /etl/key\n  DB: prod/db\n  SAME: /etl/key\n";
    assert_eq!(property(&lowered.template, "FunctionF", "Environment"), variables);
    let rights = r"- Sid: ReadParameters
  Effect: Allow
  Action: ssm:GetParameter
  Resource: !Sub 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/etl/key'
- Sid: ReadSecrets
  Effect: Allow
  Action: secretsmanager:GetSecretValue
  Resource: !Sub 'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:prod/db-??????'
";
    let statements = statements(&lowered.template, "FunctionFRole");
    assert!(statements.ends_with(rights), "{statements}");
}

#[test]
fn written_statements_have_a_policy_of_their_own() {
    let roles = r#"{"Statement": [{"Sid": "WriteLog", "Effect": "Allow", "Action": ["s3:GetObject"],
        "Resource": "arn:aws:s3:::b-{{env}}-{{account}}/*"}]}"#;
    let lowered = lower_files(&[
        ("topology.yml", "name: etl\n"),
        ("f/handler.py", HANDLER),
        ("../infrastructure/tc/etl/roles/f.json", roles),
    ]);
    let written = r"- PolicyName: roles
  PolicyDocument:
    Version: '2012-10-17'
    Statement:
      - Sid: WriteLog
        Effect: Allow
        Action:
          - s3:GetObject
        Resource: !Sub 'arn:aws:s3:::b-dev-${AWS::AccountId}/*'
";
    let policies = property(&lowered.template, "FunctionFRole", "Policies");
    assert!(policies.ends_with(written), "{policies}");
}

#[test]
fn many_functions_are_no_outputs() {
    let of = |count: usize| {
        let names: Vec<String> = (0..count).map(|number| format!("f{number}")).collect();
        let functions: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
        lowered("name: etl\n", &functions)
    };
    let (most, more) = (of(150), of(151));
    assert_eq!((most.template.outputs.len(), findings(&most)), (150, Vec::new()));
    assert!(more.template.outputs.is_empty());
    assert_eq!(findings(&more), ["TC0634 the names of the 151 functions are no outputs of the stack"]);
}

#[test]
fn a_cut_name_is_told_once() {
    let name = "f".repeat(60);
    let text = format!("name: etl\nqueues: {{jobs: {{consumer: {name}}}}}\n");
    let lowered = lowered(&text, &[(&name, "")]);
    let told = findings(&lowered);
    assert_eq!(told.len(), 1, "{told:?}");
    let expected = format!("TC0631 the name of `functions/{name}` is over 64 characters; it is called `etl_fff");
    assert!(told[0].starts_with(&expected), "{told:?}");
}

#[test]
fn one_more_function_changes_no_other_resource() {
    let text = "name: etl\nqueues: {jobs: {consumer: b}}\nlogs: {retention: 7}\n";
    let old = lowered(text, &[("b", "runtime: {layers: [x]}\n"), ("d", "")]).template;
    let new =
        lowered(text, &[("a", "runtime: {layers: [a, x]}\n"), ("b", "runtime: {layers: [x]}\n"), ("d", "")]).template;
    let added: Vec<_> = new.resources.keys().filter(|id| !old.resources.contains_key(*id)).collect();
    assert_eq!(added, ["FunctionARole", "FunctionALogGroup", "FunctionA"]);
    assert!(old.resources.iter().all(|(id, resource)| new.resources.get(id) == Some(resource)));
    let kept: Vec<_> = new.resources.keys().filter(|id| old.resources.contains_key(*id)).collect();
    assert!(kept.into_iter().eq(old.resources.keys()), "the order changed");
}
