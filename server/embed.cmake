# Puts a file into the program: cmake -DFILE=… -DNAME=… -DOUTPUT=….cpp -P this file. Octets and not a literal, which
# compilers limit in length.
cmake_minimum_required(VERSION 3.23)

file(READ "${FILE}" octets HEX)
string(LENGTH "${octets}" count)
math(EXPR count "${count} / 2")
string(REGEX REPLACE "(..)" "0x\\1," octets "${octets}")
string(REGEX REPLACE "(................................................................................)" "\\1\n"
       octets "${octets}")
file(WRITE "${OUTPUT}"
"#include \"server/embedded.hpp\"

#include <array>

namespace onboard::server::embedded {

namespace {

constexpr std::array<unsigned char, ${count}> ${NAME}_octets{
${octets}
};

}

std::string_view ${NAME}()
{
    return {reinterpret_cast<char const*>(${NAME}_octets.data()), ${NAME}_octets.size()};
}

}
")
