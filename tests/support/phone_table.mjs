// Makes libonboard/src/phone_table.hpp anew from the facts of google-libphonenumber, of the version in
// tests/blackbox/node/package-lock.json:
//
//     npm ci --prefix build/node && node tests/support/phone_table.mjs build/node > libonboard/src/phone_table.hpp
//
// What that library has as regular expressions is turned into automata here, worked out (what may be texted: mobile
// numbers less all that cost extra), and written as trees of leading digits, whose notation the made file explains.
import {createRequire} from "node:module";
import path from "node:path";
import process from "node:process";

const load = createRequire(path.resolve(process.argv[2] ?? "build/node", "any.js"));
const {PhoneNumberUtil} = load("google-libphonenumber");
const {version} = load("google-libphonenumber/package.json");
const numbers = PhoneNumberUtil.getInstance();

const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const dead = -1;

// An automaton: next[state][digit] is a state or dead, accepts[state] a truth; it begins in state 0.

// The expressions have digits, classes, groups, alternatives, `?` and counts, and nothing else.
function parse(expression) {
    let at = 0;
    const alternatives = () => {
        const found = [sequence()];
        while (expression[at] === "|") {
            at += 1;
            found.push(sequence());
        }
        return found.length === 1 ? found[0] : {any: found};
    };
    const sequence = () => {
        const found = [];
        while (at < expression.length && !"|)".includes(expression[at])) found.push(counted());
        return {all: found};
    };
    const counted = () => {
        const part = one();
        const count = /^(?:\?|\{(\d+)(?:,(\d+))?\})/.exec(expression.slice(at));
        if (!count) return part;
        at += count[0].length;
        const least = count[0] === "?" ? 0 : Number(count[1]);
        const most = count[0] === "?" ? 1 : Number(count[2] ?? count[1]);
        const optional = {any: [part, {all: []}]};
        return {all: Array.from({length: most}, (_, time) => time < least ? part : optional)};
    };
    const one = () => {
        const rest = expression.slice(at);
        const group = /^\((?:\?:)?/.exec(rest);
        if (group) {
            at += group[0].length;
            const inside = alternatives();
            at += 1;
            return inside;
        }
        const step = /^(?:\\d|\d|\[([-\d]+)\])/.exec(rest);
        if (!step) throw new Error(`${expression}: not understood from ${rest}`);
        at += step[0].length;
        if (step[0] === "\\d") return {step: digits};
        if (!step[1]) return {step: [Number(step[0])]};
        const listed = step[1].replace(/(\d)-(\d)/g, (_, from, to) => digits.slice(from, Number(to) + 1).join(""));
        return {step: [...listed].map(Number)};
    };
    const parsed = alternatives();
    if (at !== expression.length) throw new Error(`${expression}: too many brackets`);
    return parsed;
}

// Thompson's construction, then sets of its states. With `open`, anything may follow.
function automaton(expression, open = false) {
    const moves = [];  // of each state: [digits or nothing, state]
    const state = () => moves.push([]) - 1;
    const build = (part, from) => {
        if (part.step) {
            const to = state();
            moves[from].push([part.step, to]);
            return to;
        }
        if (part.all) return part.all.reduce((here, next) => build(next, here), from);
        const to = state();
        for (const choice of part.any) {
            const start = state();
            moves[from].push([null, start]);
            moves[build(choice, start)].push([null, to]);
        }
        return to;
    };
    const end = build(parse(expression), state());
    if (open) moves[end].push([digits, end]);

    const closed = (states) => {
        const all = new Set(states);
        for (const one of all) for (const [step, to] of moves[one]) if (!step) all.add(to);
        return [...all].sort((a, b) => a - b);
    };
    return explore(
        closed([0]),
        (set, digit) => closed(set.flatMap((one) => moves[one].filter(([step]) => step?.includes(digit)).map((m) => m[1]))),
        (set) => set.includes(end));
}

// The automaton of everything that can be reached from a start.
function explore(start, step, accepts) {
    const numbered = new Map([[String(start), 0]]);
    const values = [start];
    const next = [];
    for (let at = 0; at < values.length; ++at)
        next.push(digits.map((digit) => {
            const value = step(values[at], digit);
            const key = String(value);
            if (!numbered.has(key)) numbered.set(key, values.push(value) - 1);
            return numbered.get(key);
        }));
    return minimal({next, accepts: values.map(accepts)});
}

// Moore's refinement; whatever cannot be accepted any more becomes dead.
function minimal({next, accepts}) {
    let kind = accepts.map(Number);
    for (let kinds = 0;;) {
        const seen = new Map();
        const signature = (state) => [kind[state], ...next[state].map((to) => kind[to])].join();
        const refined = next.map((_, state) => {
            const key = signature(state);
            if (!seen.has(key)) seen.set(key, seen.size);
            return seen.get(key);
        });
        kind = refined;
        if (seen.size === kinds) break;
        kinds = seen.size;
    }
    const first = new Map();
    kind.forEach((one, state) => first.has(one) || first.set(one, state));
    const merged = {next: [], accepts: []};
    for (const [one, state] of [...first].sort((a, b) => a[0] - b[0])) {
        merged.next[one] = next[state].map((to) => kind[to]);
        merged.accepts[one] = accepts[state];
    }
    const sink = merged.next.findIndex((row, state) => !merged.accepts[state] && row.every((to) => to === state));
    merged.next = merged.next.map((row) => row.map((to) => to === sink ? dead : to));
    merged.empty = sink === 0;
    return merged;
}

const nothing = {next: [digits.map(() => dead)], accepts: [false], empty: true};

function combined(a, b, accepts) {
    const step = (automaton, state, digit) => state === dead ? dead : automaton.next[state][digit];
    const accepted = (automaton, state) => state !== dead && automaton.accepts[state];
    return explore(
        [0, 0], ([x, y], digit) => [step(a, x, digit), step(b, y, digit)],
        ([x, y]) => accepts(accepted(a, x), accepted(b, y)));
}
const either = (a, b) => combined(a, b, (x, y) => x || y);
const both = (a, b) => combined(a, b, (x, y) => x && y);
const less = (a, b) => combined(a, b, (x, y) => x && !y);

const contained = (list) => list.length === 1 ? String(list[0]) : `[${ranges(list, "")}]`;

// "0-25-9" of 0,1,2,5,6,7,8,9.
function ranges(list, between) {
    const runs = [];
    for (const one of list) {
        const last = runs.at(-1);
        if (last && one === last[1] + 1) last[1] = one;
        else runs.push([one, one]);
    }
    return runs.map(([from, to]) => from === to ? `${from}` : to === from + 1 && !between ? `${from}${to}` : `${from}-${to}`)
        .join(between);
}

// A tree of leading digits, in the notation of the made file.
function tree({next, accepts, empty}) {
    if (empty) return "";
    // How many digits may follow, if it does not matter which; "any" for any number.
    const known = new Map([[dead, []]]);
    const follow = (state) => {
        if (known.has(state)) return known.get(state);
        const to = next[state][0];
        if (next[state].some((other) => other !== to)) return known.set(state, null).get(state);
        if (to === state) return known.set(state, accepts[state] ? "any" : null).get(state);
        const later = follow(to);
        const these = Array.isArray(later) ? [...(accepts[state] ? [0] : []), ...later.map((one) => one + 1)] : null;
        return known.set(state, these).get(state);
    };
    const items = (state) => {
        const targets = [...new Set(next[state])].filter((to) => to !== dead);
        const written = targets.map((to) => {
            const step = digits.filter((digit) => next[state][digit] === to);
            return (step.length === 10 ? "." : contained(step)) + rest(to);
        });
        return accepts[state] ? ["!", ...written] : written;
    };
    const rest = (state) => {
        const lengths = follow(state);
        if (lengths === "any") return "*";
        if (lengths) return String(lengths) === "0" ? "" : `*${ranges(lengths, "+")}`;
        const written = items(state);
        return written.length === 1 ? written[0] : `(${written.join(",")})`;
    };
    if (follow(0)) throw new Error("a set that asks for no digit");
    return items(0).join(",");
}

const kinds = ["FixedLine", "Mobile", "TollFree", "PremiumRate", "SharedCost", "PersonalNumber", "Voip", "Pager", "Uan", "Voicemail"];
const costly = kinds.slice(2);
const ordinary = ["FixedLine", "Mobile", "PersonalNumber", "Voip"];

const facts = new Map(numbers.getSupportedRegions().map((region) => [region, numbers.getMetadataForRegion(region)]));
const pattern = (fact, kind) => fact[`get${kind}`]()?.getNationalNumberPattern();
const general = (fact) => automaton(pattern(fact, "GeneralDesc"));
const union = (fact, some) => some.map((kind) => pattern(fact, kind)).filter(Boolean)
    .reduce((all, one) => either(all, automaton(one)), nothing);

// The lengths of a kind, if it has its own; a kind without numbers has -1.
function lengths(fact, some) {
    const found = new Set();
    for (const kind of some) {
        const desc = fact[`get${kind}`]();
        if (!desc?.getNationalNumberPattern()) continue;
        const own = desc.possibleLengthArray();
        for (const length of own.length ? own : fact.getGeneralDesc().possibleLengthArray()) if (length > 0) found.add(length);
    }
    return [...found].sort((a, b) => a - b);
}

const textable = (fact) => both(general(fact), less(union(fact, ["Mobile"]), union(fact, costly)));

// A region's numbers beside the main region of its country code, less those of the regions that are asked before it.
function own(fact) {
    const sharing = numbers.getRegionCodesForCountryCode(fact.getCountryCode());
    const all = (region) => {
        const other = facts.get(region);
        return other.getLeadingDigits() ? automaton(other.getLeadingDigits(), true)
                                        : both(general(other), union(other, kinds));
    };
    const before = sharing.slice(0, sharing.indexOf(fact.getId()));
    return before.length === 0 ? nothing : before.reduce((left, region) => less(left, all(region)), all(fact.getId()));
}

// How national numbers are written: what is dropped in front, and what is rewritten before that.
function national(fact) {
    const expression = fact.getNationalPrefixForParsing();
    const rule = fact.getNationalPrefixTransformRule();
    if (!expression) return {trunk: "", local: ""};
    if (!rule) return {trunk: tree(automaton(expression)), local: ""};

    // A whole number is given a prefix: "([457]\d{6})$|1" and "268$1".
    const whole = /^\(([^()]+)\)\$(?:\|(.+))?$/.exec(expression);
    if (whole) {
        const trunk = whole[2] ? tree(automaton(whole[2])) : "";
        return {trunk, local: `${tree(automaton(whole[1]))}>${rule.replace("$1", "")}`};
    }
    // Some numbers alone have a 0 to drop: "0(11\d{6}|...)" and "$1".
    if (/^0\([^()]+\)$/.test(expression) && rule === "$1") return {trunk: "", local: `${tree(automaton(expression))}>-`};
    // Mobile numbers are written with a 15 behind the area: "0?(?:(AREA)15)?" and "9$1".
    const fifteen = /^0\?\(\?:\((.+)\)15\)\?$/.exec(expression);
    if (fifteen && rule === "9$1") return {trunk: "0", local: "", areas: tree(automaton(`(?:${fifteen[1]})15`))};
    // Codes of carriers behind the 0 of Brazil are not read.
    if (fact.getId() === "BR") return {trunk: tree(automaton("0|90")), local: ""};
    throw new Error(`${fact.getId()}: a way to write national numbers that is new: ${expression}, ${rule}`);
}

let areas = "";
const rows = [...facts.keys()].sort().map((region) => {
    const fact = facts.get(region);
    const sharing = numbers.getRegionCodesForCountryCode(fact.getCountryCode());
    const main = sharing[0] === region;
    const everyone = main ? sharing.map((one) => facts.get(one)) : [fact];
    const ordinaries = [...new Set(everyone.flatMap((one) => lengths(one, ordinary)))].sort((a, b) => a - b);
    const writing = national(fact);
    if (writing.areas) areas = writing.areas;
    const cells = [
        `"${region}"`, fact.getCountryCode(), main,
        ...[ranges(fact.getGeneralDesc().possibleLengthArray(), " "), ranges(ordinaries, " "),
            tree(automaton(fact.getInternationalPrefix())), writing.trunk, writing.local, tree(general(fact)),
            tree(textable(fact)), tree(own(fact))].map((text) => `"${text}"`)];
    return `    {${cells.join(", ")}},`;
});

console.log(`#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "phone_tree.hpp"

// How the regions of the world number their telephones. Made by tests/support/phone_table.mjs, which says how to make it
// anew; do not edit. The facts are those of google-libphonenumber ${version} (npm, Apache-2.0).
namespace onboard::phone {

// A set of lengths: "7 9-11".
struct Lengths {
    consteval Lengths(std::string_view text) : bits(0)
    {
        std::uint32_t from = 0;
        std::uint32_t number = 0;
        for (auto const letter : text) {
            if (letter >= '0' && letter <= '9') {
                number = number * 10 + static_cast<std::uint32_t>(letter - '0');
                continue;
            }
            if (letter == '-')
                from = number;
            else
                add(from, number), from = 0;
            number = 0;
        }
        add(from, number);
    }
    consteval Lengths(char const* text) : Lengths(std::string_view(text)) {}

    constexpr bool contain(std::size_t length) const noexcept { return length < 32 && (bits >> length & 1) != 0; }

    std::uint32_t bits;

private:
    consteval void add(std::uint32_t from, std::uint32_t to)
    {
        for (auto length = from == 0 ? to : from; length <= to; ++length)
            bits |= std::uint32_t{1} << length;
    }
};

struct Row {
    std::string_view region;  // as the source calls it: ISO 3166-1, XK, and AC and TA for two islands of SH
    std::uint16_t code;       // of the country
    bool main;                // the region of numbers of this code that belong to no other
    Lengths lengths;          // of national numbers
    Lengths ordinary;         // of those that are neither free nor dear; of a main region, for all its code
    Tree abroad;              // what is dialled before a country code
    Tree trunk;               // what is dialled before a national number
    std::string_view local;   // a tree of what is rewritten, >, a - for each digit dropped, and what comes in front
    Tree national;            // all that looks like a national number
    Tree textable;            // mobile numbers, and those that may be mobile
    Tree own;                 // of a region that is not the main one: the numbers that are its own
};

// clang-format off
inline constexpr std::array<Row, ${rows.length}> rows{{
${rows.join("\n")}
}};

// Areas of Argentina, and the 15 that is written behind them for mobile numbers.
inline constexpr Tree argentine_areas =
    "${areas}";
// clang-format on

}`);
