// The event streams as others read them: the EventSource of a browser, a package from npm, and a plain split.
import assert from "node:assert/strict";
import { ended, join, listen, parse, split } from "./support/events.mjs";
import { scripted } from "./support/page.mjs";
import { Relay, chance } from "./support/relay.mjs";

// What streams, JSON and UTF-16 have rules for.
const TEXT = `a\u00e9\u20ac\u{1f600}\u2028\ufeff"\\ \r\n\n\nid: 9\ndata: {}\n\n\0`;

const writing = (options) => scripted({ chunks: 2, logs: 2, deltas: 40, deltaText: TEXT, delayMs: 2, ...options });

const start = (host, prompt) => fetch(host.url + "api/chatbot/start/stream?deltas=true", {
  method: "POST", body: JSON.stringify({ prompt }),
});

/* A relay with a browser on its page. */
async function relayTo(page, scene, options) {
  const relay = await Relay.start(options);
  scene.onClose(() => relay.close());
  await page.goto(relay.url);
  return relay;
}

const newestOf = async (host) => (await host.threads()).items[0].id;

/* Joins the newest workflow. A browser that comes back says where it was. */
const joinNewest = (host) => async ({ headers }) => {
  const place = headers["last-event-id"];
  return fetch(`${host.url}api/chatbot/${await newestOf(host)}/stream?deltas=true`, {
    headers: place ? { "Last-Event-ID": place } : {},
  });
};

/* What the host shows of a workflow is what the client has joined. */
async function checkWhole(host, events) {
  const known = join(events);
  const { workflow, chatData } = await host.detail(known.items[0].item.workflowId);
  assert.deepEqual(known.items, chatData.items);
  assert.equal(known.status, workflow.status);
  const messages = new Map(known.items.map(({ item }) => [item.id, item.message]));
  for (const [message, text] of Object.entries(known.drafts)) {
    assert.ok(messages.get(message).startsWith(text.join("")), "what was shown is not what was finished");
  }
  return known;
}

export default {
  async "three readers of a recorded stream find the same in it"(scene) {
    const host = await scene.host();
    const { page } = await scene.page(host);
    for (const plan of [{}, { deltas: 0, chunks: 10 }, { fail: true }]) {
      const bytes = Buffer.from(await (await start(host, writing(plan))).arrayBuffer());
      const expected = split(bytes);
      const { status } = await checkWhole(host, expected);
      assert.equal(status, plan.fail ? "error" : "completed");
      if (plan.deltas !== 0) assert.ok(expected.some(([type, id]) => type === "delta" && /^\d+\.\d+$/.test(id)));
      for (const longest of [1, 30, 1000]) {
        assert.deepEqual(parse(bytes, longest, chance(longest)), expected);
        const open = async () => new Response(bytes, { headers: { "Content-Type": "text/event-stream" } });
        await relayTo(page, scene, { open, longest, seed: longest });
        await listen(page, "/stream");
        assert.deepEqual((await ended(page)).events, expected);
      }
    }
  },

  async "three readers of a stream that is being made find the same in it"(scene) {
    const host = await scene.host();
    const { page } = await scene.page(host);
    const relay = await relayTo(page, scene, { open: joinNewest(host), longest: 40, seed: 5 });
    const round = await start(host, writing({ deltas: 200, delayMs: 5 }));
    await listen(page, "/stream");
    const { events } = await ended(page);
    const bytes = Buffer.concat(relay.connections[0].received);
    assert.deepEqual(split(bytes), events);
    assert.deepEqual(parse(bytes, 40, chance(7)), events);
    await checkWhole(host, events);
    await checkWhole(host, split(Buffer.from(await round.arrayBuffer())));
  },

  async "an EventSource whose connections break goes on by itself, and stops at the end"(scene) {
    const host = await scene.host();
    const { page } = await scene.page(host);
    const random = chance(11);
    // Text that was missed comes in frames of up to 16 KiB: every other connection lives for longer than one takes.
    const cutAfter = (number) => number >= 20 ? Infinity : number % 2 ? 40_000 + random(10_000) : 500 + random(4000);
    const relay = await relayTo(page, scene, { open: joinNewest(host), cutAfter, seed: 3, longest: 300 });
    const round = await start(host, writing({ deltas: 2000, delayMs: scene.pace / 40 }));
    await listen(page, "/stream", { closesAtEnd: false });
    const { events, opened } = await ended(page);

    await checkWhole(host, events);
    await round.text();
    const places = relay.connections.map(({ lastEventId }) => lastEventId);
    assert.equal(places[0], undefined);
    assert.ok(places.some((place) => /^\d+\.[1-9]\d*$/.test(place)), `no cut was within the text: ${places}`);
    const statuses = relay.connections.map(({ status }) => status);
    assert.equal(statuses.pop(), 204);
    assert.deepEqual(new Set(statuses), new Set([200]));
    assert.equal(opened, statuses.length);
  },

  async "an EventSource without deltas sees none"(scene) {
    const host = await scene.host();
    const { page } = await scene.page(host);
    const round = await start(host, writing({ deltas: 100, delayMs: 5 }));
    await listen(page, `${host.url}api/chatbot/${await newestOf(host)}/stream`);
    const { events } = await ended(page);
    await round.text();
    assert.ok(events.every(([type, place]) => type !== "delta" && /^\d+$/.test(place)));
    await checkWhole(host, events);
  },
};
