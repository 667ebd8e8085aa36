// The peer of the J1 rows: node bullmq.mjs IN_FLIGHT RUNS prints runs a second. It starts a Redis
// of its own, on loopback, which syncs each write as a store of SQLite does, and ends it. bullmq is
// beside us in node_modules, or where CICADA_BENCH_BULLMQ says that we are.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Queue, Worker } from "bullmq";

const [concurrency, runs] = process.argv.slice(2).map(Number);
const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const dir = mkdtempSync(join(tmpdir(), "cicada-bench-redis-"));
const redis = spawn("redis-server", ["--port", port, "--bind", "127.0.0.1", "--dir", dir,
  "--appendonly", "yes", "--appendfsync", "always", "--save", ""], { stdio: "ignore" });
process.on("exit", () => { // also after an error
  redis.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});
const connection = { host: "127.0.0.1", port, maxRetriesPerRequest: null };

const queue = new Queue("none", { connection });
await queue.waitUntilReady();
for (let i = 0; i < runs; i += 1000) {
  await queue.addBulk(Array.from({ length: Math.min(1000, runs - i) },
    () => ({ name: "none", data: { to: "me@example.org" } })));
}
let done = 0;
const begin = performance.now();
await new Promise((resolve) => {
  const worker = new Worker("none", async () => {}, { connection, concurrency });
  worker.on("completed", () => ++done === runs && resolve());
});
console.log(runs / (performance.now() - begin) * 1000);
process.exit(0);
