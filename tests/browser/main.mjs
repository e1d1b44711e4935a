// The page of the example host, used by a browser as people do, and its event streams.
//   node main.mjs PATH_TO_chatbot-host [PART_OF_A_TEST'S_NAME]
// Exit code 77: skipped, as something to run with is missing.
import { runAll } from "./support/checks.mjs";
import { findChromium, launch } from "./support/browser.mjs";
import answers from "./answers.mjs";
import threads from "./threads.mjs";
import returning from "./returning.mjs";
import problems from "./problems.mjs";
import reach from "./reach.mjs";

const [program, part = ""] = process.argv.slice(2);
if (!program) {
  console.error("usage: node main.mjs PATH_TO_chatbot-host [PART_OF_A_TEST'S_NAME]");
  process.exit(2);
}

const missing = await whatIsMissing();
if (missing) {
  console.log(`skipped: ${missing}`);
  process.exit(77);
}

const { default: streams } = await import("./streams.mjs");
const browser = await launch();
const tests = Object.entries({ ...answers, ...threads, ...returning, ...problems, ...reach, ...streams });
const failures = await runAll(tests.filter(([name]) => name.includes(part)), { program, browser });
await browser.close();
process.exit(failures ? 1 : 0);

async function whatIsMissing() {
  if (!findChromium()) return "there is no Chromium";
  for (const name of ["playwright-core", "eventsource-parser"]) {
    const found = await import(name).then(() => true, () => false);
    if (!found) return `${name} is not installed (npm ci in tests/browser)`;
  }
  return null;
}
