# Puts a file into the program: cmake -DFILE=… -DNAME=… -DOUTPUT=….cpp -P this file. Octets and not a literal, which
# compilers limit in length.
cmake_minimum_required(VERSION 3.23)

file(READ "${FILE}" octets HEX)
string(REGEX REPLACE "(..)" "0x\\1," octets "${octets}")
string(REGEX REPLACE "(................................................................................)" "\\1\n"
       octets "${octets}")
file(WRITE "${OUTPUT}"
"#include \"server/embedded.hpp\"

namespace onboard::server::embedded {

namespace {

constexpr unsigned char ${NAME}_octets[] = {
${octets}
};

}

std::string_view ${NAME}()
{
    return {reinterpret_cast<char const*>(${NAME}_octets), sizeof ${NAME}_octets};
}

}
")
