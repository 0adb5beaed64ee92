# A Lambda runtime client for Ruby: takes invocations from the Runtime API and hands them to the function's handler.
# Runs as `ruby client.rb HANDLER`, with the variables that Lambda sets.
require "json"
require "net/http"

$stdout.sync = true

# What Lambda says of an invocation.
class Context
  attr_reader :aws_request_id, :invoked_function_arn, :deadline_ms

  def initialize(invocation)
    @aws_request_id = invocation["Lambda-Runtime-Aws-Request-Id"]
    @invoked_function_arn = invocation["Lambda-Runtime-Invoked-Function-Arn"]
    @deadline_ms = invocation["Lambda-Runtime-Deadline-Ms"].to_i
  end

  def function_name = ENV["AWS_LAMBDA_FUNCTION_NAME"]
  def function_version = ENV["AWS_LAMBDA_FUNCTION_VERSION"]
  def memory_limit_in_mb = ENV["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
  def log_group_name = ENV["AWS_LAMBDA_LOG_GROUP_NAME"]
  def log_stream_name = ENV["AWS_LAMBDA_LOG_STREAM_NAME"]
  def get_remaining_time_in_millis = [deadline_ms - (Time.now.to_f * 1000).to_i, 0].max
end

# The Runtime API.
class Runtime
  def initialize(address)
    host, port = address.split(":")
    @connection = Net::HTTP.new(host, port.to_i)
    # The next invocation may be long in coming.
    @connection.read_timeout = nil
    @connection.start
  end

  def next_invocation = @connection.get("/2018-06-01/runtime/invocation/next")

  def post(resource, body, headers = {})
    @connection.post("/2018-06-01/runtime/#{resource}", body, { "Content-Type" => "application/json", **headers })
  end

  def fail(resource, error)
    type = "Function<#{error.class}>"
    trace = (error.backtrace || []).first(20)
    report = JSON.generate({ errorMessage: error.message, errorType: type, stackTrace: trace })
    $stderr.puts report
    post(resource, report, "Lambda-Runtime-Function-Error-Type" => type)
  end
end

# The method that `file.method` or `file.Module::Class.method` names.
def handler(name)
  root = ENV["LAMBDA_TASK_ROOT"]
  $LOAD_PATH.unshift(root)
  file, *path = name.split(".")
  require File.join(root, file)
  *owner, method = path
  receiver = owner.empty? ? self : Object.const_get(owner.join("::"))
  receiver.method(method)
end

runtime = Runtime.new(ENV["AWS_LAMBDA_RUNTIME_API"])
begin
  handle = handler(ENV["_HANDLER"])
rescue Exception => e # A syntax error or an exit in the handler's file is its failure too.
  runtime.fail("init/error", e)
  exit 1
end

loop do
  invocation = runtime.next_invocation
  # An environment that was stopped has no further invocations.
  exit 1 unless invocation.is_a?(Net::HTTPOK)
  id = invocation["Lambda-Runtime-Aws-Request-Id"]
  ENV["_X_AMZN_TRACE_ID"] = invocation["Lambda-Runtime-Trace-Id"]
  begin
    answer = JSON.generate(handle.call(event: JSON.parse(invocation.body), context: Context.new(invocation)))
  rescue Exception => e
    runtime.fail("invocation/#{id}/error", e)
  else
    runtime.post("invocation/#{id}/response", answer)
  end
end
