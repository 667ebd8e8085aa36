// The peers of the P1 rows: node postgres_peers.mjs PEER URL WORKERS RUNS prints runs a second,
// from the first fetch until the last is ended in the database. graphile-worker and pg-boss are
// beside us, in node_modules.
import pg from "pg";

const [which, url] = process.argv.slice(2);
const [workers, runs] = process.argv.slice(4).map(Number);
const pool = new pg.Pool({ connectionString: url, max: 2 });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let begin;

if (which === "graphile-worker") {
  const { run, makeWorkerUtils } = await import("graphile-worker");
  const utils = await makeWorkerUtils({ connectionString: url });
  await utils.migrate();
  await utils.release();
  for (let i = 0; i < runs; i += 1000) {
    await pool.query(
      `SELECT count(*) FROM graphile_worker.add_jobs((
         SELECT array_agg(json_populate_record(NULL::graphile_worker.job_spec,
           '{"identifier": "none", "payload": {"to": "me@example.org"}}'))
         FROM generate_series(1, $1)))`, [Math.min(1000, runs - i)]);
  }
  await pool.query("VACUUM ANALYZE");
  let done = 0;
  begin = performance.now();
  for (let i = 0; i < workers; ++i) {
    await run({
      connectionString: url, noHandleSignals: true,
      taskList: { none: async () => { ++done; } },
      preset: { worker: { concurrentJobs: 24, maxPoolSize: 25, localQueue: { size: 500 },
        completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      logger: new (await import("graphile-worker")).Logger(() => () => {}),
    });
  }
  while (done < runs) await sleep(2);
  const left = "SELECT count(*)::int AS n FROM graphile_worker._private_jobs";
  while ((await pool.query(left)).rows[0].n > 0) await sleep(2);
} else {
  const all = await import("pg-boss");
  const PgBoss = all.PgBoss ?? all.default;
  const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false });
  boss.on("error", (error) => { console.error(error); process.exit(1); });
  await boss.start();
  await boss.createQueue("none");
  for (let i = 0; i < runs; i += 1000) {
    const some = Array.from({ length: Math.min(1000, runs - i) },
      () => ({ name: "none", data: { to: "me@example.org" } }));
    await (boss.insert.length > 1 ? boss.insert("none", some) : boss.insert(some));
  }
  await pool.query("VACUUM ANALYZE");
  begin = performance.now();
  await Promise.all(Array.from({ length: workers }, async () => {
    for (;;) {
      const jobs = await boss.fetch("none", { batchSize: 100 });
      if (!jobs || jobs.length === 0) return;
      await boss.complete("none", jobs.map((job) => job.id));
    }
  }));
}
console.log(runs / (performance.now() - begin) * 1000);
process.exit(0);
