#pragma once

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "support/postgres_schema.hpp"

namespace onboard::testing {

// A server of the test's own, beside the one that the environment names; stopped and gone with it. A server of the same
// name that an earlier run left behind is stopped first.
class OwnPostgresServer {
public:
    explicit OwnPostgresServer(std::string const& name, std::string const& settings = "")
    {
        auto const shared = postgres_url();
        auto const begin = shared.find("host=") + 5;
        folder_ = shared.substr(begin, shared.find('&', begin) - begin) + "-" + name;
        run("start", settings);
    }
    ~OwnPostgresServer()
    {
        try {
            run("stop");
        } catch (std::runtime_error const&) {
            // The next start stops it.
        }
    }
    OwnPostgresServer(OwnPostgresServer const&) = delete;
    OwnPostgresServer& operator=(OwnPostgresServer const&) = delete;

    std::string url() const { return "postgresql:///postgres?host=" + folder_ + "&user=onboard"; }

    void execute(std::string const& sql) const { execute_in(url(), sql); }

    // Ends it and all its connections, and lets it run again.
    void restart() { run("restart"); }
    void halt() { run("halt"); }
    void resume() { run("resume"); }

private:
    void run(std::string const& action, std::string const& settings = "")
    {
        auto const command = "/usr/bin/python3 '" + std::string(ONBOARD_TEST_DATA) + "/support/postgres_server.py' " +
                             action + " '" + folder_ + "' " + settings;
        if (std::system(command.c_str()) != 0)
            throw std::runtime_error("failed: " + command);
    }

    std::string folder_;
};

}
