// The official library's side: reads worlds as JSON lines, writes what it makes of each.
//
// A line in: {"sections": {name: {field: value}}, "ours": "DB..." or null}. A line out: {"theirs":
// its string for the sections, "read": what it reads in ours}.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import path from "node:path";

const require = createRequire(path.join(process.cwd(), "peer.cjs"));
const { GppModel } = require("@iabgpp/cmpapi");

function write(sections) {
  const model = new GppModel();
  for (const [name, fields] of Object.entries(sections))
    for (const [field, value] of Object.entries(fields)) {
      const isDate = field === "Created" || field === "LastUpdated";
      model.setFieldValue(name, field, isDate ? new Date(value) : value);
    }
  // the library puts the present time into these whenever another field changes
  for (const field of ["Created", "LastUpdated"])
    if (sections.tcfcav1) model.setFieldValue("tcfcav1", field, new Date(sections.tcfcav1[field]));
  return model.encode();
}

function read(text) {
  const model = new GppModel(text);
  const found = {};
  for (const name of Object.keys(model.toObject())) found[name] = model.getSection(name);
  return found;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { sections, ours } = JSON.parse(line);
  const answer = { theirs: write(sections), read: ours === null ? null : read(ours) };
  process.stdout.write(JSON.stringify(answer) + "\n");
}
