#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace onboard::server::pages {

// One thing that can be asked of the server. Refers to the description it is of.
struct ApiCall {
    std::string_view method;                    // in capitals
    std::string_view path;                      // with {parameters}
    std::vector<std::string_view> other_paths;  // that lead to the very same
    boost::json::object const* operation;       // of OpenAPI
    std::vector<boost::json::object const*> parameters;

    std::string_view id() const;
    std::string_view tag() const;

    // Whether a request needs nobody's name.
    bool open_to_all() const;

    // Whether it takes these credentials, by the name of their scheme.
    bool takes(std::string_view scheme) const;
};

// An OpenAPI 3.1 document, with its references followed.
class ApiDescription {
public:
    // Throws std::invalid_argument for what is no such document.
    explicit ApiDescription(std::string_view text);

    boost::json::object const& document() const { return document_.get_object(); }

    // In the order of the document, the paths that are another's among its other paths.
    std::vector<ApiCall> const& calls() const { return calls_; }

    // What is meant: the object itself, or the one it refers to. Throws std::invalid_argument where there is none.
    boost::json::object const& meant(boost::json::value const&) const;

    // The last part of a reference; empty if it is none.
    static std::string_view name_of_reference(boost::json::value const&);

private:
    void read_path(std::string_view path, boost::json::object const& item);

    boost::json::value document_;
    std::vector<ApiCall> calls_;
};

// A text member of an object; empty if it is not there.
std::string_view text_of(boost::json::object const&, std::string_view member);

// A member that is an object; an empty one if it is not there.
boost::json::object const& object_of(boost::json::object const&, std::string_view member);

// What a request or an answer of a media type looks like: its example, or the first of several.
boost::json::value const* example_of(boost::json::object const& media);

}
