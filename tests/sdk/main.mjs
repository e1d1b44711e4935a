// The official SDK and the responder read the same answers, and make the same of them, or the list
// says why not.
//   node main.mjs PATH_TO_answer_probe PATH_TO_answers.json
// Exit code 77: skipped, as the SDK is not installed.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { serve } from "./server.mjs";

const [probe, list] = process.argv.slice(2);
const OpenAI = await import("openai").then((module) => module.default, () => null);
if (!OpenAI) {
  console.log("skipped: openai is not installed (npm ci in tests/sdk)");
  process.exit(77);
}

const PATIENCE = 300;  // ms, for an answer that stays open: the SDK has no limit

const cases = JSON.parse(readFileSync(list, "utf8"));
const server = await serve(cases);
const urls = cases.map((_, index) => `${server.url}/${index}/v1`);
const { stdout } = await promisify(execFile)(probe, urls, { maxBuffer: 1 << 26 });
const ours = stdout.trim().split("\n").map((line, index) => summary(JSON.parse(line), server.take(index)));
let failures = 0;
for (const [index, one] of cases.entries()) check(one, ours[index], await askBySdk(index, one));
server.close();
console.log(`${cases.length - failures} answers read alike or as listed, ${failures} not`);
process.exit(failures ? 1 : 0);

function summary({ text = "", failure }, requests) {
  return { text, failed: failure !== undefined, requests };
}

async function askBySdk(index, one) {
  const client = new OpenAI({ baseURL: urls[index], apiKey: "none", maxRetries: 1 });
  const abort = new AbortController();
  const body = { model: "m", messages: [{ role: "user", content: "?" }], stream: true };
  let text = "";
  let failed = false;
  const timer = one.then === "hang" ? setTimeout(() => abort.abort(), PATIENCE) : null;
  try {
    const stream = await client.chat.completions.create(body, { signal: abort.signal });
    for await (const chunk of stream) text += chunk.choices?.[0]?.delta?.content ?? "";
  } catch {
    failed = true;
  }
  clearTimeout(timer);
  return { text, failed, requests: server.take(index) };
}

// `sdk` of a case has what the SDK makes otherwise, and why that is not wanted here.
function check(one, ours, sdk) {
  const { why, ...otherwise } = one.sdk ?? {};
  try {
    assert.deepEqual(sdk, { ...ours, ...otherwise });
    if (one.sdk) assert.ok(why, "a difference without a reason");
    for (const name of Object.keys(otherwise)) assert.notDeepEqual(otherwise[name], ours[name]);
  } catch (fault) {
    failures += 1;
    console.log(`${one.kind}: ${one.name}\n  ours ${JSON.stringify(ours)}\n  sdk  ${JSON.stringify(sdk)}`);
  }
}
