// The official library's side: reads worlds as JSON lines, writes what it makes of each.
//
// A line in: {"world": {...}, "ours": "C..."}. A line out: {"theirs": its string for the world,
// "read": what it reads in ours}.

import { createInterface } from "node:readline";
import { read, write } from "./tcf_library.mjs";

for await (const line of createInterface({ input: process.stdin })) {
  const { world, ours } = JSON.parse(line);
  process.stdout.write(JSON.stringify({ theirs: write(world), read: read(ours) }) + "\n");
}
