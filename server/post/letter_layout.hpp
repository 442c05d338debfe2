#pragma once

#include <span>
#include <string>
#include <string_view>

#include <onboard/person.hpp>

// How the letters look: as text, and as HTML beside it.
namespace onboard::server::post {

// A piece of a letter. The parts of a text have an empty line between them.
struct Part {
    std::string text;
    std::string html;
};

// The same words twice, with values in them that are text in the one and HTML in the other.
Part paragraph(std::string_view text, std::string_view html);

// What matters least, and comes last.
Part closing_paragraph(std::string_view sentence);

// A code, in one piece to be copied, and in groups to be read.
Part code_to_copy(std::string_view code);

// The main way on. `address` is shown as it is only in the text, where it stands alone.
Part button(std::string_view label, std::string_view address);

// A button for what is good only once: HTML shows the address, too, after `copy`, for whom the button does not work.
Part button_and_address(std::string_view label, std::string_view address, std::string_view copy);

// Another way on, at the end of a sentence.
Part sentence_and_link(std::string_view sentence, std::string_view label, std::string_view address);

std::string text_letter(std::span<Part const>, std::string_view automatic);
std::string html_letter(Language, std::string_view subject, std::span<Part const>, std::string_view automatic);

}
