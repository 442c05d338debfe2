# The conformance suite, for storages of your own. With the installed package:
#
#     find_package(onboard 0.1 REQUIRED COMPONENTS conformance)
#     enable_testing()
#     onboard_add_conformance_test(my-conformance my_storage_under_test.cpp LIBRARIES my_storage)
#
# With onboard's sources below your own, include this file instead. It needs Catch2, version 2.13 or later, or 3.
find_package(Catch2 REQUIRED)
if(Catch2_VERSION VERSION_LESS 2.13)
    message(FATAL_ERROR "The conformance suite needs Catch2 2.13 or later, and this is ${Catch2_VERSION}")
endif()
find_package(Threads REQUIRED)
include(Catch)

# All checks, built once for all storages of a project.
function(onboard_conformance_suite)
    if(TARGET onboard_conformance)
        return()
    endif()
    set(suite "${CMAKE_CURRENT_FUNCTION_LIST_DIR}")
    add_library(
        onboard_conformance OBJECT
        "${suite}/accounts.cpp"
        "${suite}/audit_trail.cpp"
        "${suite}/auth_codes.cpp"
        "${suite}/causes.cpp"
        "${suite}/codes.cpp"
        "${suite}/consents.cpp"
        "${suite}/email_changes.cpp"
        "${suite}/identifiers.cpp"
        "${suite}/identities.cpp"
        "${suite}/login_links.cpp"
        "${suite}/organisations.cpp"
        "${suite}/outbox.cpp"
        "${suite}/partners.cpp"
        "${suite}/password_links.cpp"
        "${suite}/passwords.cpp"
        "${suite}/repeated_requests.cpp"
        "${suite}/rows.cpp"
        "${suite}/sessions.cpp"
        "${suite}/token_issuers.cpp"
        "${suite}/unit_of_work.cpp"
        "${suite}/used_tokens.cpp")
    target_include_directories(onboard_conformance PUBLIC "${suite}/..")
    target_link_libraries(onboard_conformance PUBLIC onboard::testing Catch2::Catch2 Threads::Threads)
endfunction()

# onboard_add_conformance_test(PROGRAM SOURCE... [LIBRARIES LIBRARY...] [TEST_PREFIX PREFIX] [PROPERTIES NAME VALUE...])
#
# Makes a program that runs the suite against one storage: the one that a source opens by defining what
# conformance/storage_under_test.hpp declares. Each check is a test with these properties, called PREFIX and then what
# it checks. The prefix is "PROGRAM: " unless you say otherwise.
function(onboard_add_conformance_test program)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TEST_PREFIX" "LIBRARIES;PROPERTIES")
    if(NOT arg_TEST_PREFIX)
        set(arg_TEST_PREFIX "${program}: ")
    endif()
    onboard_conformance_suite()
    add_executable(${program} ${arg_UNPARSED_ARGUMENTS})
    target_link_libraries(${program} PRIVATE onboard_conformance ${arg_LIBRARIES} Catch2::Catch2WithMain)
    catch_discover_tests(${program} TEST_PREFIX "${arg_TEST_PREFIX}" PROPERTIES ${arg_PROPERTIES})
endfunction()
