#include "server/settings/table.hpp"

namespace onboard::server {
namespace {

constexpr int any = 1'000'000;  // where a ceiling only catches slips of the finger

using enum Form;
using enum Secrecy;

using S = Settings;

}

std::vector<SettingRow> const& setting_rows()
{
    static std::vector<SettingRow> const rows{
        {"listen", "127.0.0.1:8080", text, open, listen_rule, "ADDRESS:PORT to listen on; port 0 picks a free one"},
        {"database", "sqlite:onboard.db", text, in_url, database_rule, "sqlite:PATH, or postgresql://HOST/DATABASE"},
        {"public_url", "", text, in_url, public_url_rule, "base of every link; as it listens, on loopback only"},
        {"login_url", "{public_url}/login/{token}", text, open, login_url_rule, "template of login links"},
        {"home_url", "{public_url}/home", text, open, home_url_rule, "where a signed-in browser lands"},
        {"mail", "dir:outgoing/mail", text, in_url, mail_rule,
         "dir:PATH, smtp://[USER:PASSWORD@]HOST[:PORT], or smtps://..."},
        {"mail_from", "onboard@localhost", text, open, mail_from_rule, "address that mail comes from"},
        {"sms", "dir:outgoing/sms", text, in_url, sms_rule, "dir:PATH, or https://... of a gateway"},
        {"sms_token", "", text, secret, word(&S::sms_token), "bearer token for the gateway"},
        {"secret_file", "", text, open, path(&S::secret_file), "the key; onboard.key beside the SQLite file"},
        {"phone_region", "DE", text, open, phone_region_rule, "country that national numbers are read for"},
        {"sms_countries", "", list, open, sms_countries_rule, "countries texts go to; the phone region alone"},
        {"sms_guard", "refuse", text, open, choice(&S::sms_guard_records_only, "refuse", "record"),
         "refuse or record texts that look like SMS pumping"},
        {"login_link_seconds", "300", number, open, seconds(&S::login_link_life, 1, 600), "life of a login link"},
        {"password_link_seconds", "86400", number, open, seconds(&S::password_link_life, 1, 259200),
         "life of a password link"},
        {"opt_in_seconds", "86400", number, open, seconds(&S::opt_in_life, 1, 172800), "life of an opt-in link"},
        {"otp_seconds", "300", number, open, seconds(&S::otp_life, 1, 600), "life of a code"},
        {"otp_digits", "6", number, open, count(&S::otp_digits, {6, 10, "digits"}), "length of a code"},
        {"otp_tries", "5", number, open, count(&S::otp_tries, {1, 10, "tries"}), "wrong codes an hour"},
        {"otp_pause_seconds", "60", number, open, seconds(&S::otp_pause, 0, 3600), "least time between codes"},
        {"otp_per_hour", "5", number, open, count(&S::otp_per_hour, {1, any, "codes"}),
         "codes to one number or address"},
        {"otp_per_day", "10", number, open, count(&S::otp_per_day, {1, any, "codes"}),
         "codes to one number or address"},
        {"auth_code_seconds", "300", number, open, seconds(&S::auth_code_life, 1, 3600), "life of an auth code"},
        {"password_min_length", "15", number, open, count(&S::password_min_length, {8, 64, "characters"}),
         "shortest password"},
        {"terms_version", "1", text, open, version(&S::terms_version), "which terms people agree to"},
        {"privacy_version", "1", text, open, version(&S::privacy_version), "which privacy notice"},
        {"deleted", "block", text, open, choice(&S::release_deleted, "block", "release"),
         "what a deleted person's identifiers do"},
        {"google_client_id", "", list, open, words(&S::google_client_ids), "turns Google sign-in on"},
        {"google_keys_url", "https://www.googleapis.com/oauth2/v3/certs", text, open,
         outgoing_url(&S::google_keys_url), "Google's key set"},
        {"google_tokeninfo_url", "", text, open, outgoing_url(&S::google_tokeninfo_url),
         "asked in place of local verification"},
        {"default_channel", "default", text, open, default_channel_rule, "channel of a Sunbird user who names none"},
        {"tls_certificate", "", text, open, readable_file(&S::tls_certificate), "PEM file"},
        {"tls_key", "", text, open, private_file(&S::tls_key), "PEM file"},
        {"behind_proxy", "no", yes_no, open, choice(&S::behind_proxy, "no", "yes"), "whether a proxy does the TLS"},
        {"trusted_proxies", "", list, open, trusted_proxies_rule,
         "addresses whose forwarded client address is believed"},
        {"admin_listen", "", text, open, admin_listen_rule, "ADDRESS:PORT of a listener for /metrics"},
        {"sms_per_address_per_hour", "60", number, open, count(&S::sms_per_address_per_hour, {1, any, "texts"}),
         "texts one client address asks for"},
        {"sms_per_day", "5000", number, open, count(&S::sms_per_day, {1, any, "texts"}), "texts everybody asks for"},
        {"sign_in_per_address_per_minute", "30", number, open,
         count(&S::sign_in_per_address_per_minute, {1, any, "attempts"}),
         "sign-ins and failed bearers of one client address"},
        {"log", "info", text, open, log_rule, "debug, info, warn or error"},
    };
    return rows;
}

}
