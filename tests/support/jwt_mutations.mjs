// Tokens that were good once and are no longer what they were, and what jose makes of each. First the key set; then a
// line for each token: in hex, whether jose takes it, and if so issuer, subject and expiry as jose reads them. The
// keys are new each time, the changes always the same:
//
//     node tests/support/jwt_mutations.mjs build/node 20000
//
// Half of the tokens are changed after they were signed; the others before, in their header or their payload.
import {createRequire} from "node:module";
import crypto from "node:crypto";
import path from "node:path";
import process from "node:process";

const jose = createRequire(path.resolve(process.argv[2] ?? "build/node", "any.js"))("jose");
const count = Number(process.argv[3] ?? 20000);

const now = 1760000000;
const keys = {
    RS256: crypto.generateKeyPairSync("rsa", {modulusLength: 2048}),
    ES256: crypto.generateKeyPairSync("ec", {namedCurve: "P-256"})};
const set = {keys: Object.entries(keys).map(([kid, pair]) => ({...pair.publicKey.export({format: "jwk"}), kid}))};
const find_key = jose.createLocalJWKSet(set);
const options = {
    algorithms: ["RS256", "ES256"], issuer: ["https://issuer.example", "issuer.example"],
    audience: ["ours", "ours too"], clockTolerance: 60, currentDate: new Date(now * 1000),
    requiredClaims: ["iss", "sub", "aud", "exp"]};

// xorshift32: the same changes each time.
let seed = 20240229;
function random(below) {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return (seed >>> 0) % below;
}
const one_of = (list) => list[random(list.length)];

const base64url = (octets) => Buffer.from(octets).toString("base64url");
function signed(text, alg) {
    const key = {key: keys[alg].privateKey, dsaEncoding: "ieee-p1363"};
    return `${text}.${base64url(crypto.sign("sha256", Buffer.from(text), key))}`;
}
const token_of = (header, payload, alg) => signed(`${base64url(header)}.${base64url(payload)}`, alg);

const header = (alg) => ({alg, kid: alg, typ: "JWT"});
const claims = {iss: "https://issuer.example", sub: "somebody", aud: "ours", iat: now - 10, exp: now + 300};

const moments = [
    0, 1, now - 61, now - 60, now - 59, now, now + 59, now + 60, now + 61, now + 300, now + 1e9, 253402300799,
    253402300800];
const values = [
    null, true, false, "", "ours", "ours too", "other", "issuer.example", "https://issuer.example",
    "https://issuer.example/", "JWT", "at+jwt", "RS256", "ES256", "none", "HS256", [], {}, ["ours"],
    ["ours", "other"], ["other"], [["ours"]], ["ours", 1], 0.5, -1, 1e300, now + 0.5, `${now + 100}`,
    "x".repeat(255), "x".repeat(256), "\0", "\u{1f600}", ...moments, ...moments];
const names = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "azp", "other"];
const members = ["alg", "kid", "typ", "crit", "b64", "zip", "cty", "jwk", "other"];

// JSON by hand, where JSON.stringify has but one way.
const numbers = (value) => [
    `${value}.0`, `${value}e0`, `${value / 10}e1`, `0${value}`, `+${value}`, `-${value}`,
    `${value}${"0".repeat(20)}`];
function change_text(text) {
    const at = random(text.length);
    switch (random(7)) {
    case 0: return text.slice(0, at) + text.slice(at + 1);
    case 1: return text.slice(0, at) + one_of([...'{}[]",:\\0e. \n\t\0\x1f\x7f\u00ff']) + text.slice(at);
    case 2: return text.slice(0, at) + one_of([...'{}[]",:1az']) + text.slice(at + 1);
    case 3: return text.replace(/:(\d+)/, (_, value) => `:${one_of(numbers(Number(value)))}`);
    case 4: return text.replace("{", `{"${one_of(names)}":${JSON.stringify(one_of(values))},`);
    case 5: return text.replace(/"([a-z])/, (_, letter) => `"\\u00${letter.charCodeAt(0).toString(16)}`);
    default: return one_of([" ", "\n", "\ufeff", "x", ""]) + text + one_of([" ", "\n", "x", "{}", "\0"]);
    }
}

function change_object(object, among) {
    const changed = {...object};
    for (let times = 1 + random(2); times > 0; --times) {
        const name = one_of(among);
        if (random(6) === 0) delete changed[name];
        else changed[name] = one_of(values);
    }
    return changed;
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n";
function change_token(token) {
    const at = random(token.length);
    const segments = token.split(".");
    switch (random(8)) {
    case 0: return token.slice(0, at) + one_of([...letters]) + token.slice(at + 1);
    case 1: return token.slice(0, at) + token.slice(at + 1);
    case 2: return token.slice(0, at) + one_of([...letters]) + token.slice(at);
    case 3: return token.slice(0, at);
    case 4: return token + token.slice(at, at + 1 + random(8));
    case 5: return token.slice(0, -1) + one_of([...letters]);
    case 6: return segments.map((segment) => random(3) ? segment : one_of(segments)).join(".");
    default:
        return segments.map((segment) => segment + (random(3) ? "" : one_of(["=", "==", "A", "\n", " "]))).join(".");
    }
}

function changed() {
    const alg = random(5) ? "ES256" : "RS256";
    const head = JSON.stringify(header(alg));
    const body = JSON.stringify(claims);
    switch (random(8)) {
    case 0: return token_of(JSON.stringify(change_object(header(alg), members)), body, alg);
    case 1: return token_of(change_text(head), body, alg);
    case 2: return token_of(head, change_text(body), alg);
    case 3: return token_of(head, JSON.stringify(change_object(claims, names)), alg);
    default: return change_token(token_of(head, body, alg));
    }
}

async function judged(token) {
    try {
        const {payload} = await jose.jwtVerify(token, find_key, options);
        return ["taken", payload.iss, payload.sub, payload.exp].map(String);
    } catch (refusal) {
        return ["refused", refusal.code ?? refusal.name];
    }
}

console.log(JSON.stringify(set));
for (let made = 0; made < count; ++made) {
    const token = changed();
    const verdict = await judged(token);
    console.log([token, ...verdict].map((text) => Buffer.from(text).toString("hex")).join("\t"));
}
