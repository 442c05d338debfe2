// Signs tokens as Google does, and as its impostors would, with npm's jose; and starts npm's oauth2-mock-server,
// which signs others. Its first line is {"keys", "issuer"}: the public keys by name, and where oauth2-mock-server has
// its own. Then each line of JSON that it reads is answered by a line {"token"}:
//
//     {"key": "first", "header": {"alg": "RS256", …}, "payload": "{…}"}
//     {"issue": {"sub": …}}      by oauth2-mock-server, which adds iss, iat, exp and nbf where they are not there
//
//     node tests/blackbox/google_tokens.mjs build/node
import {createRequire} from "node:module";
import path from "node:path";
import process from "node:process";
import readline from "node:readline";

const load = createRequire(path.resolve(process.argv[2] ?? "build/node", "any.js"));
const jose = load("jose");
const {OAuth2Server} = load("oauth2-mock-server");

const signing = {};
const keys = {};
for (const name of ["first", "second", "stranger"]) {
    const pair = await jose.generateKeyPair("RS256", {extractable: true});
    signing[name] = pair.privateKey;
    keys[name] = {...await jose.exportJWK(pair.publicKey), kid: name, use: "sig", alg: "RS256"};
    if (name === "first") {
        const pem = await jose.exportSPKI(pair.publicKey);
        signing.pem = Buffer.from(pem);         // a public key as the secret of an HMAC
        signing.trimmedPem = Buffer.from(pem.trim());
        signing.modulus = Buffer.from(keys.first.n, "base64url");
    }
}
signing.curve = (await jose.generateKeyPair("ES256")).privateKey;

const google = new OAuth2Server();
await google.issuer.keys.generate("RS256");
await google.start(0, "127.0.0.1");
const home = google.issuer.url.replace("localhost", "127.0.0.1");
google.issuer.url = "https://accounts.google.com";

const tokenOf = ({key, header, payload, issue}) => issue
    ? google.issuer.buildToken({scopesOrTransform: (_, claims) => Object.assign(claims, issue)})
    : new jose.CompactSign(Buffer.from(payload)).setProtectedHeader(header)
        .sign(signing[key], {crit: Object.fromEntries((header.crit ?? []).map((name) => [name, true]))});

console.log(JSON.stringify({keys, issuer: home}));
for await (const line of readline.createInterface({input: process.stdin})) {
    console.log(JSON.stringify({token: await tokenOf(JSON.parse(line))}));
}
await google.stop();
