// Tokens and keys, good and bad, with what is to become of each: tests/jwt/corpus.json. Each run makes new keys and
// keeps none of the private ones, so that every line changes:
//
//     node tests/jwt/make_corpus.mjs build/node >tests/jwt/corpus.json
import {createRequire} from "node:module";
import crypto from "node:crypto";
import path from "node:path";
import process from "node:process";

const jose = createRequire(path.resolve(process.argv[2] ?? "build/node", "any.js"))("jose");

const now = 1760000000;

// --- keys ---

const rsa = (bits, more = {}) => crypto.generateKeyPairSync("rsa", {modulusLength: bits, ...more});
const curve = (name, more = {}) => crypto.generateKeyPairSync("ec", {namedCurve: name, ...more});
const pem = (key) => key.export({type: key.type === "private" ? "pkcs8" : "spki", format: "pem"});
const jwk = (pair, more = {}) => ({...pair.publicKey.export({format: "jwk"}), ...more});

const google = rsa(2048);
const google_next = rsa(2048);
const google_long = rsa(3072);
const portal = rsa(2048);
const portal_beside = rsa(2048);
const school = curve("P-256");
const school_beside = curve("P-256");
const stranger = rsa(2048);
const short = rsa(1024);
const small_exponent = rsa(2048, {publicExponent: 3});
const p384 = curve("P-384");
const k256 = curve("secp256k1");

const issuer = "https://portal.example/";
const google_set = JSON.stringify({keys: [
    jwk(google, {kid: "first", alg: "RS256", use: "sig"}),
    jwk(google_next, {kid: "second", alg: "RS256", use: "sig"}),
    jwk(google_long, {kid: "long", alg: "RS256", use: "sig"})]});
const keys = {
    google: google_set,
    portal: JSON.stringify({keys: [jwk(portal, {kid: issuer})]}),
    school: JSON.stringify({keys: [jwk(school, {kid: "curve"})]}),
    both: JSON.stringify({keys: [jwk(google, {kid: "rsa"}), jwk(school, {kid: "curve"})]}),
    twins: JSON.stringify({keys: [jwk(google, {kid: "twin"}), jwk(school, {kid: "twin"})]}),
};

// --- tokens ---

const base64url = (octets) => Buffer.from(octets).toString("base64url");

// A signature by what `alg` says, whatever the header says.
function sign(text, pair, alg) {
    const hash = {RS: "sha256", PS: "sha256", ES: "sha256"}[alg.slice(0, 2)] && `sha${alg.slice(2, 5)}`;
    if (alg.startsWith("HS")) return crypto.createHmac(`sha${alg.slice(2)}`, pair).update(text).digest();
    if (alg.startsWith("PS"))
        return crypto.sign(hash, Buffer.from(text), {
            key: pair.privateKey, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32});
    return crypto.sign(hash, Buffer.from(text), {key: pair.privateKey, dsaEncoding: "ieee-p1363"});
}

// A token of texts as they are: what jose does not write.
function raw(header, payload, pair, alg = "RS256") {
    const text = `${base64url(header)}.${base64url(payload)}`;
    return `${text}.${base64url(sign(text, pair, alg))}`;
}
const odd = (header, claims, pair, alg = "RS256") => raw(JSON.stringify(header), JSON.stringify(claims), pair, alg);
const made = (header, claims, pair) =>
    new jose.CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(header).sign(pair.privateKey);

const without = (object, ...names) =>
    Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

const g_head = {alg: "RS256", kid: "first", typ: "JWT"};
const g = {
    iss: "https://accounts.google.com", azp: "phone.apps.example", aud: "web.apps.example",
    sub: "110169484474386276334", email: "jane.doe@gmail.com", email_verified: true,
    name: "Jane Doe", given_name: "Jane", family_name: "Doe",
    iat: now - 100, exp: now + 3500};
const p_head = {alg: "RS256", typ: "JWT"};
const p = {
    jti: "0b3ad9d5", iss: issuer, sub: "teacher-7", aud: "https://onboard.example", iat: now - 10, exp: now + 590,
    name: "Asha Rao", phone_number: "+919812345678", redirect_uri: "/resources"};
const s_head = {alg: "ES256", kid: "curve"};
const s = {iss: "https://school.example", sub: "pupil-9", aud: ["https://onboard.example"], iat: now, exp: now + 300};

const tokens = [];

// Keeps tokens by their names, which are good, or refused for a reason and about something: "claim_missing sub".
async function keep(rules, refusal, named, issuer = rules) {
    const [refused = null, about = ""] = refusal.split(" ").filter(Boolean);
    for (const [name, made] of Object.entries(named)) {
        const token = await made;
        if (!refused) await jose.compactVerify(token, jose.createLocalJWKSet(JSON.parse(keys[issuer])));
        tokens.push({name, rules, keys: issuer, token, refused, about});
    }
}
const good = (rules, named, issuer) => keep(rules, "", named, issuer);

// Names made of the values themselves.
const named_by = (values, text, make) =>
    Object.fromEntries(values.map((value) => [`${text} ${JSON.stringify(value)}`.slice(0, 60), make(value)]));

// With a claim or two changed, and signed as it should be.
const g_with = (changes, header = g_head, pair = google) => made(header, {...g, ...changes}, pair);
const p_with = (changes, header = p_head, pair = portal) => made(header, {...p, ...changes}, pair);
const s_with = (changes, header = s_head, pair = school) => made(header, {...s, ...changes}, pair);
const g_less = (...names) => made(g_head, without(g, ...names), google);
const g_odd = (header) => odd({...g_head, ...header}, g, google);

// --- good ones ---

const attackers_keys = {
    jwk: jwk(stranger), jku: "http://127.0.0.1:1/", x5u: "http://127.0.0.1:1/", x5c: ["AAAA"], x5t: "AA"};
await good("google", {
    "Google's issuer with its scheme": g_with({}),
    "Google's issuer without its scheme": g_with({iss: "accounts.google.com"}),
    "another key of the set": g_with({}, {...g_head, kid: "second"}, google_next),
    "a longer key of the set": g_with({}, {...g_head, kid: "long"}, google_long),
    "another client id of ours": g_with({aud: "other.apps.example"}),
    "one audience in an array": g_with({aud: ["web.apps.example"]}),
    "several audiences, the party ours": g_with({aud: ["x", "web.apps.example"], azp: "other.apps.example"}),
    "no party": g_less("azp"),
    "an organisation's address": g_with({email: "jane@school.example", hd: "school.example"}),
    "a nonce and a number of its own": g_with({nonce: "n-0S6_WzA2Mj", jti: "161e7a2f"}),
    "a nonce that is a number": g_with({nonce: 7}),
    "no names": g_less("name", "given_name", "family_name"),
    "names of any text": g_with({name: "<script>", given_name: "'; DROP TABLE", family_name: 7}),
    "no type": g_with({}, without(g_head, "typ")),
    "the type in small letters": g_with({}, {...g_head, typ: "jwt"}),
    "the type with its tree": g_with({}, {...g_head, typ: "application/JWT"}),
    "keys in the header, unused": g_with({}, {...g_head, ...attackers_keys}),
    "members that nobody knows": g_with({more: {deep: [1, {er: null}]}}, {...g_head, more: 1}),
    "blanks in the JSON": raw(JSON.stringify(g_head, null, 2), ` ${JSON.stringify(g, null, 1)}\n`, google),
    "a text with escapes": raw(JSON.stringify(g_head), JSON.stringify(g).replace("Jane", "\\u004aane"), google),
    "an address: Gmail in capitals": g_with({email: "JANE.DOE@GMAIL.COM"}),
    "an address: elsewhere": g_with({email: "jane@elsewhere.example"}),
    "an address: a name that ends like Gmail": g_with({email: "jane@notgmail.com"}),
    "an address: a name that begins like Gmail": g_with({email: "jane@gmail.com.example"}),
    "an address: a domain below Gmail": g_with({email: "jane@x.gmail.com"}),
    "an address: Gmail in wide letters": g_with({email: "jane@\uff47mail.com"}),
    "an address: Gmail in wide letters, hosted": g_with({email: "jane@\uff47mail.com", hd: "school.example"}),
});
await good("portal", {
    "a portal's token": p_with({}),
    "the portal's name for its key": p_with({}, {...p_head, kid: issuer}),
    "a portal's token with a start": p_with({nbf: now - 10}),
    "a portal's token with a claim of null": p_with({redirect_uri: null}),
    "a life of 600 s": p_with({iat: now, exp: now + 600}),
});
let longest = "";
for (let size = 6000; size > 5500 && longest.length !== 8192; --size)
    longest = await s_with({filler: "x".repeat(size)}, {...s_head, x: 10});
await good("school", {
    "by a curve": s_with({}),
    "by a curve, unnamed": s_with({}, without(s_head, "kid")),
    "with all three times": s_with({nbf: now + 20}),
    "of 8192 octets": longest,
});
await good("both", {
    "RSA beside a curve": s_with({}, {alg: "RS256", kid: "rsa"}, google),
    "a curve beside RSA": s_with({}),
    "a curve beside RSA, unnamed": s_with({}, without(s_head, "kid")),
});
await good("both", {
    "RSA and a curve under one name": s_with({}, {alg: "ES256", kid: "twin"}),
    "a curve and RSA under one name": s_with({}, {alg: "RS256", kid: "twin"}, google),
}, "twins");
await good("typed", {"a type that is required": s_with({}, {...s_head, typ: "portal+jwt"})}, "school");
await good("hosted", {
    "an organisation that is let in": g_with({hd: "school.example", email: "jane@school.example"}),
}, "google");

// --- algorithms ---

const unsigned = (alg) => `${base64url(JSON.stringify({...g_head, alg}))}.${base64url(JSON.stringify(g))}.`;
const other_names = [
    "", "none", "rs256", "RS256 ", "RS256\n", "RS384", "RS512", "PS256", "PS384", "ES256", "ES256K", "ES384", "EdDSA",
    "HS256", "RSA-OAEP", "dir", 7, true, null, ["RS256"], {name: "RS256"}];
await keep("google", "algorithm_refused alg", {
    ...named_by(["none", "None", "nOnE", "NONE"], "no signature, alg", unsigned),
    "alg none by jose": new jose.UnsecuredJWT(g).encode(),
    ...named_by(other_names, "alg", (alg) => g_odd({alg})),
    "no alg": odd(without(g_head, "alg"), g, google),
    "RS384, honestly signed": made({...g_head, alg: "RS384"}, g, google),
    "RS512, honestly signed": made({...g_head, alg: "RS512"}, g, google),
    "PS256, honestly signed": made({...g_head, alg: "PS256"}, g, google),
});
await keep("google", "signature_wrong signature", {
    "PS256 that says RS256": odd(g_head, g, google, "PS256"),
    "RS512 that says RS256": odd(g_head, g, google, "RS512"),
});
const public_pem = pem(google.publicKey);
const secrets = {
    "the key's PEM": public_pem, "the key's PEM without its last line end": public_pem.trimEnd(),
    "the key's DER": google.publicKey.export({type: "spki", format: "der"}),
    "the key's PKCS #1": google.publicKey.export({type: "pkcs1", format: "pem"}),
    "the key's modulus": Buffer.from(jwk(google).n, "base64url"), "the key's modulus in base64url": jwk(google).n,
    "the key set": google_set, "nothing": ""};
for (const [what, secret] of Object.entries(secrets)) {
    await keep("google", "algorithm_refused alg", {
        [`HS256 with ${what}`]: odd({...g_head, alg: "HS256"}, g, secret, "HS256"),
    });
    await keep("google", "signature_malformed signature", {
        [`HS256 with ${what} that says RS256`]: odd(g_head, g, secret, "HS256"),
    });
}
await keep("both", "algorithm_differs alg", {
    "ES256 by the name of an RSA key": s_with({}, {alg: "ES256", kid: "rsa"}),
    "RS256 by the name of a curve's key": s_with({}, {alg: "RS256", kid: "curve"}, google),
});
await keep("both", "algorithm_differs alg", {
    "RS256 without a name, for a curve alone": s_with({}, {alg: "RS256"}, google),
}, "school");
await keep("both", "algorithm_refused alg", {
    "HS256 with a curve's key": odd({...s_head, alg: "HS256"}, s, pem(school.publicKey), "HS256"),
});
await keep("school", "algorithm_refused alg", {
    "ES384": made({...s_head, alg: "ES384"}, s, p384),
    "RS256 for a curve": s_with({}, {...s_head, alg: "RS256"}, google),
});
await keep("school", "signature_malformed signature", {"ES384 that says ES256": odd(s_head, s, p384, "ES384")});
await keep("school", "signature_wrong signature", {"ES256K that says ES256": odd(s_head, s, k256, "ES256")});

// --- other people's keys ---

const certificate = stranger.publicKey.export({type: "spki", format: "der"}).toString("base64");
await keep("google", "signature_wrong signature", {
    "a stranger's key": g_with({}, g_head, stranger),
    "the name of another key of the set": g_with({}, {...g_head, kid: "second"}),
    "the set's key by another's name": g_with({}, g_head, google_next),
    "an embedded key": g_with({}, {...g_head, jwk: jwk(stranger)}, stranger),
    "a key's URL": g_with({}, {...g_head, jku: "http://127.0.0.1:1/keys"}, stranger),
    "a certificate's URL": g_with({}, {...g_head, x5u: "http://127.0.0.1:1/certificate"}, stranger),
    "a certificate": g_with({}, {...g_head, x5c: [certificate]}, stranger),
});
await keep("google", "signature_malformed signature", {
    "the name of a longer key of the set": g_with({}, {...g_head, kid: "long"}),
    "a key of 1024 bits": odd(g_head, g, short),
});
await keep("portal", "signature_wrong signature", {
    "another portal's key": p_with({}, p_head, portal_beside),
    "Google's key for a portal": p_with({}, p_head, google),
});
await keep("school", "signature_wrong signature", {"another curve key": s_with({}, s_head, school_beside)});
const by_kid = (kid) => g_with({}, {...g_head, kid});
const no_ids = ["", "y".repeat(257), 1, true, null, ["first"], {kid: "first"}];
await keep("google", "key_id_malformed kid", named_by(no_ids, "kid", by_kid));
const unknown_ids = [
    "nobody", "FIRST", "first ", "../../../../dev/null", "/etc/passwd", "' OR 1=1 --", "http://127.0.0.1:1/",
    "x".repeat(256)];
const own_key = {alg: "RS256", kid: "mine", jwk: jwk(stranger, {kid: "mine"})};
await keep("google", "key_unknown kid", {
    ...named_by(unknown_ids, "kid", by_kid),
    "an embedded key by its own name": g_with({}, own_key, stranger),
});
await keep("portal", "key_unknown kid", {
    "another portal's name for its key": p_with({}, {...p_head, kid: "https://other.example/"}),
});
await keep("google", "key_unnamed kid", {
    "no kid, several keys": g_with({}, without(g_head, "kid")),
    "an embedded key without a name": g_with({}, {alg: "RS256", jwk: jwk(stranger)}, stranger),
});

// --- headers that change the meaning, and types ---

await keep("google", "header_refused crit", {
    "crit with an unknown member": g_odd({crit: ["x"], x: 1}),
    "crit with nothing": g_odd({crit: []}),
    "crit with a known member": g_odd({crit: ["exp"], exp: now + 1}),
    "crit with b64": made({...g_head, b64: true, crit: ["b64"]}, g, google),
});
await keep("google", "header_refused b64", named_by([false, true], "b64", (b64) => g_odd({b64})));
await keep("google", "header_refused zip", {"zip": g_odd({zip: "DEF"})});
await keep("google", "header_refused enc", {"enc": g_odd({enc: "A256GCM"})});
const other_types = [
    "at+jwt", "application/at+jwt", "logout+jwt", "JOSE", "JWE", "JWT ", "", "application/", 1, null, ["JWT"]];
await keep("google", "type_wrong typ", named_by(other_types, "typ", (typ) => g_odd({typ})));
await keep("typed", "type_wrong typ", {
    "the usual type where another is required": s_with({}, {...s_head, typ: "JWT"}),
    "no type where one is required": s_with({}),
}, "school");

// --- segments and their encoding ---

const whole = await g_with({});
const [head, body, signature] = whole.split(".");
await keep("google", "segments_wrong", {
    "nothing": "", "a blank": " ", "one segment": head, "two segments": `${head}.${body}`,
    "four segments": `${whole}.`, "four segments, the first empty": `.${whole}`,
    "five segments": `${head}.${body}.${body}.${body}.${signature}`,
    "the general JSON form": JSON.stringify({payload: body, signatures: [{protected: head, signature}]}),
    "the flat JSON form": JSON.stringify({payload: body, protected: head, signature}),
    "an encrypted token by jose": new jose.CompactEncrypt(Buffer.from(JSON.stringify(g)))
        .setProtectedHeader({alg: "RSA-OAEP-256", enc: "A256GCM"}).encrypt(google.publicKey),
});
await keep("google", "json_wrong header", {"only dots": ".."});
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const a_letter_over = `${head}${"A".repeat((5 - head.length % 4) % 4)}`;
await keep("google", "encoding_wrong header", {
    "a blank before": ` ${whole}`, "a scheme before": `Bearer ${whole}`, "quotes around": `"${whole}"`,
    "padding in the header": `${head}=.${body}.${signature}`,
    "a letter over in the header": `${a_letter_over}.${body}.${signature}`,
});
// The last letter of 256 octets has four bits over.
const bits_over = letters[letters.indexOf(signature.at(-1)) + 1];
const plain = (octet) => Buffer.alloc(256, octet).toString("base64").replaceAll("=", "");
await keep("google", "encoding_wrong signature", {
    "a blank behind": `${whole} `, "a line end behind": `${whole}\n`, "padding in the signature": `${whole}==`,
    "a line end in the signature": `${whole.slice(0, -50)}\n${whole.slice(-50)}`,
    "an octet that is no letter": `${whole.slice(0, -5)}\u00e9${whole.slice(-4)}`,
    "a NUL": `${whole.slice(0, -5)}\0${whole.slice(-4)}`,
    "a percent code": `${whole.slice(0, -5)}%41${whole.slice(-4)}`,
    "the plain alphabet": `${head}.${body}.${plain(0xff)}`,
    "the plain alphabet's other letter": `${head}.${body}.${plain(0xfb)}`,
    "letters too many": `${whole}AAA`, "bits over that are not zero": whole.slice(0, -1) + bits_over,
});
const in_base64 = Buffer.from('{"a":"\u00ff\u00fe???>>>"}').toString("base64");
const signed = (text) => `${text}.${base64url(sign(text, google, "RS256"))}`;
await keep("google", "encoding_wrong payload", {
    "padding in the payload, signed": signed(`${head}.${base64url('{"a":1}')}==`),
    "plain base64 in the payload, signed": signed(`${head}.${in_base64}`),
});

// --- signatures ---

const octets = Buffer.from(signature, "base64url");
const with_signature = (octets, start = `${head}.${body}`) => `${start}.${base64url(octets)}`;
const turned = Buffer.from(octets);
turned[100] ^= 1;
await keep("google", "signature_malformed signature", {
    "no signature": `${head}.${body}.`,
    "an octet less": with_signature(octets.subarray(0, -1)),
    "an octet more": with_signature(Buffer.concat([octets, Buffer.alloc(1)])),
    "an octet more in front": with_signature(Buffer.concat([Buffer.alloc(1), octets])),
    "half a signature": with_signature(octets.subarray(0, 128)),
});
await keep("google", "signature_wrong signature", {
    "a signature of zeros": with_signature(Buffer.alloc(256)),
    "a signature of ones": with_signature(Buffer.alloc(256, 0xff)),
    "the number one for a signature": with_signature(Buffer.concat([Buffer.alloc(255), Buffer.from([1])])),
    "a bit of the signature turned": with_signature(turned),
    "another token's signature": `${head}.${body}.${(await g_with({sub: "2"})).split(".")[2]}`,
    "another subject under the signature": `${head}.${base64url(JSON.stringify({...g, sub: "2"}))}.${signature}`,
    "another header over the signature": `${base64url(JSON.stringify({...g_head, more: 1}))}.${body}.${signature}`,
});

// What a lenient reader of PKCS #1 padding takes: the private key's power of a block of our making.
const power = (block) =>
    crypto.privateEncrypt({key: google.privateKey, padding: crypto.constants.RSA_NO_PADDING}, block);
const hash = (name) => crypto.createHash(name).update(`${head}.${body}`).digest();
const info = (prefix, hash) => Buffer.concat([Buffer.from(prefix, "hex"), hash]);
const sha256_prefix = "3031300d060960864801650304020105000420";
const named = info(sha256_prefix, hash("sha256"));
function padded(info, {second = 1, filler = 0xff, size = 256 - 3 - info.length, end = 0} = {}) {
    const garbage = Buffer.alloc(256 - 3 - size - info.length, 0x5a);
    return Buffer.concat([Buffer.from([0, second]), Buffer.alloc(size, filler), Buffer.from([end]), info, garbage]);
}
if (power(padded(named)).compare(octets) !== 0) throw new Error("the blocks are not those of PKCS #1");
const blocks = {
    "garbage behind a short padding": padded(named, {size: 8}), "no padding": padded(named, {size: 0}),
    "padding of encryption": padded(named, {second: 2}), "padding of zeros": padded(named, {second: 0, filler: 0}),
    "padding of other octets": padded(named, {filler: 0xfe}), "no end of the padding": padded(named, {end: 0xff}),
    "a hash without its name": padded(hash("sha256")),
    "a name without its parameters": padded(info("302f300b06096086480165030402010420", hash("sha256"))),
    "SHA-1": padded(info("3021300906052b0e03021a05000414", hash("sha1"))),
    "a hash of nothing": padded(info(sha256_prefix, Buffer.alloc(32)))};
for (const [name, block] of Object.entries(blocks))
    await keep("google", "signature_wrong signature", {[name]: with_signature(power(block))});

// --- signatures by a curve ---

const s_whole = await s_with({});
const s_text = s_whole.slice(0, s_whole.lastIndexOf("."));
const s_octets = Buffer.from(s_whole.split(".")[2], "base64url");
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const big = (number) => Buffer.from(number.toString(16).padStart(64, "0"), "hex");
const [r, t] = [s_octets.subarray(0, 32), s_octets.subarray(32)];
const [zero, one, ones] = [big(0n), big(1n), Buffer.alloc(32, 0xff)];
const of_pair = (...pair) => with_signature(Buffer.concat(pair), s_text);
await good("school", {
    "the other signature that there is for each": of_pair(r, big(order - BigInt(`0x${t.toString("hex")}`))),
});
await keep("school", "signature_wrong signature", {
    "r of zero": of_pair(zero, t), "s of zero": of_pair(r, zero), "both of zero": of_pair(zero, zero),
    "r of the order": of_pair(big(order), t), "s of the order": of_pair(r, big(order)),
    "both of the order": of_pair(big(order), big(order)), "r and s the other way round": of_pair(t, r),
    "r of one, s of one": of_pair(one, one), "all ones": of_pair(ones, ones),
});
const der = crypto.sign("sha256", Buffer.from(s_text), {key: school.privateKey, dsaEncoding: "der"});
await keep("school", "signature_malformed signature", {
    "a curve's signature in DER": with_signature(der, s_text),
    "a curve's signature, an octet less": with_signature(s_octets.subarray(0, 63), s_text),
    "a curve's signature, an octet more": of_pair(r, t, Buffer.alloc(1)),
    "a curve's signature, twice": of_pair(r, t, r, t),
    "a curve's signature, none": `${s_text}.`,
});

// --- JSON, in the header and, signed, in the payload ---

const head_text = JSON.stringify(g_head);
const body_text = JSON.stringify(g);
const and = (text, more) => text.replace("}", `,${more}}`);
const octets_in = (text, octets) =>
    Buffer.concat([Buffer.from(`${text.slice(0, -1)},"x":"`), Buffer.from(octets), Buffer.from('"}')]);
const no_json = (text) => ({
    "nothing": "", "a text": '"eyJ9"', "a number": "1", "null": "null", "an array": `[${text}]`,
    "half of it": text.slice(0, text.length / 2), "a comma too many": text.replace("}", ",}"),
    "something behind": `${text} x`, "another object behind": text + text, "a byte order mark": `\ufeff${text}`,
    "a comment": `/**/${text}`, "single quotes": text.replaceAll('"', "'"), "UTF-16": Buffer.from(text, "utf16le"),
    "broken UTF-8": octets_in(text, [0xff]), "overlong UTF-8": octets_in(text, [0xc0, 0xaf]),
    "half a surrogate pair": and(text, '"x":"\\ud800"'), "a control character": and(text, '"x":"\x01"'),
    "a NUL in a text": and(text, '"x":"a\\u0000b"'), "a NUL in a name": and(text, '"a\\u0000b":1'),
    "NaN": and(text, '"x":NaN'), "a number beyond all": and(text, '"x":1e400'),
    "a number too near to zero": and(text, '"x":1e-400'), "a number with a zero in front": and(text, '"x":01'),
    "an integer beyond 64 bits": and(text, '"x":9223372036854775808'),
    "a negative integer beyond 64 bits": and(text, '"x":-18446744073709551615'),
    "an integer beyond everything": and(text, `"x":${"9".repeat(400)}`),
    "nine levels": and(text, `"x":${"[".repeat(8)}${"]".repeat(8)}`),
    "more than a hundred members": and(text, Array.from({length: 100}, (_, at) => `"x${at}":0`).join()),
    "more than a hundred elements": and(text, `"x":[${"0,".repeat(100)}0]`),
});
const prefixed = (prefix, texts, make) =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${prefix}: ${name}`, make(text)]));
const with_head = (text) => raw(text, body_text, google);
const with_body = (text) => raw(head_text, text, google);
await keep("google", "json_wrong header", prefixed("header", no_json(head_text), with_head));
await keep("google", "json_wrong payload", {
    ...prefixed("payload", no_json(body_text), with_body),
    "a token inside a token": new jose.CompactSign(Buffer.from(whole)).setProtectedHeader({...g_head, cty: "JWT"})
        .sign(google.privateKey),
});
const twice = (text, member, again) => ({
    [`${member} twice`]: text.replace("{", `{"${member}":${again},`),
    [`${member} twice, alike`]: and(text, `"${member}":${JSON.stringify(JSON.parse(text)[member])}`),
    [`${member} twice, escaped`]:
        text.replace("{", `{"\\u00${member.charCodeAt(0).toString(16)}${member.slice(1)}":${again},`),
});
await keep("google", "member_repeated header", {
    ...prefixed("header", twice(head_text, "alg", '"none"'), with_head),
    ...prefixed("header", twice(head_text, "kid", '"second"'), with_head),
});
for (const member of ["iss", "sub", "aud", "exp", "email", "email_verified"])
    await keep("google", "member_repeated payload", prefixed("payload", twice(body_text, member, '"x"'), with_body));
await keep("google", "member_repeated payload", {
    "payload: a member twice, further in": with_body(and(body_text, '"x":[{"y":1,"y":1}]')),
});

// --- claims of other types, and missing ones ---

const wrong_types = {
    iss: ["", 1, true, null, ["https://accounts.google.com"], {}],
    sub: ["", 1101694844, null, ["1"], "x".repeat(256)],
    aud: [1, null, true, {}, [], [1], ["web.apps.example", 1], ["web.apps.example", null], [["web.apps.example"]]],
    azp: ["", 1, null, ["web.apps.example"]], jti: ["", 1, null, "x".repeat(256)],
    exp: [`${now + 60}`, null, true, [now + 60], {}, now + 60.5, -1, 253402300800, "never"],
    iat: [`${now}`, null, now - 0.5, -5, false], nbf: [`${now}`, null, now - 0.5, -5]};
for (const [claim, values] of Object.entries(wrong_types))
    await keep("google", `claim_malformed ${claim}`, named_by(values, claim, (value) => g_with({[claim]: value})));
const no_digits = {
    exp: ["1e300", "1.76e9", "1760000600.0", "17600006E2"], iat: ["1.759999e9"], nbf: ["1.759999e9", "0.0"]};
for (const [claim, texts] of Object.entries(no_digits))
    for (const text of texts)
        await keep("google", `claim_malformed ${claim}`, {
            [`${claim} ${text}, no plain digits`]:
                with_body(and(JSON.stringify(without(g, claim)), `"${claim}":${text}`)),
        });
for (const claim of ["iss", "sub", "aud", "exp", "iat", "email"])
    await keep("google", `claim_missing ${claim}`, {[`no ${claim}`]: g_less(claim)});
for (const claim of ["iss", "sub", "aud", "iat", "exp", "jti"])
    await keep("portal", `claim_missing ${claim}`, {
        [`portal: no ${claim}`]: made(p_head, without(p, claim), portal),
    });
await keep("google", "claim_missing iss", {"no claim at all": made(g_head, {}, google)});
await keep("google", "claim_refused events", {
    "a logout token": g_with({events: {"http://schemas.openid.net/event/backchannel-logout": {}}}),
});

// --- names ---

const issuers = [
    "https://accounts.google.com/", "https://accounts.google.com:443", "http://accounts.google.com",
    "HTTPS://ACCOUNTS.GOOGLE.COM", "Accounts.google.com", "https://accounts.google.com.evil.example",
    "evil.example/accounts.google.com", "accounts.google.co", " accounts.google.com",
    "https://\u0430ccounts.google.com", "https://accounts.g\u2060oogle.com", issuer,
    "https://securetoken.google.com/web"];
await keep("google", "issuer_wrong iss", named_by(issuers, "iss", (iss) => g_with({iss})));
const portal_issuers = ["https://portal.example", "https://PORTAL.example/", "https://accounts.google.com"];
await keep("portal", "issuer_wrong iss", named_by(portal_issuers, "portal: iss", (iss) => p_with({iss})));
const audiences = [
    "stranger.apps.example", "web.apps.exampl", "web.apps.example.evil", "WEB.apps.example", "eb.apps.example",
    "web.apps.example other.apps.example", "web.apps.example,other.apps.example", " web.apps.example", "",
    ["stranger.apps.example"], [""], ["x", "y"], ["web.apps", ".example"]];
await keep("google", "audience_wrong aud", named_by(audiences, "aud", (aud) => g_with({aud})));
const portal_audiences = ["https://onboard.example/", "https://other.example", "http://onboard.example"];
await keep("portal", "audience_wrong aud", named_by(portal_audiences, "portal: aud", (aud) => p_with({aud})));
await keep("google", "party_wrong azp", {
    "several audiences, a stranger's party": g_with({aud: ["web.apps.example", "x"]}),
    "several audiences of ours, a stranger's party": g_with({aud: ["web.apps.example", "other.apps.example"]}),
    "several audiences, no party": made(g_head, {...without(g, "azp"), aud: ["web.apps.example", "x"]}, google),
});

// --- times; the edges themselves are for the tests, which move the clock ---

await keep("google", "expired exp", {
    "expired": g_with({iat: now - 3700, exp: now - 100}), "expired in 1970": g_with({exp: 0}),
});
await keep("google", "not_yet_valid nbf", {"not yet begun": g_with({nbf: now + 100})});
await keep("google", "issued_in_future iat", {"issued tomorrow": g_with({iat: now + 86400, exp: now + 90000})});
await keep("google", "too_old iat", {"issued long ago": g_with({iat: now - 86400})});
await keep("google", "times_contradictory exp", {
    "expired before it was issued": g_with({iat: now + 10, exp: now - 10}),
    "expired as it was issued": g_with({iat: now + 10, exp: now + 10}),
    "expired before it began": g_with({nbf: now + 10, exp: now + 5}),
});
await keep("portal", "life_too_long exp", {
    "a life of 601 s": p_with({iat: now, exp: now + 601}),
    "a life of an hour": p_with({iat: now, exp: now + 3600}),
    "a life for ever": p_with({iat: now, exp: 253402300799}),
    "a life that began before it was issued": p_with({nbf: now - 60}),
});

// --- what is known of somebody ---

const no_truths = ["true", "false", 1, 0, null, ["true"], {}];
await keep("google", "claim_malformed email_verified",
    named_by(no_truths, "email_verified", (email_verified) => g_with({email_verified})));
await keep("google", "address_unverified email_verified", {
    "email_verified false": g_with({email_verified: false}), "no email_verified": g_less("email_verified"),
});
const no_addresses = [
    "", "jane", "jane@", "jane@gmail.com, eve@evil.example", "jane@gmail.com\r\nBcc: eve@evil.example",
    "jane@gmail.com@evil.example", 1, null, ["jane@gmail.com"]];
await keep("google", "claim_malformed email", named_by(no_addresses, "email", (email) => g_with({email})));
await keep("google", "claim_malformed hd", named_by(["", 1, null, ["school.example"]], "hd", (hd) => g_with({hd})));
const other_domains = ["other.example", "SCHOOL.example", "school.example.evil", "x.school.example"];
await keep("hosted", "hosted_domain_wrong hd", {
    "no organisation": g_with({}), ...named_by(other_domains, "hd", (hd) => g_with({hd})),
}, "google");

// --- keys ---

const key_texts = [];

// Keeps keys by their names, which are good, or refused for a fault: texts in PEM, and JWKs as text or as objects.
function keep_keys(fault, named) {
    for (const [name, key] of Object.entries(named)) {
        const text = typeof key === "string" ? key : JSON.stringify(key);
        key_texts.push({name, form: /^[{[]/.test(text) ? "jwk" : "pem", text, fault});
    }
}

const good_jwk = jwk(google);
const good_curve = jwk(school);
const octets_of = (text) => Buffer.from(text, "base64url");
const after_zero = (text) => base64url(Buffer.concat([Buffer.alloc(1), octets_of(text)]));
const number = (value) => base64url(Buffer.from(value.toString(16).replace(/^(..)*.$/, "0$&"), "hex"));
const modulus = BigInt(`0x${octets_of(good_jwk.n).toString("hex")}`);
const with_n = (n) => ({...good_jwk, n});
const with_e = (e) => ({...good_jwk, e});
const with_x = (x) => ({...good_curve, x});
const y_turned = octets_of(good_curve.y);
y_turned[31] ^= 1;

keep_keys(null, {
    "RSA in PEM": public_pem, "RSA of 3072 bits": pem(google_long.publicKey), "a curve in PEM": pem(school.publicKey),
    "blanks around PEM": `\n ${public_pem}\n\n`,
    "RSA in PEM with the line ends of DOS": public_pem.replaceAll("\n", "\r\n"),
    "RSA": good_jwk, "a curve": good_curve,
    "RSA with all its members": {...good_jwk, alg: "RS256", use: "sig", key_ops: ["verify"], kid: "x"},
    "a curve with all its members": {...good_curve, alg: "ES256", use: "sig", key_ops: ["sign", "verify"]},
});
const der_and_more = Buffer.concat([google.publicKey.export({type: "spki", format: "der"}), Buffer.alloc(1)]);
const in_pem = (octets) =>
    `-----BEGIN PUBLIC KEY-----\n${octets.toString("base64").replace(/.{64}/g, "$&\n")}\n-----END PUBLIC KEY-----\n`;
const encryption = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00000000000000000000000000000000\n\n";
keep_keys("malformed", {
    "nothing": "", "text": "hello", "PKCS #1": google.publicKey.export({type: "pkcs1", format: "pem"}),
    "something before PEM": `x\n${public_pem}`, "something behind PEM": `${public_pem}x`,
    "two blocks of PEM": public_pem + public_pem, "half of PEM": public_pem.slice(0, 200),
    "PEM of a certificate": public_pem.replaceAll("PUBLIC KEY", "CERTIFICATE"),
    "PEM with octets over": in_pem(der_and_more),
    "PEM with headers": public_pem.replace("KEY-----\n", `KEY-----\n${encryption}`),
    "no kind": without(good_jwk, "kty"), "a kind that is a number": {...good_jwk, kty: 1},
    "no exponent": without(good_jwk, "e"), "an empty exponent": with_e(""),
    "an exponent that is a number": with_e(65537),
    "an exponent of zero": with_e("AA"), "an exponent with a zero in front": with_e("AAEAAQ"),
    "no modulus": without(good_jwk, "n"), "a modulus with padding": with_n(`${good_jwk.n}==`),
    "a modulus with a zero in front": with_n(after_zero(good_jwk.n)),
    "a short coordinate": with_x(base64url(octets_of(good_curve.x).subarray(1))),
    "a long coordinate": with_x(after_zero(good_curve.x)), "no coordinate": without(good_curve, "y"),
    "no curve's name": without(good_curve, "crv"),
    "a member twice": JSON.stringify(good_jwk).replace("{", '{"kty":"RSA",'), "a JWK in an array": [good_jwk],
});
keep_keys("secret", {
    "a private key in PEM": pem(google.privateKey),
    "a curve's private key in PEM": school.privateKey.export({type: "sec1", format: "pem"}),
    "an encrypted private key in PEM":
        google.privateKey.export({type: "pkcs1", format: "pem", cipher: "aes-128-cbc", passphrase: "x"}),
    "a private JWK": google.privateKey.export({format: "jwk"}),
    "a curve's private JWK": school.privateKey.export({format: "jwk"}),
});
keep_keys("too_small", {
    "RSA of 1024 bits in PEM": pem(short.publicKey), "RSA of 1024 bits": jwk(short),
    "RSA of 2040 bits": jwk(rsa(2040)),
    "RSA of 2047 bits": with_n(number(modulus >> 1n | 1n)),
});
keep_keys("too_large", {
    "RSA of 8200 bits": with_n(number((1n << 8199n) + 9n)), "RSA of 16400 bits": with_n(number((1n << 16399n) + 9n)),
});
keep_keys("exponent_unsafe", {
    "an exponent of 3 in PEM": pem(small_exponent.publicKey), "an exponent of 1": with_e("AQ"),
    "an exponent of 2": with_e("Ag"), "an exponent of 65535": with_e(number(65535n)),
    "an exponent of 65536": with_e(number(65536n)), "an exponent of 65538": with_e(number(65538n)),
    "an exponent of 65 bits": with_e(number((1n << 64n) + 1n)),
    "an exponent as long as the modulus": with_e(number(modulus - 2n)),
});
keep_keys("invalid", {
    "an even modulus": with_n(number(modulus - 1n)),
    "a modulus with a small factor": with_n(number(modulus / 751n / 2n * 2n * 751n + 751n)),
    "a prime modulus": with_n(base64url(crypto.generatePrimeSync(2048))),
    "a point off the curve": {...good_curve, y: base64url(y_turned)},
    "the point of zeros": {...good_curve, x: base64url(zero), y: base64url(zero)},
    "a point beyond the field": with_x(base64url(ones)),
});
const ed25519 = crypto.generateKeyPairSync("ed25519");
keep_keys("kind_unknown", {
    "RSA-PSS in PEM": pem(crypto.generateKeyPairSync("rsa-pss", {modulusLength: 2048}).publicKey),
    "Ed25519 in PEM": pem(ed25519.publicKey), "Ed25519": jwk(ed25519),
    "X25519 in PEM": pem(crypto.generateKeyPairSync("x25519").publicKey),
    "P-384 in PEM": pem(p384.publicKey), "P-384": jwk(p384),
    "secp256k1 in PEM": pem(k256.publicKey), "secp256k1": jwk(k256),
    "P-256, written out": pem(curve("P-256", {paramEncoding: "explicit"}).publicKey),
    "a secret for HMAC": {kty: "oct", k: "AAAA"}, "the kind in small letters": {...good_jwk, kty: "rsa"},
    "another curve's name": {...good_curve, crv: "P-521"},
});
keep_keys("not_for_signatures", {
    "for encryption": {...good_jwk, use: "enc"}, "for a use that is no text": {...good_jwk, use: null},
    "for signing only": {...good_jwk, key_ops: ["sign"]}, "for nothing": {...good_jwk, key_ops: []},
    "for a text": {...good_jwk, key_ops: "verify"},
});
keep_keys("algorithm_differs", {
    "RSA for RS512": {...good_jwk, alg: "RS512"}, "RSA for PS256": {...good_jwk, alg: "PS256"},
    "RSA for ES256": {...good_jwk, alg: "ES256"}, "a curve for RS256": {...good_curve, alg: "RS256"},
    "an algorithm that is no text": {...good_jwk, alg: null},
});

// --- sets of keys ---

const set = (...keys) => JSON.stringify({keys});
const many = (count) => set(...Array.from({length: count}, (_, at) => ({...good_curve, kid: `${at}`})));
const useless = [
    {kty: "oct", k: "AAAA"}, {...good_jwk, use: "enc"}, {...good_jwk, alg: "PS256"}, jwk(p384), jwk(short), 7, null,
    "x", [], {}, {...good_jwk, kid: 7}, {...good_jwk, kid: ""}, google.privateKey.export({format: "jwk"})];
const key_sets = [
    ["one key", 1, null, set(good_jwk)],
    ["two kinds under one name", 2, null, set({...good_jwk, kid: "x"}, {...good_curve, kid: "x"})],
    ["other members", 1, null, JSON.stringify({keys: [good_jwk], more: [1]})],
    ["keys of no use among others", 1, null, set(...useless, {...good_jwk, kid: "good"})],
    ["32 keys", 32, null, many(32)],
    ["33 keys", 0, "set_too_large", many(33)],
    ["more than a hundred keys", 0, "set_malformed", many(101)],
    ["one name twice", 0, "id_repeated", set({...good_jwk, kid: "x"}, {...jwk(google_next), kid: "x"})],
    ["two without a name", 0, "id_repeated", set(good_jwk, jwk(google_next))],
    ["no keys", 0, "set_empty", set()],
    ["no key of use", 0, "set_empty", set(...useless)],
    ["nothing", 0, "set_malformed", ""],
    ["HTML", 0, "set_malformed", "<!DOCTYPE html><html>"],
    ["an array", 0, "set_malformed", JSON.stringify([good_jwk])],
    ["no member keys", 0, "set_malformed", "{}"],
    ["keys that are none", 0, "set_malformed", '{"keys":{}}'],
    ["keys twice", 0, "set_malformed", '{"keys":[],"keys":[]}'],
    ["Google's PEM form", 0, "set_malformed", JSON.stringify({first: public_pem})],
].map(([name, size, fault, text]) => ({name, text, size, fault}));

const lines = (list) => `[\n${list.map((item) => JSON.stringify(item)).join(",\n")}\n]`;
const members = {
    now: `${now}`, keys: JSON.stringify(keys), tokens: lines(tokens), key_texts: lines(key_texts),
    key_sets: lines(key_sets)};
console.log(`{${Object.entries(members).map(([name, text]) => `"${name}":${text}`).join(",\n")}}`);
