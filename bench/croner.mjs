// The peer of the cron rows: node croner.mjs parse|next PATTERN ZONE prints ns. croner is beside us
// in node_modules, or where CICADA_BENCH_CRONER says that we are.
import { Cron } from "croner";

const [what, pattern, timezone] = process.argv.slice(2);
const job = new Cron(pattern, { timezone, paused: true });
const from = Date.UTC(2026, 0, 1), to = Date.UTC(2036, 0, 1);
const second = () => Math.floor(Math.random() * (to - from) / 1000) * 1000;
const instants = Array.from({ length: 4096 }, () => new Date(from + second()));

let kept;
function parse() {
  for (let i = 0; i < 1000; ++i) kept = new Cron(pattern, { timezone, paused: true });
  return 1000;
}
function next() {
  for (const t of instants) kept = job.nextRun(t);
  return instants.length;
}
const batch = what === "parse" ? parse : next;

const times = [];
const end = performance.now() + 600;
batch();
do {
  const begin = performance.now();
  const count = batch();
  times.push((performance.now() - begin) * 1e6 / count);
} while (performance.now() < end || times.length < 5);
times.sort((a, b) => a - b);
console.log(times[times.length >> 1]);
