// The example host on a free port, with a database of its own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { TooLate } from "./page.mjs";

export class Host {
  static async start(program, options) {
    const host = new Host(program, options);
    await host.start("127.0.0.1:0");
    return host;
  }

  constructor(program, options) {
    this.program = program;
    this.options = options;
    this.folder = mkdtempSync(join(tmpdir(), "chatbot-browser-"));
  }

  async start(address) {
    this.process = spawn(this.program, [
      "--listen", address, "--db", join(this.folder, "chatbot.sqlite"), "--responder", "script",
      "--rate-limit", "0", ...this.options,
    ], { stdio: ["ignore", "pipe", "inherit"] });
    for await (const line of createInterface(this.process.stdout)) {
      this.url = /http:\S+/.exec(line)[0];
      return;
    }
    throw new Error("the host has not started");
  }

  /* Again, at the same address and on the same database. */
  restart() { return this.start(new URL(this.url).host); }

  async kill(signal = "SIGKILL") {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill(signal);
    await ended;
  }

  async remove() {
    await this.kill("SIGTERM");
    rmSync(this.folder, { recursive: true, force: true });
  }

  // ---- what the database has to say, by the endpoints ----

  async #json(path) {
    const response = await fetch(this.url + "api/chatbot" + path);
    return { status: response.status, ...(await response.json()) };
  }

  detail(id) { return this.#json("/threads?workflowId=" + id); }
  threads() { return this.#json("/threads"); }

  async mustBeRunning(id) {
    if ((await this.detail(id)).workflow.status !== "running") throw new TooLate();
  }

  /* Starts a round without a page; the response's text comes when the round has ended. */
  async begin(prompt, id = "") {
    const response = await fetch(`${this.url}api/chatbot/start/stream?workflowId=${id}`, {
      method: "POST",
      body: JSON.stringify({ prompt }),
    });
    assert.equal(response.status, 200);
    return response;
  }

  /* A whole conversation of one round; returns its id. */
  async converse(prompt, id) {
    const text = await (await this.begin(prompt, id)).text();
    return /"workflowId":"([^"]+)"/.exec(text)[1];
  }

  /* The text of the last answer. */
  async lastAnswer(id) {
    const { chatData } = await this.detail(id);
    return chatData.items.findLast(({ type, item }) => type === "message" && item.status === "last")?.item.message;
  }
}
