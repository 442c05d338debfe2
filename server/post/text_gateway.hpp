#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include <onboard/courier.hpp>

namespace onboard::server::post {

// Where a gateway takes text messages, and who we are to it.
struct TextGatewayAddress {
    std::string url;         // https, or http to this machine
    std::string token = {};  // sent as a bearer; empty for a gateway that wants none
};

// How long a gateway may take.
struct TextGatewayLimits {
    std::chrono::milliseconds connect{5000};   // to be found, to answer and to take up TLS
    std::chrono::milliseconds message{15000};  // for one message, connecting included
};

// Hands text messages to a gateway: each is a POST of what text_document() writes, over a connection that is kept for
// the next one. For one thread: each that delivers has a texter of its own. TLS is as SmtpMailer has it.
//
// A message may be posted more than once. Its id is sent as the Idempotency-Key, by which the gateway tells: so a
// message whose answer was lost is posted again, and nothing is ever DeliveryUnknown.
class TextGateway : public Mailer {
public:
    // `host` is that of the public URL, without a port. Throws std::invalid_argument for a URL that is neither https
    // nor http to this machine or has a user or a fragment, a token that is not visible ASCII, and a host that
    // is_text_host() refuses. Once a stop is requested, a message under way is left within a second or so.
    TextGateway(TextGatewayAddress const&, std::string host, std::stop_token = {}, TextGatewayLimits const& = {});
    ~TextGateway() override;

    // Throws DeliveryRefused for a message that cannot be written and for any status but these: 2xx, by which it is
    // taken, and 408, 425, 429 and 5xx, for which it throws DeliveryFailure, as it does where there is no answer in
    // time. No exception repeats the number, the text, the token or words of the gateway.
    void send(Letter const&, std::string_view code) override;

private:
    class Transport;

    std::string host_;
    std::unique_ptr<Transport> transport_;
};

}
