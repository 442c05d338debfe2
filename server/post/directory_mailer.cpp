#include "server/post/directory_mailer.hpp"

#include <utility>

#include "server/post/drop_box.hpp"
#include "server/post/letter_message.hpp"
#include "server/post/mime.hpp"

namespace onboard::server::post {

DirectoryMailer::DirectoryMailer(
    std::filesystem::path directory, std::string from, std::string public_url, Clock const& clock)
    : directory_(std::move(directory)), from_(std::move(from)), public_url_(std::move(public_url)), clock_(clock)
{
    check_address(from_);
}

void DirectoryMailer::send(Letter const& letter, std::string_view secret)
{
    drop(directory_, letter.id, ".eml", message_of(letter, secret, from_, public_url_, clock_.now()));
}

}
