#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <onboard/courier.hpp>

namespace onboard::server::post {

// Delivers text messages into a directory, one file `<letter id>.json` each, as text_document() writes it, for a
// gateway that collects them, or for somebody trying things out. What DirectoryMailer promises of its files holds for
// these.
class DirectoryTexter : public Mailer {
public:
    // `host` is that of the public URL, without a port. Throws std::invalid_argument for one that is_text_host()
    // refuses.
    DirectoryTexter(std::filesystem::path directory, std::string host);

    // Throws DeliveryFailure, naming the file and the reason, and DeliveryRefused for a message that cannot be
    // written.
    void send(Letter const&, std::string_view code) override;

private:
    std::filesystem::path directory_;
    std::string host_;
};

}
