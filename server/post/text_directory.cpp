#include "server/post/text_directory.hpp"

#include <stdexcept>
#include <utility>

#include "server/post/drop_box.hpp"
#include "server/post/text_message.hpp"

namespace onboard::server::post {

DirectoryTexter::DirectoryTexter(std::filesystem::path directory, std::string host)
    : directory_(std::move(directory)), host_(std::move(host))
{
    if (!is_text_host(host_))
        throw std::invalid_argument("not a host that a text message has room for");
}

void DirectoryTexter::send(Letter const& letter, std::string_view code)
{
    drop(directory_, letter.id, ".json", text_document(letter, code, host_));
}

}
