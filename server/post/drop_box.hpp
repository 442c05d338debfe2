#pragma once

#include <filesystem>
#include <string_view>

namespace onboard::server::post {

// Puts a file `<id><extension>` into a directory. It appears whole or not at all, is there after a power cut once
// this has returned, and replaces one of the same name. Only the owner can read what is made: the file, and the
// directory if it was missing. Safe to use from many threads and processes. Throws DeliveryFailure, naming the file
// and the reason.
//
// The id has to pass is_letter_id().
void drop(
    std::filesystem::path const& directory, std::string_view id, std::string_view extension,
    std::string_view contents);

}
