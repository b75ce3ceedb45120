// Receives pushes, and acknowledges each one when RabbitMQ has it safely. Run any number of these behind a proxy.
//   AMQP_URL   amqp://user:password@host:5672, or several brokers of a cluster, separated by commas
//   ACCOUNTS   the file of accounts, by default accounts.json: a list of { name, provider, tokens, allow?, timeZone?, dialect? }
//   PORT, HOST the address to listen on, by default 8787 and 127.0.0.1
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createReceiver } from "ringback";
import { toNodeListener } from "ringback/node";
import { createPublisher } from "./publisher.mjs";

const { AMQP_URL = "amqp://127.0.0.1:5672", ACCOUNTS = "accounts.json", PORT = "8787", HOST = "127.0.0.1" } = process.env;
const say = (/** @type {string} */ line) => console.log(`receiver ${PORT}: ${line}`);

const accounts = JSON.parse(await readFile(ACCOUNTS, "utf8"));
const { publish, close } = createPublisher({ url: AMQP_URL, say });
const receive = createReceiver({
  accounts,
  // The receiver's own time limit, `deadlineMs`, covers a broker that never answers.
  onPush: (push) => publish(JSON.stringify(push)),
  on: {
    answer({ outcome, provider, status, reason, error }) {
      if (outcome !== "kept" && outcome !== "probe") say(`${outcome}, answered ${status} to ${provider ?? "a stranger"}: ${error instanceof Error ? error.message : reason}`);
    },
  },
});

// It listens even while there is no broker: then every push is answered so that the platform pushes again.
const server = createServer(toNodeListener(receive));
server.listen(Number(PORT), HOST, () => say(`ready at http://${HOST}:${PORT}/push/<token>`));

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  process.once(signal, () => {
    server.close(() => void close().then(() => process.exit(0)));
    server.closeIdleConnections();
  });
}
