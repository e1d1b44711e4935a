// The list of conversations: order, pages, search, rename, delete.
import assert from "node:assert/strict";
import { eventually } from "./support/checks.mjs";

export default {
  async "the list is newest first and has pages"(scene) {
    const host = await scene.host();
    for (let number = 1; number <= 23; ++number) await host.converse(`Number ${number}`);
    const page = await scene.page(host);
    await page.lists("Number 23", "Number 22", "Number 21");
    await page.listsCount(20);
    await page.sees("1–20 of 23");
    await page.button("Older").click();
    await page.lists("Number 3", "Number 2", "Number 1");
    await page.sees("21–23 of 23");
    assert.ok(await page.button("Older").isDisabled());
    await page.button("Newer").click();
    await page.lists("Number 23");
  },

  async "the search finds names, whatever the page and the case"(scene) {
    const host = await scene.host();
    await host.converse("A straw in the haystack");
    await host.converse("A NEEDLE in it");
    for (let number = 1; number <= 20; ++number) await host.converse(`Hay ${number}`);
    const page = await scene.page(host);
    await page.button("Older").click();
    await page.listsCount(2);
    await page.search.fill("needle");
    await page.lists("A NEEDLE in it");
    await page.listsCount(1);
    await page.search.fill("elephant");
    await page.sees("Nothing found for “elephant”.");
    await page.search.fill("");
    await page.lists("Hay 20");
  },

  async "a conversation is renamed"(scene) {
    const host = await scene.host();
    await host.converse("A working title");
    const page = await scene.page(host);
    await page.threads.first().click();
    await page.reads(page.title, "A working title");
    await page.button("Rename").click();
    await page.page.getByLabel("Name", { exact: true }).fill("The real name");
    await page.page.keyboard.press("Enter");
    await page.reads(page.title, "The real name");
    await page.lists("The real name");
    await page.page.reload();
    await page.reads(page.title, "The real name");
  },

  async "a conversation is deleted, but not by accident"(scene) {
    const host = await scene.host();
    await host.converse("To stay");
    const id = await host.converse("To go");
    const page = await scene.page(host, { address: "#" + id });
    await page.reads(page.title, "To go");
    await page.button("Delete").click();
    await page.button("Cancel").click();
    assert.equal((await host.detail(id)).status, 200);
    await page.button("Delete").click();
    await page.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.listsCount(1);
    await page.lists("To stay");
    await page.reads(page.title, "New conversation");
    assert.equal((await host.detail(id)).status, 404);
  },

  async "a conversation is deleted while it is being answered"(scene) {
    const host = await scene.host();
    const page = await scene.page(host);
    await page.send(scene.slowly({ chunks: 1000 }));
    await page.seesAnswerGrow();
    const { id } = page;
    const other = await scene.page(host, { address: "#" + id });
    await other.seesAnswerGrow();
    await page.button("Delete").click();
    await page.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.sees("What is on your mind?");
    await page.listsCount(0);
    await other.sees("This conversation is not there any more.");
    assert.equal((await host.detail(id)).status, 404);
  },

  async "going back in the browser goes back to the conversation before"(scene) {
    const host = await scene.host();
    await host.converse("One");
    await host.converse("Two");
    const page = await scene.page(host);
    await page.threads.nth(1).click();
    await page.reads(page.title, "One");
    await page.threads.nth(0).click();
    await page.reads(page.title, "Two");
    await page.page.goBack();
    await page.reads(page.title, "One");
    await eventually("the list to mark it", async () =>
      (await page.page.locator("#list [aria-current] .name").textContent()) === "One");
  },
};
