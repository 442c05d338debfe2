# Builds and runs the stranger's project. With PREFIX the library is first installed from BUILD to there; with SOURCE it
# is built from its sources, shared where SHARED says so: cmake -DPROJECT=... -DWORK=... (-DBUILD=... -DPREFIX=...
# [-DALL=ON] | -DSOURCE=... [-DSHARED=ON]) -P this file.
cmake_minimum_required(VERSION 3.23)

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")

set(options -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_FLAGS=${FLAGS}"
            "-DCMAKE_BUILD_TYPE=${CONFIG}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}")
if(ALL)
    list(APPEND options -DWITH_ALL=ON)
endif()
if(SHARED)
    list(APPEND options -DBUILD_SHARED_LIBS=ON -DCMAKE_UNITY_BUILD=ON)
endif()
if(PREFIX)
    execute_process(
        COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${PREFIX}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
    list(APPEND options "-DCMAKE_PREFIX_PATH=${PREFIX}")
else()
    list(APPEND options "-DONBOARD_SOURCE=${SOURCE}")
endif()

execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${PROJECT}" -B "${WORK}/build" ${options} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${WORK}/build" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${WORK}/build/stranger" "${WORK}/people.db" COMMAND_ERROR_IS_FATAL ANY)
