// Prints what npm's @redocly/openapi-core, the checker behind `redocly lint`, has against a description of calls by the
// rules of redocly.yaml, one complaint a line.
//
//     node tests/blackbox/api_lint.mjs build/node tests/blackbox/node/redocly.yaml docs/openapi.json
import {createRequire} from "node:module";
import path from "node:path";
import process from "node:process";

const load = createRequire(path.resolve(process.argv[2], "any.js"));
const {lint, loadConfig} = load("@redocly/openapi-core");

const config = await loadConfig({configPath: process.argv[3]});
for (const problem of await lint({ref: process.argv[4], config}))
    console.log(`${problem.severity} ${problem.ruleId}: ${problem.message} ${problem.location[0].pointer}`);
