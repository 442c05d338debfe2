// Telephone numbers of every region, written in many ways, and what google-libphonenumber makes of each: lines of the
// region it is read for, the text, a verdict, and for numbers that are valid E.164, region and whether they are mobile or
// may be. The verdicts are valid, special (valid, but no line of a person), possible and impossible. Always the same ones:
//
//     node tests/support/phone_numbers.mjs build/node
//
// With `golden` behind it, the 2000 valid ones of tests/values/phone_numbers.tsv.
import {createRequire} from "node:module";
import path from "node:path";
import process from "node:process";

const load = createRequire(path.resolve(process.argv[2] ?? "build/node", "any.js"));
const {PhoneNumberUtil, PhoneNumberFormat: Format, PhoneNumberType: Type} = load("google-libphonenumber");
const numbers = PhoneNumberUtil.getInstance();

const kinds = Object.values(Type).filter((kind) => kind >= 0);
const mobile = [Type.MOBILE, Type.FIXED_LINE_OR_MOBILE];
const ordinary = [...mobile, Type.FIXED_LINE, Type.VOIP, Type.PERSONAL_NUMBER];

// Of the source's regions, those that ISO 3166-1 has no code for: nothing is read for them.
const without_code = ["AC", "TA"];

// xorshift32: the same numbers each time.
let seed = 20240229;
function random(below) {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return (seed >>> 0) % below;
}
const some_digits = (count) => Array.from({length: count}, () => random(10)).join("");

// The source knows no narrow spaces.
function read(text, region) {
    try {
        return numbers.parse(text.replace(/[\u2009\u202f]/g, " "), region);
    } catch {
        return null;
    }
}

// Examples of every kind, and as many numbers again that differ from them in some of their last digits.
function valid_numbers(region) {
    const found = new Map();
    const keep = (number) => number && numbers.isValidNumber(number) && found.set(numbers.format(number, Format.E164), number);
    const examples = kinds.map((kind) => numbers.getExampleNumberForType(region, kind)).filter(Boolean);
    for (const example of examples) {
        keep(example);
        const national = numbers.getNationalSignificantNumber(example);
        for (let time = 0; time < 4; ++time) {
            const kept = national.slice(0, random(national.length));
            const longer = random(4) - 1;
            const tail = some_digits(Math.max(0, national.length - kept.length + (longer > 0 ? 0 : longer)));
            keep(read(`+${example.getCountryCode()}${kept}${tail}`, region));
        }
    }
    return [...found.values()];
}

// Separators here and there.
const sprinkled = (digits, signs) => [...digits].map((digit, at) => at % 3 === 2 ? digit + signs[at % signs.length] : digit).join("");

function international(number) {
    const plain = numbers.format(number, Format.E164);
    const bare = plain.slice(1);
    return [
        plain, `00${bare}`, `011${bare}`, `tel:${plain}`, ` ${plain} `, `(${plain})`,
        numbers.format(number, Format.INTERNATIONAL), numbers.format(number, Format.RFC3966),
        numbers.formatOutOfCountryCallingNumber(number, "DE"), numbers.formatOutOfCountryCallingNumber(number, "US"),
        `+${sprinkled(bare, [" ", ".", "-", "/", " - "])}`,
        `+${sprinkled(bare, ["\u00a0", "\u2011", "\u2009", "\u202f", "\u2013"])}`,
        plain.slice(0, -1), plain + random(10)];
}

function national(number, region) {
    const fact = numbers.getMetadataForRegion(region);
    const plain = numbers.getNationalSignificantNumber(number);
    const formatted = numbers.format(number, Format.NATIONAL);
    const digits = formatted.replace(/\D/g, "");
    const texts = [
        formatted, digits, plain, sprinkled(digits, [".", " "]), `${number.getCountryCode()}${plain}`, plain.slice(0, -1),
        plain + random(10), digits.slice(1)];
    if (fact.getNationalPrefix() === "0" && !plain.startsWith("0"))
        texts.push(`+${number.getCountryCode()} (0)${plain}`, `+${number.getCountryCode()}(0) ${sprinkled(plain, [" "])}`);
    const abroad = /^\d+$/.test(fact.getInternationalPrefix()) ? fact.getInternationalPrefix()
                                                              : fact.getPreferredInternationalPrefix();
    if (abroad) texts.push(`${abroad.replace("~", "")} ${number.getCountryCode()} ${plain}`);
    return texts;
}

function verdict(number) {
    if (!number || !numbers.isPossibleNumber(number)) return ["impossible"];
    if (!numbers.isValidNumber(number)) return ["possible"];
    const kind = numbers.getNumberType(number);
    return [
        ordinary.includes(kind) ? "valid" : "special", numbers.format(number, Format.E164),
        numbers.getRegionCodeForNumber(number), mobile.includes(kind) ? 1 : 0];
}

const made = [];
for (const region of numbers.getSupportedRegions().sort()) {
    const written = new Set();
    const at_home = !without_code.includes(region);
    const homes = at_home ? [region, "DE", "US"] : ["DE", "US"];
    for (const number of valid_numbers(region)) {
        for (const text of international(number)) written.add(`${homes[random(homes.length)]}\t${text}`);
        if (at_home) for (const text of national(number, region)) written.add(`${region}\t${text}`);
    }
    for (const line of written) {
        const [home, text] = line.split("\t");
        made.push([home, text, ...verdict(read(text, home))]);
    }
}

const valid = made.filter(([, , judged, e164, region]) =>
    judged === "valid" && /^\+\d{7,15}$/.test(e164) && !without_code.includes(region));
const golden = Array.from({length: 2000}, (_, at) => valid[Math.floor(at * valid.length / 2000)])
    .map(([home, text, , ...rest]) => [home, text, ...rest]);
console.log((process.argv[3] === "golden" ? golden : made).map((row) => row.join("\t")).join("\n"));
