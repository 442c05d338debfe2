# Builds the library and the server as distributors do, with shared libraries for below /usr:
# cmake -DSOURCE=... -DBUILD=... -DGENERATOR=... -DCOMPILER=... -P this file.
cmake_minimum_required(VERSION 3.23)

execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${BUILD}" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${COMPILER}"
            -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=/usr -DBUILD_SHARED_LIBS=ON -DONBOARD_TESTS=OFF
            -DONBOARD_EXAMPLES=OFF COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${BUILD}" --parallel 2 COMMAND_ERROR_IS_FATAL ANY)
