#include "server/post/letter_message.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include <onboard/error.hpp>

#include "server/post/letter_text.hpp"
#include "server/post/mime.hpp"

namespace onboard::server::post {

std::string message_of(
    Letter const& letter, std::string_view secret, std::string_view from, std::string_view public_url, Instant date)
try {
    return message(letter, write(letter, secret, public_url), from, date);
} catch (std::invalid_argument const& error) {
    throw DeliveryRefused(fmt::format("cannot write a letter: {}", error.what()));
}

}
