# What is installed of the library, in two parts: what programs need that are linked to it shared, and what those need who
# build such programs.
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/onboard")
set(conformance_dir "${CMAKE_INSTALL_DATADIR}/onboard/conformance")

# One of the exported sets of targets, by its name: the libraries that need nothing that onboard itself does not need come
# in one set, and each other in its own.
function(install_libraries set)
    install(
        TARGETS ${ARGN}
        EXPORT ${set}
        LIBRARY COMPONENT onboard_runtime NAMELINK_COMPONENT onboard_development
        ARCHIVE COMPONENT onboard_development
        FILE_SET HEADERS COMPONENT onboard_development)
    install(EXPORT ${set} NAMESPACE onboard:: DESTINATION "${package_dir}" COMPONENT onboard_development)
endfunction()
install_libraries(onboardTargets onboard onboard_sqlite onboard_testing)
if(ONBOARD_POSTGRES)
    install_libraries(onboardPostgresTargets onboard_postgres)
endif()
if(ONBOARD_JWT)
    install_libraries(onboardJwtTargets onboard_jwt)
endif()

configure_package_config_file(
    cmake/onboardConfig.cmake.in "${CMAKE_CURRENT_BINARY_DIR}/onboardConfig.cmake"
    INSTALL_DESTINATION "${package_dir}"
    PATH_VARS conformance_dir)
write_basic_package_version_file(
    "${CMAKE_CURRENT_BINARY_DIR}/onboardConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(
    FILES "${CMAKE_CURRENT_BINARY_DIR}/onboardConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/onboardConfigVersion.cmake"
          cmake/FindSodium.cmake cmake/FindLibidn2.cmake cmake/FindZxcvbn.cmake
    DESTINATION "${package_dir}"
    COMPONENT onboard_development)

# For those who build without CMake. Paths are told from where the file is found, so that the tree may be moved. A static
# library cannot say what it needs, so that its file does; of a shared one only linking statically would need it.
set(pkgconfig_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
file(RELATIVE_PATH up "/${pkgconfig_dir}" "/")
string(REGEX REPLACE "/$" "" up "${up}")
function(install_pkgconfig name description requires)
    set(needed "")
    foreach(library IN LISTS ARGN)
        string(APPEND needed " -l${library}")
    endforeach()
    set(libs "-L\${libdir} -l${name}")
    set(libs_private "")
    if(BUILD_SHARED_LIBS)
        set(libs_private "${needed}")
    else()
        string(APPEND libs "${needed}")
    endif()
    configure_file(cmake/onboard.pc.in "${CMAKE_CURRENT_BINARY_DIR}/${name}.pc" @ONLY)
    install(
        FILES "${CMAKE_CURRENT_BINARY_DIR}/${name}.pc" DESTINATION "${pkgconfig_dir}" COMPONENT onboard_development)
endfunction()
install_pkgconfig(onboard "${PROJECT_DESCRIPTION}" "" sodium icui18n icuuc idn2 zxcvbn m)
install_pkgconfig(onboard-sqlite "Storage of onboard in one SQLite file" onboard SQLiteCpp sqlite3)
install_pkgconfig(onboard-testing "A clock that stands still, for tests of rules about onboard's people" onboard)
if(ONBOARD_POSTGRES)
    install_pkgconfig(onboard-postgres "Storage of onboard in a PostgreSQL database" onboard pq)
endif()
if(ONBOARD_JWT)
    install_pkgconfig(onboard-jwt "Tokens that others signed, checked" onboard boost_json crypto)
endif()

# What storages promise, for those who write one: as sources, which they build with their own Catch2.
set(tests_dir "${PROJECT_SOURCE_DIR}/tests")
install(
    DIRECTORY "${tests_dir}/conformance/"
    DESTINATION "${conformance_dir}"
    COMPONENT onboard_development
    PATTERN "memory.cpp" EXCLUDE
    PATTERN "postgres.cpp" EXCLUDE
    PATTERN "sqlite.cpp" EXCLUDE)
install(
    FILES "${tests_dir}/support/catch.hpp" "${tests_dir}/support/together.hpp"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/onboard/support"
    COMPONENT onboard_development)
