// Leaving, and finding everything again.
import assert from "node:assert/strict";
import { launch } from "./support/browser.mjs";
import { scripted } from "./support/page.mjs";

export default {
  async "after a reload in the middle of an answer it goes on to its end"(scene) {
    const host = await scene.host();
    const page = await scene.page(host);
    await page.send(scene.slowly({ chunks: 60 }));
    await page.seesAnswerGrow();
    const { id } = page;
    await page.page.reload();
    await page.seesAnswerGrow();
    await host.mustBeRunning(id);
    await page.seesAnswerEnd();
    assert.equal(await page.answer.textContent(), await host.lastAnswer(id));
    assert.equal(await page.answers.count(), 1);
  },

  async "an answer goes on while another conversation is open"(scene) {
    const host = await scene.host();
    await host.converse("Meanwhile");
    const page = await scene.page(host);
    await page.send(scene.slowly({ chunks: 60 }));
    await page.seesAnswerGrow();
    const { id } = page;
    await page.threads.filter({ hasText: "Meanwhile" }).click();
    await page.reads(page.title, "Meanwhile");
    await page.sendButton.waitFor();
    await page.page.goBack();
    await page.seesAnswerGrow();
    await page.seesAnswerEnd();
    assert.equal(await page.answer.textContent(), await host.lastAnswer(id));
  },

  async "everything is there when the browser was closed and comes back"(scene) {
    const host = await scene.host();
    const before = await launch();
    const page = await scene.page(host, { browser: before });
    await page.send(scripted({ text: "Remember this" }));
    await page.seesAnswerEnd();
    const { id } = page;
    await page.button("New conversation").click();
    await page.send("#bench {}\nAnd that");
    await page.seesAnswerEnd();
    await before.close();

    const later = await scene.page(host);
    await later.lists("#bench {}", scripted().trim());
    await later.threads.nth(1).click();
    await later.sees("Remember this");
    await later.seesAnswerEnd();
    assert.equal(await later.answer.textContent(), await host.lastAnswer(id));
  },
};
