# Builds and runs the stranger's program without CMake: by what pkg-config says of the library installed from BUILD to
# PREFIX: cmake -DPROJECT=... -DCOMPILER=... -DWORK=... -DBUILD=... -DPREFIX=... -P this file.
cmake_minimum_required(VERSION 3.23)

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
execute_process(
    COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${PREFIX}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(GLOB_RECURSE found "${PREFIX}/*/onboard.pc")
get_filename_component(folder "${found}" DIRECTORY)
get_filename_component(libraries "${folder}" DIRECTORY)

execute_process(
    COMMAND "${CMAKE_COMMAND}" -E env "PKG_CONFIG_PATH=${folder}" pkg-config --cflags --libs
            onboard-sqlite onboard-postgres onboard-jwt onboard-testing
    OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
message(STATUS "pkg-config: ${flags}")
separate_arguments(flags UNIX_COMMAND "${flags}")
execute_process(
    COMMAND "${COMPILER}" -std=c++20 -Wall -Wextra -Wpedantic -Wshadow -Werror -DWITH_ALL "${PROJECT}/main.cpp"
            -o "${WORK}/stranger" ${flags} "-Wl,-rpath,${libraries}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${WORK}/stranger" "${WORK}/people.db" COMMAND_ERROR_IS_FATAL ANY)
