// Running tests one after the other, each with a host and a page of its own.
import assert from "node:assert/strict";
import { Host } from "./host.mjs";
import { Page } from "./page.mjs";

export const DEADLINE = 20_000;  // ms, for every condition that is waited for

/* Runs `tests`, by name: functions of a Scene. Returns how many failed. */
export async function runAll(tests, { program, browser }) {
  let failed = 0;
  for (const [name, test] of Object.entries(tests)) {
    const scene = new Scene(program, browser);
    const began = Date.now();
    try {
      await test(scene);
      assert.deepEqual(scene.faults, [], "errors in the page");
      console.log(`ok      ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${name}\n        ${error.stack.replaceAll("\n", "\n        ")}`);
    } finally {
      await scene.close();
    }
  }
  console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`);
  return failed;
}

/* What a test has: hosts, pages, and what was reported by the latter. */
class Scene {
  faults = [];
  #closing = [];

  constructor(program, browser) {
    this.program = program;
    this.browser = browser;
  }

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
