// Asking, and seeing the answer come.
import assert from "node:assert/strict";
import { eventually } from "./support/checks.mjs";
import { scripted } from "./support/page.mjs";

export default {
  async "an answer streams in and ends"(scene) {
    const host = await scene.host();
    const page = await scene.page(host);
    const prompt = scene.slowly({ chunks: 30, text: "Tell me a story" });
    await page.send(prompt);
    const early = await page.seesAnswerGrow();
    await page.sees("Tell me a story");
    await page.lists(prompt.split("\n")[0]);
    await host.mustBeRunning(page.id);

    await page.seesAnswerEnd();
    const whole = await host.lastAnswer(page.id);
    assert.equal(await page.answer.textContent(), whole);
    assert.ok(early < whole.length, "the answer was there before it was made");
    await page.sees("Answered in");
  },

  async "a conversation goes on"(scene) {
    const host = await scene.host();
    const page = await scene.page(host);
    await page.send(scripted({ text: "First question" }));
    await page.seesAnswerEnd();
    const { id } = page;
    await page.send(scripted({ chunks: 3, text: "Second question" }));
    await page.sees("Second question");
    await page.seesAnswerEnd();
    assert.equal(page.id, id);
    assert.equal(await page.answers.count(), 2);
    assert.equal((await host.detail(id)).workflow.currentRound, 2);
  },

  async "an answer is stopped in the middle, and another question asked"(scene) {
    const host = await scene.host();
    const page = await scene.page(host);
    await page.send(scene.slowly({ chunks: 1000 }));
    await page.seesAnswerGrow();
    await page.stopButton.click();
    await page.sees("The answer was stopped here.");
    await page.sendButton.waitFor();
    const { workflow, chatData } = await host.detail(page.id);
    assert.equal(workflow.status, "stopped");
    const steps = chatData.items.filter(({ type, item }) => type === "message" && item.status === "step");
    await page.reads(page.answer, steps.map(({ item }) => item.message).join(""));

    await page.send(scripted({ chunks: 2 }));
    await page.seesAnswerEnd();
    assert.equal((await host.detail(page.id)).workflow.status, "completed");
  },

  async "a round that fails says so"(scene) {
    const host = await scene.host();
    const page = await scene.page(host);
    await page.send(scripted({ chunks: 2, fail: true }));
    await page.sees("The script has failed");
    await page.sendButton.waitFor();
    await eventually("the list to say so", async () => (await page.threads.first().textContent()).includes("Failed"));
  },

  async "two pages see the same answer grow"(scene) {
    const host = await scene.host();
    const first = await scene.page(host);
    await first.send(scene.slowly({ chunks: 40 }));
    await first.seesAnswerGrow();
    const second = await scene.page(host, { address: "#" + first.id });
    await second.seesAnswerGrow();
    await Promise.all([first.seesAnswerEnd(), second.seesAnswerEnd()]);
    const whole = await host.lastAnswer(first.id);
    assert.equal(await first.answer.textContent(), whole);
    assert.equal(await second.answer.textContent(), whole);
  },

  async "an answer is shown as it is written, and then as it is kept"(scene) {
    const host = await scene.host();
    const page = await scene.page(host);
    await page.send(scene.slowly({ chunks: 0, deltas: 60, deltaText: "wörd \u{1f600} " }));
    const early = await page.seesAnswerGrow();
    await host.mustBeRunning(page.id);
    await page.page.reload();
    await page.seesAnswerGrow();
    await page.seesAnswerEnd();
    const whole = await host.lastAnswer(page.id);
    assert.equal(await page.answer.textContent(), whole);
    assert.ok(early < whole.length, "the answer was there before it was made");

    await page.send(scene.slowly({ chunks: 0, deltas: 10000 }));
    await page.seesAnswerGrow(2);
    await page.stopButton.click();
    await page.sees("The answer was stopped here.");
    await page.sendButton.waitFor();
    await page.reads(page.answer, await host.lastAnswer(page.id));
  },

  async "what people write is never taken as markup"(scene) {
    const host = await scene.host();
    const page = await scene.page(host);
    const nasty = `<img src=x onerror="window.taken = true"><script>window.taken = true</script>`;
    await page.send(nasty);
    await page.seesAnswerEnd();
    await page.threads.filter({ hasText: "<img src=x" }).waitFor();
    await page.reads(page.page.locator(".prompt"), "You: " + nasty);
    assert.equal(await page.page.locator("img, .turn script").count(), 0);
    assert.equal(await page.page.evaluate(() => window.taken), undefined);
  },
};
