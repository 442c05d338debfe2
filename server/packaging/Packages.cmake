# Packages for Debian, made by cpack: of a build with -DBUILD_SHARED_LIBS=ON -DCMAKE_INSTALL_PREFIX=/usr.
set(abi "${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}")
set(runtime_package "libonboard${abi}")
set(development_package libonboard-dev)
set(server_package onboard-server)
set(debian "${CMAKE_CURRENT_LIST_DIR}/debian")
set(prepared "${PROJECT_BINARY_DIR}/debian")

# What belongs into packages only.
install(
    FILES "${CMAKE_CURRENT_LIST_DIR}/onboard-server.service" DESTINATION /lib/systemd/system
    COMPONENT onboard_server EXCLUDE_FROM_ALL)
install(
    FILES "${CMAKE_CURRENT_LIST_DIR}/onboard-server.sysusers" DESTINATION "lib/sysusers.d" RENAME onboard-server.conf
    COMPONENT onboard_server EXCLUDE_FROM_ALL)
install(
    FILES "${CMAKE_CURRENT_LIST_DIR}/onboard.toml" DESTINATION /etc/onboard
    COMPONENT onboard_server EXCLUDE_FROM_ALL)
install(
    FILES "${PROJECT_SOURCE_DIR}/docs/settings.md" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${server_package}"
    COMPONENT onboard_server EXCLUDE_FROM_ALL)
file(MAKE_DIRECTORY "${prepared}")
foreach(name IN ITEMS changelog onboard-server.1)
    set(from "${debian}/${name}")
    if(NOT EXISTS "${from}")
        set(from "${CMAKE_CURRENT_LIST_DIR}/${name}")
    endif()
    set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${from}")
    execute_process(COMMAND gzip -9nc "${from}" OUTPUT_FILE "${prepared}/${name}.gz" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
foreach(part IN ITEMS runtime development server)
    set(doc "${CMAKE_INSTALL_DATADIR}/doc/${${part}_package}")
    install(FILES "${debian}/copyright" DESTINATION "${doc}" COMPONENT onboard_${part} EXCLUDE_FROM_ALL)
    install(
        FILES "${prepared}/changelog.gz" DESTINATION "${doc}" RENAME changelog.Debian.gz
        COMPONENT onboard_${part} EXCLUDE_FROM_ALL)
endforeach()
install(
    FILES "${prepared}/onboard-server.1.gz" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1"
    COMPONENT onboard_server EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL onboard_runtime onboard_development onboard_server)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_NAME} built using CMake")  # cpack's word for: the first line of each
set(CPACK_PACKAGE_CONTACT "The onboard authors <maintainers@onboard.invalid>")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${PROJECT_BINARY_DIR}/libonboard")
set(same_version "(= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")

set(CPACK_DEBIAN_ONBOARD_RUNTIME_PACKAGE_NAME "${runtime_package}")
set(CPACK_DEBIAN_ONBOARD_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_ONBOARD_RUNTIME_PACKAGE_CONTROL_EXTRA "${debian}/triggers")
set(CPACK_COMPONENT_ONBOARD_RUNTIME_DESCRIPTION
"takes people on board: what programs need that are linked to it
Registers people, hands out login links and codes, sets passwords, and knows
who is signed in. People are kept in an SQLite file or in PostgreSQL.

These are the shared libraries.")

set(CPACK_DEBIAN_ONBOARD_DEVELOPMENT_PACKAGE_NAME "${development_package}")
set(CPACK_DEBIAN_ONBOARD_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_ONBOARD_DEVELOPMENT_PACKAGE_DEPENDS "${runtime_package} ${same_version}")
set(CPACK_COMPONENT_ONBOARD_DEVELOPMENT_DESCRIPTION
"takes people on board: for those who build programs with it
Registers people, hands out login links and codes, sets passwords, and knows
who is signed in. People are kept in an SQLite file or in PostgreSQL.

These are the headers, the files for CMake and for pkg-config, and the suite
that checks storages of your own.")

set(CPACK_DEBIAN_ONBOARD_SERVER_PACKAGE_NAME "${server_package}")
set(CPACK_DEBIAN_ONBOARD_SERVER_PACKAGE_SECTION net)
set(CPACK_DEBIAN_ONBOARD_SERVER_PACKAGE_DEPENDS
    "${runtime_package} ${same_version}, systemd | systemd-standalone-sysusers, init-system-helpers (>= 1.54)")
set(CPACK_DEBIAN_ONBOARD_SERVER_PACKAGE_CONTROL_EXTRA
    "${debian}/conffiles" "${debian}/postinst" "${debian}/prerm" "${debian}/postrm")
set(CPACK_COMPONENT_ONBOARD_SERVER_DESCRIPTION
"brings people on board: partners register and log in their users
An HTTP server for registration by partners, login links, codes by mail and
text message, and passwords, with pages in four languages.

It keeps people in an SQLite file or in PostgreSQL, and is administered by
commands of the same program.")
include(CPack)
