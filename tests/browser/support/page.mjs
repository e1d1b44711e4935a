// The page in words: what a person does on it, and sees.
import assert from "node:assert/strict";

/* The answer that was to be seen in the middle had ended already. */
export class TooLate extends Error {}

/* A prompt that the script responder answers with `chunks` pieces, `delayMs` apart. */
export function scripted({ chunks = 8, delayMs = 0, text = "", ...more } = {}) {
  return `#bench ${JSON.stringify({ chunks, chunkBytes: 40, delayMs, ...more })}\n${text}`;
}

export class Page {
  constructor(page) {
    this.page = page;
    this.title = page.locator("#title");
    this.prompt = page.getByLabel("Your message");
    this.sendButton = page.getByRole("button", { name: "Send" });
    this.stopButton = page.getByRole("button", { name: "Stop the answer" });
    this.search = page.getByLabel("Search conversations");
    this.problem = page.getByRole("alert");
    this.threads = page.locator("#list a");
    this.answers = page.locator(".answer");
    this.answer = this.answers.last();
  }

  button(name) { return this.page.getByRole("button", { name, exact: true }); }

  /* The id of the conversation that is open. */
  get id() { return new URL(this.page.url()).hash.slice(1); }

  async send(prompt) {
    await this.prompt.fill(prompt);
    await this.prompt.press("Enter");
  }

  /* Waits until the answer of that round is in the middle, and returns its length so far. */
  async seesAnswerGrow(round = 1) {
    const found = await this.page.waitForFunction((index) => {
      const turn = document.querySelectorAll(".turn")[index];
      const length = turn?.querySelector(".answer").textContent.length;
      if (length > 40 && !document.querySelector("#stop").hidden) return { length };
      return turn?.querySelector(".notes > p:not([hidden])") ? { tooLate: true } : null;
    }, round - 1);
    const { length, tooLate } = await found.jsonValue();
    if (tooLate) throw new TooLate();
    return length;
  }

  async seesAnswerEnd() {
    await this.page.locator(".turn:last-child .notes p").waitFor();
    await this.sendButton.waitFor();
  }

  async sees(text) { await this.page.getByText(text).first().waitFor(); }

  /* Waits until `locator` has exactly this text. */
  async reads(locator, text) {
    const found = await locator.elementHandle();
    await this.page.waitForFunction(([element, wanted]) => element.textContent === wanted, [found, text]).catch(async () => {
      assert.equal(await locator.textContent(), text);
    });
  }

  /* Waits until the list shows these names from its top on. */
  async lists(...names) {
    await this.page.waitForFunction((wanted) => {
      const shown = [...document.querySelectorAll("#list .name")].map((name) => name.textContent);
      return wanted.every((name, index) => shown[index] === name);
    }, names);
  }

  async listsCount(count) {
    await this.page.waitForFunction((wanted) => document.querySelectorAll("#list a").length === wanted, count);
  }

  async hasNoSidewaysScroll() {
    const [width, room] = await this.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(width <= room, `the page is ${width} wide on a screen of ${room}`);
  }
}
