#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <onboard/courier.hpp>

namespace onboard::server::post {

// Delivers letters into a directory, one file `<letter id>.eml` each, for a mail system that collects them, or for
// somebody trying things out. A file appears whole or not at all, is there after a power cut once send() has
// returned, and is replaced when its letter comes again. Only the owner can read what it makes: the files, and the
// directory if it was missing. Safe to use from many threads and processes.
class DirectoryMailer : public Mailer {
public:
    // The clock must outlive this. Throws std::invalid_argument if `from` is not a bare address.
    DirectoryMailer(std::filesystem::path directory, std::string from, std::string public_url, Clock const& clock);

    // Throws DeliveryFailure, naming the file and the reason, and DeliveryRefused for a letter that cannot be written.
    void send(Letter const&, std::string_view secret) override;

private:
    std::filesystem::path directory_;
    std::string from_;
    std::string public_url_;
    Clock const& clock_;
};

}
