#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <onboard/account.hpp>
#include <onboard/secrets.hpp>

#pragma GCC visibility push(default)

namespace onboard {

class Storage;

// What time it is. Asked from many threads at once.
class Clock {
public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
};

// The system's clock, except that within this process it never goes back: a step of the wall clock revives no secret.
Clock& system_clock();

// Where secrets come from. Asked from many threads at once.
class Random {
public:
    virtual ~Random() = default;

    // Fills with bytes nobody can guess. Throws if there are none.
    virtual void fill(std::span<std::byte>) = 0;
};

// The operating system's random source.
Random& system_random();

// What the host plugs in. Everything referred to must outlive the object it is given to.
struct Ports {
    Storage& storage;
    SecretKey key;
    Clock& clock = system_clock();
    Random& random = system_random();
};

// The numbers. Each default is the one of docs/contracts.md; where a standard sets it, the standard is named.
struct Policy {
    // A login link is good for `now < issued + life`. ASVS 5.0, 6.5.5 and NIST SP 800-63B, 3.1.3.2: at most 10 min.
    std::chrono::seconds login_link_life{300};

    // A session ends when it has not been used for this long, and in any case at its full age
    // (NIST SP 800-63B, reauthentication).
    std::chrono::seconds session_idle{3600};
    std::chrono::seconds session_life{86400};

    // One-time codes, mailed or texted: NIST SP 800-63B, 3.1.3.2 asks for at least 6 digits and at most 10 minutes.
    int code_digits = 6;
    std::chrono::seconds code_life{300};

    // Wrong codes that a person may enter, counted per address or number and purpose over `code_window`, over all codes
    // sent.
    int code_tries = 5;
    std::chrono::seconds code_window{3600};

    // How often a code is sent to one address or number: not again within the pause, and no more than so many an hour
    // and a day.
    std::chrono::seconds code_pause{60};
    int codes_per_hour = 5;
    int codes_per_day = 10;

    // Texts go to telephones of these countries only.
    std::vector<Region> texted_regions = {};

    // Texts that one client may cause in an hour, and everybody together in a day.
    int texts_per_client_per_hour = 60;
    int texts_per_day = 5000;

    // A range of numbers, those that differ in their last four digits only, gets so many texts that clients ask for in an
    // hour and in a day without a right code coming back; more look like somebody who earns on texts (SMS pumping). With `records_only`
    // they are sent all the same, and the caller is told.
    int unanswered_texts_per_hour = 20;
    int unanswered_texts_per_day = 60;
    bool text_guard_records_only = false;

    // How long a partner may ask about a person who signed in there.
    std::chrono::seconds auth_code_life{300};

    // A mailed link to confirm an address. NIST SP 800-63B, 4.2.1.2: at most 24 h for a code sent by mail.
    std::chrono::seconds opt_in_life{86400};

    // How long a partner that had an address or a number proven may take its time to sign its owner up.
    std::chrono::seconds proof_life{300};

    // Where people belong who sign up and name no channel. Known without being added.
    ChannelName default_channel = ChannelName::parse("default").value();

    // How long a partner may use an access token in place of its own.
    std::chrono::seconds access_token_life{3600};

    // Numbers a partner may ask about in a day.
    int look_ups_per_day = 100000;

    // Which text of the terms and of the privacy notice people agree to, as consents remember it.
    std::string terms_version = "1";
    std::string privacy_version = "1";

    // A mailed link to set a password. NIST SP 800-63B, 4.2.1.2: at most 24 h for a code sent by mail.
    std::chrono::seconds password_link_life{86400};

    // NIST SP 800-63B, 3.1.1.2: at least 15 characters where the password is the only factor; code points after NFC.
    int password_min_length = 15;

    // What hashing a password costs, by which it resists guessing: Argon2id (RFC 9106) with as many passes over so much
    // memory, one lane. Never less than OWASP's floor of 2 passes over 19 MiB. Older hashes are renewed at sign-in.
    int password_passes = 2;
    std::size_t password_memory = std::size_t{64} << 20;

    // Wrong passwords for one address, whoever tries. NIST SP 800-63B, 3.2.2: at most 100 in a row.
    int password_tries_per_hour = 20;
    int password_tries_per_day = 100;

    // Sign-ins and questions for mail from one client.
    int sign_ins_per_client_per_minute = 30;

    // How long a letter without a secret in it is worth delivering.
    std::chrono::seconds notice_life{259200};

    // What a partner asks for unchanged is one cause, and mails nobody twice, as long as it comes again within this.
    std::chrono::seconds cause_memory{172800};

    // At most one letter of a kind is caused by partners for one address within this.
    std::chrono::seconds notice_pause{86400};

    // How long an idempotency key is remembered.
    std::chrono::seconds repeat_window{86400};

    // Whether the address and the number of a deleted account may be used by a new one.
    bool release_deleted = false;
};

// How likely somebody who does nothing but guess is to hit one of the codes that are sent to one number, or to one
// address, within a day: never more likely than this.
//
// A guess is right with a chance of one in 10^code_digits, and is compared with the codes that are alive. So the chance
// is at most the number of pairs of a code and a guess that meet, over 10^code_digits. Of the pairs there are no more
// than either of these:
// - codes_per_day codes, each with as many guesses as its life has room for. Windows of guesses follow each other
//   without overlap and have room for code_tries each, whatever codes they are about; a life touches at most
//   1 + ceil(code_life / code_window) of them.
// - two codes, since no more are alive at once, with every guess of the day and of the life that follows it.
double guess_risk_per_day(Policy const&);

}

#pragma GCC visibility pop
