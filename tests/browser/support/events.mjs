// Server-sent events, taken apart in three ways. An event is [type, id, data]; events without an id have the last one's,
// as the standard says.
import { createParser } from "eventsource-parser";
import { pieces } from "./relay.mjs";

/* As somebody would who knows what the server writes: a frame ends with a blank line. */
export function split(bytes) {
  const frames = new TextDecoder().decode(bytes).split("\n\n");
  frames.pop();  // what is after the last blank line is no whole frame
  let last = "";
  return frames.flatMap((frame) => {
    const field = (name) => frame.split("\n").find((line) => line.startsWith(name + ": "))?.slice(name.length + 2);
    last = field("id") ?? last;
    return field("data") === undefined ? [] : [[field("event") ?? "message", last, field("data")]];
  });
}

/* With the package eventsource-parser, fed in pieces of up to `longest` bytes. */
export function parse(bytes, longest, random) {
  const events = [];
  let last = "";
  const decoder = new TextDecoder();
  const parser = createParser({
    onEvent: ({ event, id, data }) => events.push([event ?? "message", last = id ?? last, data]),
    onError: (error) => { throw error; },
  });
  for (const piece of pieces(bytes, longest, random)) parser.feed(decoder.decode(piece, { stream: true }));
  return events;
}

/* With the EventSource of a browser, begun in `page`; its end is awaited by `ended`. It is closed at the event `end`, or
   else left to the server. */
export function listen(page, url, { closesAtEnd = true } = {}) {
  return page.evaluate(([address, closes]) => {
    const heard = window.heard = { events: [], opened: 0, closed: false };
    const source = new EventSource(address);
    const take = ({ type, lastEventId, data }) => heard.events.push([type, lastEventId, data]);
    for (const type of ["message", "delta", "end"]) source.addEventListener(type, take);
    source.addEventListener("open", () => { ++heard.opened; });
    source.addEventListener("end", () => { if (closes) { source.close(); heard.closed = true; } });
    source.addEventListener("error", () => { heard.closed = source.readyState === EventSource.CLOSED; });
  }, [url, closesAtEnd]);
}

export async function ended(page) {
  await page.waitForFunction(() => window.heard.closed);
  return page.evaluate(() => window.heard);
}

/* What a client knows after these events: the items by their places, the joined text of each draft, the end. Throws if
   a piece of text is missing or comes twice. */
export function join(events) {
  const known = { items: [], drafts: {}, status: null };
  for (const [type, id, data] of events) {
    const value = JSON.parse(data);
    if (type === "end") known.status = value.status;
    else if (type === "delta") joinDelta(known.drafts, value);
    else if (known.items.push(value) !== parseInt(id)) throw new Error(`place ${id} after ${known.items.length - 1} items`);
  }
  return known;
}

/* Offsets count code points, of which JavaScript's strings may need two units for one. */
function joinDelta(drafts, { id, offset, text }) {
  const known = drafts[id] ??= [];
  if (offset !== known.length) throw new Error(`offset ${offset} after ${known.length} code points`);
  for (const character of text) known.push(character);
}
