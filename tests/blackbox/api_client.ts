// A client made of the description alone, with npm's openapi-typescript and openapi-fetch. Each call prints its answer:
//
//     node api_client.js URL TOKEN log-in EMAIL | redeem TOKEN | sms NUMBER | auth NUMBER CODE
import createClient from "openapi-fetch";
import type {paths} from "./api.js";

declare const process: {argv: string[]};

const [url, token, call, first, second] = process.argv.slice(2);
const client = createClient<paths>({baseUrl: url, headers: {Authorization: `Bearer ${token}`}});

async function logIn(email: string) {
    const {data, error, response} = await client.POST("/receiver/APIv3/user.login", {
        params: {header: {"Idempotency-Key": `log in ${email}`.replaceAll(" ", "-")}},
        body: {user: {bikePlanCode: "PLAN-A", firstName: "Jane", lastName: "Johansson", email, language: "EN"}}});
    return {status: response.status, loginUrl: data?.loginUrl, code: error?.errors[0].code};
}

async function redeem(loginToken: string) {
    const {data, error, response} = await client.POST("/v1/login-tokens/redeem", {body: {token: loginToken}});
    return {status: response.status, email: data?.user.email, code: error?.errors[0].code};
}

async function sms(telephone: string) {
    const {data, error, response} = await client.POST("/v1/sso/sms", {body: {telephone}});
    return {status: response.status, telephone: data?.telephone, detail: error?.detail};
}

async function auth(telephone: string, code: string) {
    const {data, error, response} = await client.POST(
        "/sso/auth", {body: {telephone, code, agb: true, dataprotection: true}});
    return {status: response.status, isNew: data?.isNew, detail: error?.detail};
}

// What is not so must not compile.
async function mistakes() {
    // @ts-expect-error: no such call
    await client.POST("/receiver/APIv3/user.logout", {body: {user: {}}});
    // @ts-expect-error: the token is text
    await client.POST("/v1/login-tokens/redeem", {body: {token: 7}});
    // @ts-expect-error: a member is missing
    await client.POST("/sso/auth", {body: {telephone: "0151 12345678"}});
    const {data} = await client.POST("/sso/auth", {body: {telephone: "0151 12345678", code: "123456"}});
    // @ts-expect-error: the answer has no such member
    return data?.token;
}

const calls: Record<string, () => Promise<object>> = {
    "log-in": () => logIn(first), redeem: () => redeem(first), sms: () => sms(first), auth: () => auth(first, second)};
console.log(JSON.stringify(await calls[call]()));
