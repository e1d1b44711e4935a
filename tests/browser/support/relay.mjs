// Between a browser and its event stream: passes the bytes on in pieces of random sizes, keeps a copy of them, and
// breaks connections.
import { createServer } from "node:http";
import { once } from "node:events";

/* Numbers that are the same in every run with the same seed: xorshift. */
export function chance(seed) {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/* `bytes` in pieces of 1 to `longest` bytes, wherever that cuts a character. */
export function* pieces(bytes, longest, random) {
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random(longest);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

export class Relay {
  connections = [];  // of each: { lastEventId, status, received }, the bytes that came from the source

  /* `open(request)` gives the source's Response. `cutAfter(number)`: after how many bytes connection `number`, counted
     from 0, breaks; Infinity: it does not. */
  static async start({ open, cutAfter = () => Infinity, seed = 1, longest = 50 }) {
    const relay = new Relay();
    Object.assign(relay, { open, cutAfter, longest, random: chance(seed) });
    relay.server = createServer((request, response) => {
      relay.#serve(request, response).catch(() => response.destroy());
    });
    relay.server.listen(0, "127.0.0.1");
    await once(relay.server, "listening");
    relay.url = `http://127.0.0.1:${relay.server.address().port}/`;
    return relay;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /* `/stream` is the event stream; the page that a browser opens it from is any other path. */
  async #serve(request, response) {
    if (request.url !== "/stream") return response.setHeader("Content-Type", "text/html").end("<title>Relay</title>");
    const connection = { lastEventId: request.headers["last-event-id"], received: [] };
    let left = this.cutAfter(this.connections.push(connection) - 1);
    const source = await this.open(request);
    connection.status = source.status;
    response.writeHead(source.status, { "Content-Type": source.headers.get("Content-Type") ?? "text/plain" });
    // A browser waits for seconds before it comes back, unless it is told otherwise.
    if (source.status === 200) response.write("retry: 20\n\n");
    for await (const bytes of source.body ?? []) {
      connection.received.push(bytes);
      for (const piece of pieces(bytes, this.longest, this.random)) {
        if (left < piece.length) return this.#cut(response, piece.subarray(0, left));
        left -= piece.length;
        response.write(piece);
        await new Promise(setImmediate);
      }
    }
    response.end();
  }

  /* Every other time it looks as if the server had ended it in order, as it does when a stream's time is up. */
  #cut(response, piece) {
    if (this.random(2)) response.end(piece);
    else response.write(piece, () => response.destroy());
  }
}
