# Installs the package from BUILD to PREFIX, builds the stranger's storage against it, and runs the suite that came along:
# cmake -DPROJECT=... -DWORK=... -DBUILD=... -DPREFIX=... -P this file.
cmake_minimum_required(VERSION 3.23)

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")

execute_process(
    COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${PREFIX}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${PROJECT}" -B "${WORK}/build" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${COMPILER}"
            "-DCMAKE_CXX_FLAGS=${FLAGS}" -DCMAKE_BUILD_TYPE= "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}"
            "-DCMAKE_PREFIX_PATH=${PREFIX}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${WORK}/build" COMMAND_ERROR_IS_FATAL ANY)

# Each check by its name, from what CTest knows of the project.
execute_process(
    COMMAND "${CMAKE_CTEST_COMMAND}" --test-dir "${WORK}/build" --tests-regex "^shelf-conformance: ?" --no-tests=error
            --output-on-failure --parallel 2 COMMAND_ERROR_IS_FATAL ANY)

# What the mistake is, the suite says.
set(check "committed work is seen by the next unit of work")
execute_process(
    COMMAND "${CMAKE_CTEST_COMMAND}" --test-dir "${WORK}/build" --tests-regex "^forgetful: ?${check}$" --no-tests=error
    OUTPUT_VARIABLE said RESULT_VARIABLE failed)
if(NOT failed OR NOT said MATCHES "forgetful: ?${check} \\(Failed\\)")
    message(FATAL_ERROR "the forgetful storage was not rejected for what it forgets:\n${said}")
endif()
