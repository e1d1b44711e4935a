// A model server that answers /INDEX/v1/chat/completions as the case of that index says, in pieces
// of odd sizes.
import { createServer } from "node:http";

const PIECE = 1021;

export async function serve(cases) {
  const counts = new Map();
  const server = createServer((request, response) => {
    const index = Number(request.url.split("/")[1]);
    counts.set(index, (counts.get(index) ?? 0) + 1);
    request.resume();
    request.on("end", () => answer(cases[index], response));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /* How often the case was asked for since the last call. */
    take(index) {
      const count = counts.get(index) ?? 0;
      counts.delete(index);
      return count;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answer(one, response) {
  const headers = { Connection: "close", "retry-after-ms": "1", ...one.headers };
  const type = one.type ?? (one.events ? "text/event-stream" : "application/json");
  if (type) headers["Content-Type"] = type;
  response.writeHead(one.status ?? 200, headers);
  const body = bodyOf(one);
  for (let start = 0; start < body.length; start += PIECE) response.write(body.subarray(start, start + PIECE));
  if (one.then !== "hang") response.end();
}

/* A body is a text, or a list of texts and of [text, count]. */
function bodyOf({ base64, body, events }) {
  if (base64 !== undefined) return Buffer.from(base64, "base64");
  if (events) return Buffer.from(events.map((event) => `data: ${event}\n\n`).join(""));
  const parts = [body].flat().length === 1 && typeof body === "string" ? [body] : body;
  return Buffer.from(parts.map((part) => (Array.isArray(part) ? part[0].repeat(part[1]) : part)).join(""));
}
