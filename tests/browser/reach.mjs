// For everybody: by keyboard alone, and on a phone.
import assert from "node:assert/strict";
import { scripted } from "./support/page.mjs";

/* Presses `key` until what has the focus has this name; everything on the way must show that it has it. */
async function goTo(page, name, key = "Tab") {
  for (let step = 0; step < 40; ++step) {
    await page.page.keyboard.press(key);
    const [label, visible] = await page.page.evaluate(() => {
      const { activeElement: element } = document;
      const frame = element.id === "prompt" ? element.form : element;
      const { outlineStyle, boxShadow } = getComputedStyle(frame);
      const text = element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent;
      return [text.trim(), outlineStyle !== "none" || boxShadow !== "none" || element === document.body];
    });
    assert.ok(visible, `the focus on '${label}' cannot be seen`);
    if (label.startsWith(name)) return;
  }
  assert.fail(`'${name}' cannot be reached with ${key}`);
}

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

export default {
  async "the main job, by keyboard alone"(scene) {
    const host = await scene.host();
    await host.converse("An older one");
    const page = await scene.page(host);
    const { keyboard } = page.page;
    await page.lists("An older one");
    await page.page.waitForFunction(() => document.activeElement.id === "prompt");
    await keyboard.type(`#bench {"chunks": 5}`);
    await keyboard.press("Shift+Enter");
    await keyboard.type("two lines");
    assert.equal(await page.prompt.inputValue(), `#bench {"chunks": 5}\ntwo lines`);
    await keyboard.press("Enter");
    await page.seesAnswerEnd();

    await goTo(page, "Rename", "Shift+Tab");
    await keyboard.press("Enter");
    await keyboard.press("Escape");
    await keyboard.press("Enter");
    await keyboard.type("By keyboard");
    await keyboard.press("Enter");
    await page.reads(page.title, "By keyboard");

    await goTo(page, "An older one", "Shift+Tab");
    await keyboard.press("ArrowUp");
    await keyboard.press("Enter");
    await keyboard.press("Shift+Tab");
    await goTo(page, "Delete", "Shift+Tab");
    await keyboard.press("Enter");
    await goTo(page, "Delete");
    await keyboard.press("Enter");
    await page.listsCount(1);
    await page.page.waitForFunction(() => document.activeElement.id === "prompt");
    await page.send(scene.slowly({ chunks: 1000 }));
    await page.seesAnswerGrow();
    await goTo(page, "Stop the answer");
    await keyboard.press("Enter");
    await page.sees("The answer was stopped here.");
  },

  async "screen readers are told of answers and their end"(scene) {
    const host = await scene.host();
    const page = await scene.page(host);
    await page.send(scene.slowly({ chunks: 1000 }));
    await page.seesAnswerGrow();
    assert.equal(await page.answer.getAttribute("aria-live"), "polite");
    assert.equal(await page.answer.getAttribute("aria-busy"), "true");
    await page.stopButton.click();
    await page.reads(page.page.locator("#status"), "Stopped");
    await page.page.locator(".answer[aria-busy=false]").waitFor();
    await page.send(scripted({ chunks: 2 }));
    await page.reads(page.page.locator("#status"), "The answer is complete.");
  },

  async "on a phone: no scrolling sideways, the list in a drawer"(scene) {
    const host = await scene.host();
    await host.converse("x".repeat(300));
    const page = await scene.page(host, PHONE);
    await page.hasNoSidewaysScroll();
    assert.ok(!await page.search.isVisible());
    await page.button("Show the conversations").tap();
    await page.threads.first().tap();
    await page.seesAnswerEnd();
    await page.search.waitFor({ state: "hidden" });
    await page.hasNoSidewaysScroll();
    assert.ok(await page.prompt.isVisible());

    await page.send(scripted({ text: "y".repeat(300) }));
    await page.seesAnswerEnd();
    await page.hasNoSidewaysScroll();
    await page.button("Delete").tap();
    await page.hasNoSidewaysScroll();
    await page.button("Cancel").tap();

    await page.button("Show the conversations").tap();
    await page.search.waitFor();
    await page.page.keyboard.press("Escape");
    await page.search.waitFor({ state: "hidden" });
    await page.button("Show the conversations").tap();
    await page.button("New conversation").tap();
    await page.sees("What is on your mind?");
    await page.search.waitFor({ state: "hidden" });
  },
};
