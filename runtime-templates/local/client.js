// A Lambda runtime client for Node: takes invocations from the Runtime API and hands them to the function's handler.
// Runs as `node client.js HANDLER`, with the variables that Lambda sets.
"use strict";

const http = require("http");
const path = require("path");
const { pathToFileURL } = require("url");

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
// One connection, kept: an invocation is asked for as soon as the one before is answered.
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function request(method, resource, body, headers = {}) {
  return new Promise((resolve, reject) => {
    if (body !== undefined) {
      headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body), ...headers };
    }
    const options = { host, port, agent, method, headers, path: `/2018-06-01/runtime/${resource}` };
    const sent = http.request(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function fail(resource, error) {
  const errorType = error?.name ?? "Error";
  const trace = (error?.stack ?? "").split("\n");
  const report = JSON.stringify({ errorType, errorMessage: error?.message ?? String(error), trace });
  console.error(report);
  return request("POST", resource, report, { "Lambda-Runtime-Function-Error-Type": errorType });
}

async function load(file) {
  try {
    return require(file);
  } catch (error) {
    if (error.code === "ERR_REQUIRE_ESM") return import(pathToFileURL(`${file}.js`).href);
    // Only the handler's own absence leads on; a module that it misses is its error.
    if (error.code !== "MODULE_NOT_FOUND" || !error.message.includes(`'${file}'`)) throw error;
    return import(pathToFileURL(`${file}.mjs`).href);
  }
}

async function handler() {
  const name = process.env._HANDLER;
  const dot = name.lastIndexOf(".");
  const found = (await load(path.join(process.env.LAMBDA_TASK_ROOT, name.slice(0, dot))))[name.slice(dot + 1)];
  if (typeof found !== "function") throw new Error(`${name} is undefined or not exported`);
  return found;
}

function context(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

// What the handler gives: its promise's value, or what it hands to its third parameter.
function call(handle, event, about) {
  if (handle.length < 3) return handle(event, about);
  return new Promise((resolve, reject) => {
    handle(event, about, (error, value) => (error ? reject(error) : resolve(value)));
  });
}

async function serve(handle) {
  for (;;) {
    const { status, headers, body } = await request("GET", "invocation/next");
    // An environment that was stopped has no further invocations.
    if (status !== 200) process.exit(1);
    const id = headers["lambda-runtime-aws-request-id"];
    process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"] ?? "";
    let answer;
    try {
      answer = JSON.stringify((await call(handle, JSON.parse(body), context(headers))) ?? null);
    } catch (error) {
      await fail(`invocation/${id}/error`, error);
      continue;
    }
    await request("POST", `invocation/${id}/response`, answer);
  }
}

handler().then(serve, async (error) => {
  await fail("init/error", error);
  process.exit(1);
});
