// What goes wrong is told in words, and nothing that was written is lost.
import assert from "node:assert/strict";
import { scripted } from "./support/page.mjs";

export default {
  async "too many requests: how long to wait"(scene) {
    const host = await scene.host(["--rate-limit", "15"]);
    for (let number = 0; number < 15; ++number) await host.converse("Hello");
    const page = await scene.page(host);
    await page.send("One too many");
    await page.sees(/Too many requests\. Please try again in \d+ seconds?\./);
    assert.equal(await page.prompt.inputValue(), "One too many");
    await page.button("Close this message").click();
    await page.problem.waitFor({ state: "hidden" });
  },

  async "still busy: the answer that runs is shown"(scene) {
    const host = await scene.host();
    const id = await host.converse("Hello");
    const page = await scene.page(host, { address: "#" + id });
    await page.seesAnswerEnd();
    const round = await host.begin(scene.slowly({ chunks: 1000 }), id);
    await page.send("And from here");
    await page.sees("This conversation is still being answered.");
    await page.seesAnswerGrow(2);
    assert.equal(await page.prompt.inputValue(), "And from here");
    await page.stopButton.click();
    await round.text();
    await page.sees("The answer was stopped here.");
  },

  async "no room in the server"(scene) {
    const host = await scene.host();
    const page = await scene.page(host);
    await page.page.route("**/start/stream?*", (route) => route.fulfill({
      status: 503, headers: { "Retry-After": "5" }, contentType: "application/json", body: `{"detail": "full"}`,
    }));
    await page.send("Hello");
    await page.sees("The server has no room at the moment. Please try again in 5 seconds.");
    await page.page.unroute("**/start/stream?*");
    await page.prompt.press("Enter");
    await page.seesAnswerEnd();
    await page.problem.waitFor({ state: "hidden" });
  },

  async "a conversation that is not there"(scene) {
    const host = await scene.host();
    const page = await scene.page(host, { address: "#01890000-0000-7000-8000-000000000000" });
    await page.sees("This conversation is not there any more.");
    await page.send("Then a new one");
    await page.seesAnswerEnd();
  },

  async "the server goes away in the middle of an answer, and comes back"(scene) {
    const host = await scene.host();
    const page = await scene.page(host);
    await page.send(scene.slowly({ chunks: 1000 }));
    await page.seesAnswerGrow();
    await host.kill();
    await page.sees(/The server cannot be reached/);
    await host.restart();
    await page.problem.waitFor({ state: "hidden" });
    await page.sendButton.waitFor();
    await page.page.locator(".ending.error").waitFor();
    await page.send(scripted({ chunks: 2, text: "Again" }));
    await page.seesAnswerEnd();
    assert.equal(await page.answers.count(), 2);
  },

  async "a message while the server is away is not lost"(scene) {
    const host = await scene.host();
    await host.converse("Before");
    const page = await scene.page(host);
    await page.lists("Before");
    await host.kill();
    await page.send("Are you there?");
    await page.sees("The server cannot be reached.");
    assert.equal(await page.prompt.inputValue(), "Are you there?");
    await host.restart();
    await page.prompt.press("Enter");
    await page.seesAnswerEnd();
  },
};
