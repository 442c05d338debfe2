#pragma once

#include <string>
#include <string_view>

#include <onboard/person.hpp>

namespace onboard::server::pages {

// The picture at the head of a page: decoration, never the only bearer of a meaning.
enum class Emblem { person, door, lock, key, broken_link, envelope, phone, shield, warning, tick };

// How a page feels: good news and everyday things, or something in the way.
enum class Tone { calm, caution };

// What one page holds. Everything in it is HTML already.
struct Content {
    Emblem emblem;
    Tone tone = Tone::calm;
    std::string_view title;  // plain words, for the browser's tab
    std::string heading;
    std::string body;
};

// A complete document that loads one stylesheet and nothing else.
std::string document(Language, Content const&);

// The picture that stands for onboard, in the colours of the stylesheet.
std::string_view logo();

// A sentence or more of its own.
std::string paragraph(std::string_view html);

// The picture in front of a notice.
std::string_view notice_mark();

}
