// The official library's side of the benchmarks: one JSON line in, one out.
//
// {"prepare": work, "text"|"world"|"list": ..., "vendor": id, "warm_up": s} sends the input once and lets the
// engine compile the work, and answers what the work gives; {"measure": work, "n": times} answers the seconds it took;
// {"read": text} answers what the library reads in a string, {"write": world} what it writes.

import { createInterface } from "node:readline";
import { GVL, TCString, encode, modelOf, read, write } from "../tests/node/tcf_library.mjs";

const kinds = {
  decode: ({ text, vendor }) => () => TCString.decode(text).vendorConsents.has(vendor),
  encode: ({ world }) => {
    const made = modelOf(world);
    return () => encode(made);
  },
  write: ({ world }) => () => write(world),
  publish: ({ world, list }) => {
    const { model } = modelOf(world);
    model.gvl = new GVL(list);
    return () => TCString.encode(model);
  },
};
const prepared = {};
let kept; // the last answer, so that no work is dropped as unused

function measure(work, n) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < n; i++) kept = work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

function answer(question) {
  if (question.read) return read(question.read);
  if (question.write) return write(question.write);
  if (question.measure) return measure(prepared[question.measure], question.n);
  const { prepare, warm_up } = question;
  prepared[prepare] = kinds[prepare.split(" ")[0]](question);
  for (let spent = 0; spent < warm_up; ) spent += measure(prepared[prepare], 10);
  return kept;
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + "\n");
