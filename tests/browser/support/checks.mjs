// Running tests one after the other, each with a host and a page of its own.
import assert from "node:assert/strict";
import { Host } from "./host.mjs";
import { Page, TooLate, scripted } from "./page.mjs";

export const DEADLINE = 20_000;  // ms, for every condition that is waited for

// How slowly answers are made, in ms between two pieces. A test that comes too late for what it wants to see in the
// middle of one, as the machine is busy, is done again with a slower one.
const PACES = [40, 160, 640];

/* Runs `tests`, [name, function of a Scene] each. Returns how many failed. */
export async function runAll(tests, setting) {
  let failed = 0;
  for (const [name, test] of tests) {
    const began = Date.now();
    const error = await run(test, setting);
    const outcome = `${name} (${Date.now() - began} ms)`;
    console.log(error ? `FAILED  ${outcome}\n        ${error.stack.replaceAll("\n", "\n        ")}` : `ok      ${outcome}`);
    if (error) failed += 1;
  }
  console.log(`${tests.length - failed} passed, ${failed} failed`);
  return failed;
}

/* Returns the error, or null. */
async function run(test, setting) {
  let error = null;
  for (const pace of PACES) {
    error = await runOnce(test, { ...setting, pace });
    if (!(error instanceof TooLate)) break;
  }
  return error;
}

async function runOnce(test, setting) {
  const scene = new Scene(setting);
  try {
    await test(scene);
    assert.deepEqual(scene.faults, [], "errors in the page");
    return null;
  } catch (error) {
    return error;
  } finally {
    await scene.close();
  }
}

/* What a test has: hosts, pages, and the faults that the latter have reported. */
class Scene {
  faults = [];
  #closing = [];

  constructor({ program, browser, pace }) {
    Object.assign(this, { program, browser, pace });
  }

  /* A prompt with an answer that takes its time. */
  slowly(options) { return scripted({ delayMs: this.pace, ...options }); }

  async host(options = []) {
    const host = await Host.start(this.program, options);
    this.#closing.push(() => host.remove());
    return host;
  }

  /* A page in a fresh profile, of the common browser unless another one is given. */
  async page(host, { browser = this.browser, address = "", ...context } = {}) {
    const profile = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...context });
    const page = await profile.newPage();
    page.setDefaultTimeout(DEADLINE);
    page.on("pageerror", (error) => this.faults.push(String(error)));
    this.#closing.push(() => profile.close());
    await page.goto(host.url + address);
    return new Page(page);
  }

  /* Calls `close` when the test is over. */
  onClose(close) { this.#closing.push(close); }

  async close() {
    for (const close of this.#closing.reverse()) await close();
  }
}

/* Waits until `condition` gives something true, and returns it. */
export async function eventually(what, condition) {
  const end = Date.now() + DEADLINE;
  for (;;) {
    const result = await condition();
    if (result) return result;
    assert.ok(Date.now() < end, `in vain waited for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
