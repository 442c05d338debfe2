# What may include what, checked against the #include lines of every source: cmake -DROOT=<repository> -P this file.
# All headers of Boost share one folder, and so do all of ours, so that linking cannot enforce it. Names the file and the
# line of every breach.
cmake_minimum_required(VERSION 3.23)

execute_process(
    COMMAND grep -rnE --include=*.hpp --include=*.cpp "^[ \t]*#[ \t]*include" libonboard server examples tests
    WORKING_DIRECTORY "${ROOT}"
    OUTPUT_VARIABLE found
    COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE "\n$" "" found "${found}")
string(REPLACE "\n" ";" includes "${found}")
list(LENGTH includes count)
if(count LESS 100)
    message(FATAL_ERROR "only ${count} #include lines were found below ${ROOT}: is this the repository?")
endif()

set(breaches 0)

# Splits "file:line:#include <header>" into file, place and header.
macro(read_include include)
    string(REGEX MATCH "^([^:]+):([0-9]+):[ \t]*#[ \t]*include[ \t]*[<\"]([^>\"]+)[>\"]" matched "${include}")
    set(file "${CMAKE_MATCH_1}")
    set(place "${CMAKE_MATCH_1}:${CMAKE_MATCH_2}")
    set(header "${CMAKE_MATCH_3}")
endmacro()

macro(breach rule)
    message(SEND_ERROR "${place}: includes ${header}, but ${rule}")
    math(EXPR breaches "${breaches} + 1")
endmacro()

# Headers that have a home: nobody else includes them.
function(only_in header_pattern home_pattern rule)
    foreach(include IN LISTS includes)
        read_include("${include}")
        if(header MATCHES "${header_pattern}" AND NOT file MATCHES "${home_pattern}")
            breach("${rule}")
        endif()
    endforeach()
    set(breaches ${breaches} PARENT_SCOPE)
endfunction()

# Headers that some files must not know.
function(never_in file_pattern header_pattern rule)
    foreach(include IN LISTS includes)
        read_include("${include}")
        if(file MATCHES "${file_pattern}" AND header MATCHES "${header_pattern}")
            breach("${rule}")
        endif()
    endforeach()
    set(breaches ${breaches} PARENT_SCOPE)
endfunction()

# Files that include these headers and no others.
function(nothing_but file_pattern header_pattern rule)
    foreach(include IN LISTS includes)
        read_include("${include}")
        if(file MATCHES "${file_pattern}" AND NOT header MATCHES "${header_pattern}")
            breach("${rule}")
        endif()
    endforeach()
    set(breaches ${breaches} PARENT_SCOPE)
endfunction()

set(nowhere "^$")
set(standard "[a-z_]+")
set(around_the_library "server|examples|tests")
set(transport "server/http/(awaitable|http_server|mailbox|request_log|session|stream|tls)\\.[ch]pp")

# cmake-format: off
#        header                         home                                           rule
only_in("^unicode/"                     "^libonboard/src/(unicode|transliterate)\\.cpp$" "ICU is for unicode.cpp and transliterate.cpp alone")
only_in("^idn2"                         "^libonboard/src/host_name\\.cpp$"             "libidn2 is for host_name.cpp alone")
only_in("^sodium"                       "^libonboard/src/(secrets|ports|password)\\.cpp$" "libsodium is for secrets.cpp, ports.cpp and password.cpp alone")
only_in("^zxcvbn"                       "^libonboard/src/password\\.cpp$"              "zxcvbn is for password.cpp alone")
only_in("^(SQLiteCpp/|sqlite3)"         "^(libonboard/src/sqlite/|tests/(sqlite/beside|power_loss/computer|benchmark/raw_sqlite)\\.cpp$)" "SQLite is for src/sqlite alone")
only_in("^(libpq|postgres_ext|pg_config)" "^(libonboard/src/postgres/|tests/(postgres_test|support/postgres_[a-z]+|benchmark/raw_postgres)\\.[ch]pp$)" "libpq is for src/postgres alone")
only_in("^boost/"                       "^(${around_the_library}|libonboard/src/jwt)/"  "the library knows no Boost, but for tokens of others")
only_in("^boost/(beast|asio)"           "^(${transport}|server/commands/serve\\.cpp|examples/own_service\\.cpp|tests/benchmark/raw_http\\.cpp)$" "Beast and Asio are for the transport alone")
only_in("^openssl/"                     "^(server/http/(tls|credentials)\\.[ch]pp|libonboard/src/jwt/(key\\.cpp|openssl\\.hpp))$" "OpenSSL is for tls.cpp, credentials.cpp and the keys of tokens alone")
only_in("(^|/)jwt[./]"                  "^(${around_the_library}|libonboard/src/jwt)/"  "nothing else in the library knows tokens of others")
only_in("^curl/"                         "^server/curl_handle\\.hpp$"                   "libcurl comes through curl_handle.hpp")
only_in("^server/curl_handle\\."          "^server/(curl_handle|identity/https_get|post/(smtp_mailer|text_gateway))\\.cpp$" "libcurl is for those who deliver, and for keys")
only_in("^toml"                         "^server/settings/sources\\.cpp$"              "toml++ is for settings/sources.cpp alone")
only_in("^CLI/"                         "^server/commands/command_line\\.cpp$"         "CLI11 is for command_line.cpp alone")
only_in("^catch2/"                      "^tests/support/catch\\.hpp$"                  "tests include Catch2 through support/catch.hpp")
only_in("^benchmark/benchmark\\.h$"     "^tests/benchmark/in_process\\.cpp$"             "Google Benchmark is for in_process.cpp alone")
only_in("^regex$"                       "^tests/"                                      "std::regex takes stack and time in proportion to what strangers send")
only_in("^server/contracts/(partner|sso|sunbird|portal|browser|application|operations)\\." "${nowhere}" "contracts do not know each other")

#         file                          header                                         rule
never_in("^libonboard/"                 "^(server|tests|examples)/"                    "the library knows nothing of those who use it")
never_in("^libonboard/"                 "^fmt/"                                        "the library knows no fmt")
never_in("^libonboard/src/[^/]*$"       "(^|/)(sqlite|postgres|memory|use_cases)/"     "the core knows no storage and no use case")
never_in("^libonboard/src/use_cases/"   "(sqlite|postgres|memory)[_/]"                 "use cases know no particular storage")
never_in("^libonboard/src/(sqlite|postgres|memory)/" "(use_cases|onboard/(onboard|administration|courier)\\.hpp)" "a storage knows no use case")
never_in("^libonboard/src/sqlite/"      "(^|/)(postgres|libpq)"                        "storages do not know each other")
never_in("^libonboard/src/postgres/"    "(^|/)(sqlite|SQLiteCpp)"                      "storages do not know each other")
never_in("^server/http/"                "^server/(contracts|commands|identity|pages|post|settings)" "the HTTP layer knows no contract")
never_in("^server/contracts/"           "^(onboard/.*storage|server/(commands|identity|post|settings))" "a contract knows no storage")
never_in("^server/identity/"            "^server/(contracts|commands|pages|post)/"     "who asks identity providers knows no wire")
never_in("^server/(pages|post)/"        "^server/(http|contracts|commands)"            "pages and letters know no HTTP")
never_in("^(server|examples)/"          "^tests/|^support/"                            "what ships knows no test")

#            file                       headers                                        rule
nothing_but("^libonboard/include/"      "^(${standard}|onboard/.*)$"                   "public headers know the standard library and each other")
nothing_but("^libonboard/src/jwt/"      "^(${standard}|onboard/jwt\\.hpp|[a-z0-9_]+\\.hpp|boost/json/.*|openssl/.*)$" "tokens of others need Boost.JSON and OpenSSL alone")
nothing_but("^tests/conformance/"       "^(${standard}|onboard/.*|support/.*|conformance/.*)$" "the conformance suite must compile in a stranger's project")
nothing_but("^tests/support/(catch|together)\\.hpp$" "^(${standard}|onboard/.*|catch2/.*)$" "what the conformance suite takes along must compile there, too")
# cmake-format: on

if(breaches GREATER 0)
    message(FATAL_ERROR "${breaches} breaches")
endif()
message(STATUS "${count} #include lines keep to the table")
