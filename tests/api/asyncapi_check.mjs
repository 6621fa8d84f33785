// SPDX-License-Identifier: Apache-2.0
// Holds told events (one JSON a line) against the payloads of an AsyncAPI document.
import fs from "node:fs";
import Ajv from "ajv/dist/2020.js";

const document = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const events = fs.readFileSync(process.argv[3], "utf8").trim().split("\n").map((line) => JSON.parse(line));
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
ajv.addSchema({ $id: "doc", components: document.components });
let bad = 0;
for (const event of events) {
  const name = event.type.split(".").slice(2).join(".");
  const validate = ajv.getSchema(`doc#/components/messages/${name}/payload`);
  if (validate && validate(event)) continue;
  bad++;
  console.error(name, validate ? validate.errors : "is not in the document", JSON.stringify(event));
}
if (!events.length) console.error("nothing was told");
process.exit(bad || !events.length ? 1 : 0);
